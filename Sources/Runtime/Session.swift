import NASLib
import Lang
