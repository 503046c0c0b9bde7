import Foundation
import Testing

@testable import NASLib

/// Comma-separated text as rows of cells; what stood in quotes is shown in «».
@Suite struct DelimitedTextTests {
    private func rows(_ text: String, delimiter: UInt8 = 44, trimsBlanks: Bool = false, keepsBlank: Bool = false) throws -> [[String]] {
        var text = text
        return try text.withUTF8 {
            var reader = DelimitedText($0, delimiter: delimiter, trimsBlanks: trimsBlanks)
            var rows: [[String]] = []
            var row: [String] = []
            while let count = try reader.nextRow(keepsBlank: keepsBlank, { i, cell in
                #expect(i == row.count)
                let text = String(decoding: cell.text, as: UTF8.self)
                row.append(cell.isQuoted ? "«\(text)»" : text)
            }) {
                #expect(count == row.count)
                rows.append(row)
                row = []
            }
            return rows
        }
    }

    @Test(arguments: ["\n", "\r\n", "\r"]) func linesEndInThreeWays(_ end: String) throws {
        #expect(try rows("a,b\(end)1,2\(end)\(end)3,\(end)") == [["a", "b"], ["1", "2"], ["3", ""]])
        #expect(try rows("a\(end)\(end)b", keepsBlank: true) == [["a"], [""], ["b"]])
        #expect(try rows("\"x\(end)y\",1\(end)2,3") == [["«x\(end)y»", "1"], ["2", "3"]])
    }

    @Test func quotes() throws {
        #expect(try rows("\"\",\"a,b\",\"say \"\"x\"\"\",\"\"\"\"\n") == [["«»", "«a,b»", "«say \"x\"»", "«\"»"]])
        #expect(try rows("a\"b\",c") == [["a\"b\"", "c"]])
        #expect(try rows("\u{feff}\"a\",\u{feff}b") == [["«a»", "\u{feff}b"]])
        #expect(try rows("1\u{1e}\"2\u{1e}\"", delimiter: 0x1e) == [["1", "«2\u{1e}»"]])
    }

    @Test func blanks() throws {
        #expect(try rows(" a , \"b \" ,c\t\n \n d") == [[" a ", " \"b \" ", "c\t"], [" "], [" d"]])
        #expect(try rows(" a , \"b \" ,c\t\n \n d\n  ", trimsBlanks: true) == [["a", "«b »", "c"], ["d"]])
        #expect(try rows("a\t\t b", delimiter: 9, trimsBlanks: true) == [["a", "", "b"]])
    }

    @Test func linesAreCountedWithThoseThatAreBlankOrInQuotes() throws {
        var text = "a\n\n\"b\nc\"\r\rd"
        try text.withUTF8 {
            var reader = DelimitedText($0)
            var lines: [Int] = []
            while try reader.nextRow({ _, _ in }) != nil { lines.append(reader.line) }
            #expect(lines == [1, 3, 6])
        }
    }

    @Test(arguments: [
        ("a\n\"b", 2, 1, "never closed"), ("a\rbé,\"c\n\n", 2, 4, "never closed"), ("\"a\nb\"c", 2, 3, "goes on"), ("\u{feff}\"a\"b", 1, 4, "goes on"),
    ]) func mistakesHavePlaces(text: String, line: Int, column: Int, fragment: String) {
        let error = #expect(throws: DelimitedText.Malformed.self) { try rows(text) }
        #expect(error?.line == line && error?.column == column && error?.message.contains(fragment) == true)
    }
}

/// Benchmarks and datasets take the CSV that programs write.
@Suite struct DelimitedFileTests {
    static let cell = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"

    @Test(arguments: [
        "arch,test,std\n\(cell),1,2.5\n", "\u{feff}arch,test,std\r\n\(cell),1,2.5\r\n", "\"arch\",\"test\",\"std\"\n\"\(cell)\",\"1\",\"2.5\"\n",
        "\n arch , test,std\n\n \"\(cell)\" , 1,2.5", "arch,test,std\r\(cell),1,2.5\r",
    ]) func benchmarksAsOtherProgramsWriteThem(_ text: String) throws {
        let table = try BenchmarkTable.read(csv: text, file: "t.csv")
        #expect(table.name == "nasbench201" && table.columns == ["test", "std"] && table.architectures == [Self.cell])
        #expect(table.column("test") == [1] && table.column("std") == [2.5])
    }

    @Test func jsonBenchmarksMayHaveAByteOrderMark() throws {
        let folder = try TestFolder()
        try folder.write("a.json", [0xef, 0xbb, 0xbf] + Array("\n {\"00000000\": {\"test\": 1.5}}".utf8))
        #expect(try BenchmarkTable.read(file: folder.path + "/a.json").column("test") == [1.5])
    }

    @Test(arguments: [
        ("arch,test,test\n00000000,1,2", "columns 2 and 3 of 't.csv' are both called 'test'"), ("arch,test\n\n00000000,x", "line 3 of"),
        ("arch,test\n00000000,\"1\n\"x", "line 3, column 2 of 't.csv': text goes on"), ("arch,test\n00000000,1e\n", "line 2"), ("arch,test\n00000000,1\u{0}", "line 2"),
    ]) func benchmarksThatAreRefused(text: String, fragment: String) {
        let error = #expect(throws: NASError.self) { try BenchmarkTable.read(csv: text, file: "t.csv") }
        #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
    }

    private func data(_ text: String, label: CSVData.Column = .position(-1)) throws -> Dataset {
        try CSVData.read(FileBytes(name: "t.csv", bytes: Array(text.utf8)), label: label, shape: nil, name: "t.csv")
    }

    @Test func labelsMayHoldAnything() throws {
        let data = try data("x,kind\r1,\"a\nb\"\r2, \"c, \"\"d\"\"\"\r3,c\r")
        #expect(data.images == [1, 2, 3] && data.classNames == ["a\nb", "c", "c, \"d\""] && data.labels == [0, 2, 1])
    }

    @Test(arguments: ["1,2,", "1,2, ", "1,2,NA", "1,2,nan", "1,2,NaN", "1,2,null", "1,2,\"\""]) func missingLabelsAreNoClass(_ row: String) {
        let error = #expect(throws: NASError.self) { try data("x,y,label\n3,4,a\n\n\(row)\n3,4,b\n") }
        #expect(error?.message.hasPrefix("line 4 of 't.csv': expected a label in column 3, found ") == true, "\(error?.message ?? "")")
    }

    @Test func twoColumnsOfOneName() {
        let error = #expect(throws: NASError.self) { try data("a,b,a\n1,2,3\n4,5,6", label: .name("a")) }
        #expect(error?.message == "columns 1 and 3 of 't.csv' are both called 'a'")
    }

    /// Rounded once, from the text: 1 + 2^-24 + 2^-60 lies above the middle of two floats, its double on it.
    @Test func numbersAreRoundedOnce() throws {
        #expect(try data("1.000000059604644775390625,0\n1.00000005960464477625,1").images == [1, Float(1).nextUp])
    }
}
