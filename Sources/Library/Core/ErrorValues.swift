import Runtime

extension Library {
    /// What a `catch` binds.
    static let errors: [Builtin] = [
        .property("error.message", "What went wrong, in a sentence.") { call in
            call.string(try call.receiver(PadaError.self).diagnostic.message)
        },
        .property("error.kind",
            """
            `syntax`, `name`, `type`, `value`, `shape`, `index`, `key`, \
            `arithmetic`, `io`, `limit`, or `error` for what `throw` raised.
            """) { call in
            call.string(try call.receiver(PadaError.self).diagnostic.kind.rawValue)
        },
        .property("error.hint", "Advice on how to fix the error, or nil.") { call in
            try call.receiver(PadaError.self).diagnostic.hint.map(call.string) ?? .nil
        },
        .property("error.line", "The line of the error, counted from 1; nil if it is not known.") { call in
            try call.receiver(PadaError.self).diagnostic.place.map { .int($0.source.position(at: $0.span.start).line) } ?? .nil
        },
        .property("error.trace", "The calls that led to the error, innermost first, as strings.") { call in
            try call.list(try call.receiver(PadaError.self).diagnostic.trace.map(\.description))
        },
        .property("error.value", "The thrown value, if it was neither a text nor an error; otherwise nil.") { call in
            try call.receiver(PadaError.self).thrown ?? .nil
        },
    ]
}
