import Testing
@testable import NASLib
