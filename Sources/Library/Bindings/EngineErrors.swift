import NASLib
import Runtime

// What users cause in the engine, in the language's terms.

extension RanksError: UserFacingError {
    package var runtimeError: RuntimeError { RuntimeError(.ranks, message, hint: hint) }
}

extension ShapeError: UserFacingError {
    package var runtimeError: RuntimeError { RuntimeError(.shape, message) }
}

extension OpenBLASError: UserFacingError {
    package var runtimeError: RuntimeError { RuntimeError(.error, message, hint: hint) }
}

extension DataError: UserFacingError {
    package var runtimeError: RuntimeError { RuntimeError(.value, message, hint: hint, parameter: parameter) }
}

extension SpaceError: UserFacingError {
    package var runtimeError: RuntimeError { RuntimeError(.value, message, hint: hint, parameter: parameter) }
}

extension MatrixError: UserFacingError {
    package var runtimeError: RuntimeError { RuntimeError(.value, message) }
}

extension SamplingError: UserFacingError {
    package var runtimeError: RuntimeError { RuntimeError(.value, message, hint: hint, parameter: parameter) }
}
