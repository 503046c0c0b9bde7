import Lang
import Library
import Runtime
import Testing

/// A cell that ends with a table hands its cells to the front end.
@Suite struct TableOutput {
    private func value(of text: String, width: Int = 80) throws -> DisplayedValue {
        var options = Session.Options()
        options.width = width
        let outputs = Session(options: options).run(Source(name: "cell", text: text)).outputs
        return try #require(outputs.compactMap { if case .value(let value) = $0 { value } else { nil } }.last)
    }

    @Test func carriesTheCells() throws {
        let value = try value(of: "table({op: [\"conv\", nil], acc: [93.25, 9.5]})")
        let table = try #require(value.table)
        #expect(value.type == "table")
        #expect(table.columns.map(\.name) == ["op", "acc"])
        #expect(table.columns.map(\.type) == ["string", "float"])
        #expect(table.columns.map(\.isNumeric) == [false, true])
        #expect(table.columns.map(\.cells) == [["conv", "nil"], ["93.25", "9.50"]])
        #expect(table.rowCount == 2)
    }

    @Test func leavesOutTheMiddleOfManyRows() throws {
        let table = try #require(try value(of: "table({i: 0..1000})").table)
        #expect(table.rowCount == 1000)
        #expect(table.rows == Array(0..<10) + Array(995..<1000))
        #expect(table.columns[0].cells == table.rows.map(String.init))
    }

    @Test(arguments: [20, 40, 80, 200])
    func textFitsTheWidth(_ width: Int) throws {
        let value = try value(of: "table({\"c{i}\": [i * 1.5, -i] for i in 0..30}).head()", width: width)
        // Without the lines before and after, which count what is there and what is left out.
        let rows = value.text.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("and ") }
        #expect(rows.count == 3)
        #expect(rows.allSatisfy { $0.count <= width }, "\(value.text)")
    }

    @Test func otherValuesCarryNone() throws { #expect(try value(of: "[1, 2]").table == nil) }
}
