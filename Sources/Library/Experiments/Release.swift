import Runtime

/// The version of padash.
package enum Release {
    package static let version = "0.1.0"
}
