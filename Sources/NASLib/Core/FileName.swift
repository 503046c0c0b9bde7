import Foundation

/// A file's name as the system has it: bytes, as a rule of UTF-8.
package struct FileName: Sendable, Comparable {
    package let bytes: [UInt8]

    package init(_ text: String) { bytes = Array(text.utf8) }
    init(bytes: [UInt8]) { self.bytes = bytes }

    package init(cString: UnsafePointer<CChar>) { bytes = Array(UnsafeRawBufferPointer(start: cString, count: strlen(cString))) }

    /// nil where it is not UTF-8, so that no string can be the name.
    package var text: String? { String(validating: bytes, as: UTF8.self) }

    /// For messages: a byte that is not part of UTF-8 is `\xE9`.
    package var shown: String {
        if let text { return text }
        var shown = ""
        var rest = bytes[...]
        while let byte = rest.first {
            let length = (1...4).first { String(validating: rest.prefix($0), as: UTF8.self) != nil }
            shown += length.map { String(decoding: rest.prefix($0), as: UTF8.self) } ?? "\\x" + String(byte, radix: 16, uppercase: true)
            rest = rest.dropFirst(length ?? 1)
        }
        return shown
    }

    package static func < (a: FileName, b: FileName) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}
