import NASLib

// What users cause in the engine, in the language's terms.

extension ShapeError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.shape, message) }
}

extension OpenBLASError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.error, message, hint: hint) }
}

extension DataError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.value, message, hint: hint, parameter: parameter) }
}

extension SpaceError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.value, message, hint: hint, parameter: parameter) }
}

extension MatrixError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.value, message) }
}

extension SamplingError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.value, message, hint: hint, parameter: parameter) }
}
