import Text
import Testing

/// Numbers in text. What is a number, and which, is what Python's `float` and `int` say of the same texts.
@Suite struct NumberTexts {
    private func read<Number>(_ text: String, _ reader: (UnsafeBufferPointer<UInt8>) -> Number?) -> Number? {
        var text = text
        return text.withUTF8(reader)
    }

    @Test(arguments: [
        ("0", 0), ("-0", -0.0), ("+5", 5), (" 7.25\n", 7.25), ("\t1\r\n", 1), ("5.", 5), (".5", 0.5), ("1e3", 1000), ("1E+3", 1000), ("1.e-2", 0.01), ("007", 7),
        ("0.1", 0.1), ("123456789012345", 123456789012345), ("1234567890123456789", 1234567890123456789), ("0.30000000000000004", 0.30000000000000004),
        ("9007199254740993", 9007199254740992), ("1.7976931348623157e308", .greatestFiniteMagnitude), ("5e-324", 5e-324), ("1e-400", 0), ("1e400", .infinity),
        ("0.0000000000000000000000000000000001", 1e-34), ("inf", .infinity), ("-Infinity", -.infinity), ("1_000.5_0", 1000.5), ("1e1_0", 1e10), ("18446744073709551616", 18446744073709551616),
    ] as [(String, Double)])
    func floats(text: String, value: Double) {
        #expect(read(text) { NumberText.float($0, underscores: true) }?.bitPattern == value.bitPattern)
        #expect(read(text) { NumberText.float($0) }?.bitPattern == (text.contains("_") ? nil : value.bitPattern))
        if !text.contains("_") { #expect(read(text, NumberText.single)?.bitPattern == Float(value).bitPattern) }
    }

    @Test func notANumber() {
        for text in ["nan", "-NaN", " NAN "] { #expect(read(text) { NumberText.float($0) }?.isNaN == true) }
    }

    @Test(arguments: [
        "", " ", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "1e5.0", "--1", "+-1", "1.2.3", "1 2", "1,5", "0x10", "0b1", "1\u{0}", "\u{0}1", "5\u{0}junk", "1e3\u{0}x", "1__0",
        "_1", "1_", "1_.5", "1._5", "1_e5", "1e_5", "1e5_", "infin", "nan(1)", "in\u{0}f", "\u{663}", "1f", "1d", "\u{ff11}", "0x1p3", "- 1", "1e 5", "i\u{307}nf",
    ])
    func others(_ text: String) {
        #expect(read(text) { NumberText.float($0, underscores: true) } == nil)
        #expect(read(text, NumberText.single) == nil)
        if !text.hasPrefix("0") { #expect(read(text, NumberText.literalInt) == nil) }
    }

    @Test(arguments: [
        ("42", 42), ("42\n", 42), (" -7 ", -7), ("007", 7), ("1_000_000", 1_000_000), ("9223372036854775807", .max), ("-9223372036854775808", .min), ("0xff", 255), ("-0xFF", -255),
        ("0o17", 15), ("0b1_01", 5), ("-0x8000000000000000", .min), ("00000000000000000000000000000001", 1),
    ] as [(String, Int)])
    func ints(text: String, value: Int) { #expect(read(text, NumberText.literalInt) == value) }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999", "1e3", "1.0", "0x", "0x_f", "0xf_", "0xf__f", "0x-5", "0b2", "0xg", "1_", "_1", "1__0",
        "0x10000000000000000", "0X1",
    ])
    func notInts(_ text: String) { #expect(read(text, NumberText.literalInt) == nil) }
}
