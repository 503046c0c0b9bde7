// The types of OpenBLAS's functions. NASLib loads the library itself, at the first use (Sources/NASLib/Tensor/OpenBLAS.swift).
#include <cblas.h>

typedef __typeof__(cblas_sgemm) *COpenBLAS_sgemm;
