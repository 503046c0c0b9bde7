import Text

/// Renders formulas in TeX notation as MathML, which browsers show without any help: fractions, roots, sub- and superscripts, sums,
/// Greek letters, alphabets, accents, brackets that grow, matrices and cases. What it does not know is shown as it was written.
struct MathML {
    private var tokens: ArraySlice<Token>
    private var depth = 0
    private var isDisplayed: Bool

    private static let depthLimit = 64

    private enum Token: Equatable {
        /// `\name` or `\,`, without the stroke.
        case command(String)
        /// A digit, or digits with points among them.
        case number(String)
        case character(Character)
        case blank
    }

    /// An element, and how scripts are put to it.
    private struct Atom {
        var html: String
        /// Scripts stand above and below, where there is room.
        var takesLimits = false
    }

    static func render(_ tex: String, isDisplayed: Bool) -> String {
        var math = MathML(tokens: tokenized(tex)[...], isDisplayed: isDisplayed)
        var content = math.row { _ in false }
        // Closing braces without opening ones.
        while let token = math.tokens.popFirst() { content += text(of: token) + math.row { _ in false } }
        return "<math\(isDisplayed ? " display=\"block\"" : "")><mrow>\(content)</mrow></math>"
    }

    private static func tokenized(_ tex: String) -> [Token] {
        var tokens: [Token] = []
        var rest = tex[...]
        while let first = rest.popFirst() {
            if first == "\\" {
                let name = rest.prefix { $0.isASCII && $0.isLetter }
                guard name.isEmpty else {
                    tokens.append(.command(String(name)))
                    rest = rest.dropFirst(name.count).drop(while: \.isWhitespace)
                    continue
                }
                tokens.append(.command(rest.popFirst().map(String.init) ?? "\\"))
            } else if first.isASCII, first.isNumber {
                let more = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
                // A point at the end is the sentence's.
                let number = more.last == "." ? more.dropLast() : more
                tokens.append(.number("\(first)\(number)"))
                rest = rest.dropFirst(number.count)
            } else {
                tokens.append(first.isWhitespace ? .blank : .character(first))
            }
        }
        return tokens
    }

    private static func text(of token: Token) -> String {
        switch token {
        case .command(let name): "<mtext>\\\(name.escapedForHTML)</mtext>"
        case .number(let text): "<mn>\(text)</mn>"
        case .character(let character): "<mo>\(String(character).escapedForHTML)</mo>"
        case .blank: ""
        }
    }

    // MARK: - Rows

    private mutating func skipBlanks() { while tokens.first == .blank { tokens.removeFirst() } }

    /// Everything up to a closing brace or a token that ends the row, neither of which it takes.
    private mutating func row(until ends: (Token) -> Bool) -> String {
        var result = ""
        while true {
            skipBlanks()
            guard let token = tokens.first, token != .character("}"), !ends(token) else { return result }
            let atom = atom()
            result += scripted(atom)
        }
    }

    private mutating func scripted(_ base: Atom) -> String {
        var sub: String?
        var sup: String?
        while true {
            skipBlanks()
            if tokens.first == .character("_"), sub == nil {
                tokens.removeFirst()
                sub = argument()
            } else if tokens.first == .character("^"), sup == nil {
                tokens.removeFirst()
                sup = argument()
            } else if tokens.first == .character("'"), sup == nil {
                var primes = ""
                while tokens.first == .character("'") {
                    primes += "′"
                    tokens.removeFirst()
                }
                sup = "<mo>\(primes)</mo>"
            } else {
                break
            }
        }
        let isBelow = base.takesLimits && isDisplayed
        switch (sub, sup) {
        case (nil, nil): return base.html
        case (let sub?, nil): return isBelow ? "<munder>\(base.html)\(sub)</munder>" : "<msub>\(base.html)\(sub)</msub>"
        case (nil, let sup?): return isBelow ? "<mover>\(base.html)\(sup)</mover>" : "<msup>\(base.html)\(sup)</msup>"
        case (let sub?, let sup?):
            return isBelow ? "<munderover>\(base.html)\(sub)\(sup)</munderover>" : "<msubsup>\(base.html)\(sub)\(sup)</msubsup>"
        }
    }

    /// What a command or script applies to: a group in braces, or one atom.
    private mutating func argument() -> String {
        skipBlanks()
        guard let token = tokens.first, token != .character("}") else { return "<mrow></mrow>" }
        if token == .character("{") { return group() }
        depth += 1
        defer { depth -= 1 }
        guard depth <= MathML.depthLimit else {
            tokens.removeFirst()
            return MathML.text(of: token)
        }
        if case .number(let digits) = token, let digit = digits.first, digits.count > 1 {
            // `\frac12` and `x^10` take one digit.
            tokens[tokens.startIndex] = .number(String(digits.dropFirst()))
            return "<mn>\(digit)</mn>"
        }
        return atom().html
    }

    private mutating func group() -> String {
        tokens.removeFirst()
        depth += 1
        defer { depth -= 1 }
        // So deeply nested, it is shown as plain text.
        let content = depth > MathML.depthLimit ? "<mtext>\(plainGroup().escapedForHTML)</mtext>" : row { _ in false }
        if tokens.first == .character("}") { tokens.removeFirst() }
        return "<mrow>\(content)</mrow>"
    }

    /// The text up to the brace that closes the group, which it does not take.
    private mutating func plainGroup() -> String {
        var text = ""
        var braces = 0
        while let token = tokens.first {
            if token == .character("}") {
                if braces == 0 { break }
                braces -= 1
            }
            if token == .character("{") { braces += 1 }
            tokens.removeFirst()
            switch token {
            case .command(let name): text += name.count == 1 && name.first?.isLetter == false ? name : "\\\(name) "
            case .number(let digits): text += digits
            case .character(let character): text.append(character)
            case .blank: text += " "
            }
        }
        return text
    }

    /// The text of a group such as that of `\text{…}`, or one token.
    private mutating func textArgument() -> String {
        skipBlanks()
        guard tokens.first == .character("{") else {
            switch tokens.popFirst() {
            case .character(let character): return String(character)
            case .number(let digits): return digits
            case .command(let name): return "\\\(name)"
            case .blank, nil: return ""
            }
        }
        tokens.removeFirst()
        let text = plainGroup()
        if tokens.first == .character("}") { tokens.removeFirst() }
        return text
    }

    // MARK: - Atoms

    private mutating func atom() -> Atom {
        guard let token = tokens.first else { return Atom(html: "") }
        if token == .character("{") { return Atom(html: group()) }
        // A script without a base.
        if token == .character("_") || token == .character("^") { return Atom(html: scripted(Atom(html: "<mrow></mrow>"))) }
        tokens.removeFirst()
        switch token {
        case .blank: return Atom(html: "")
        case .number(let digits): return Atom(html: "<mn>\(digits)</mn>")
        case .command(let name): return command(name)
        case .character("-"): return Atom(html: "<mo>−</mo>")
        case .character("*"): return Atom(html: "<mo>∗</mo>")
        case .character(let character) where character.isLetter: return Atom(html: "<mi>\(character)</mi>")
        case .character(let character):
            let isBracket = "()[]|/".contains(character)
            return Atom(html: "<mo\(isBracket ? " stretchy=\"false\"" : "")>\(String(character).escapedForHTML)</mo>")
        }
    }

    private mutating func command(_ name: String) -> Atom {
        if let letter = MathSymbols.letters[name] { return Atom(html: "<mi>\(letter)</mi>") }
        if let sign = MathSymbols.operators[name] { return Atom(html: "<mo>\(sign)</mo>") }
        if let sign = MathSymbols.brackets[name] { return Atom(html: "<mo stretchy=\"false\">\(sign)</mo>") }
        if let sign = MathSymbols.sums[name] { return Atom(html: "<mo movablelimits=\"false\">\(sign)</mo>", takesLimits: true) }
        if MathSymbols.functions.contains(name) { return Atom(html: MathML.function(name)) }
        if let shown = MathSymbols.limitFunctions[name] { return Atom(html: MathML.function(shown), takesLimits: true) }
        if let width = MathSymbols.spaces[name] { return Atom(html: "<mspace width=\"\(width)\"/>") }
        if let accent = MathSymbols.accents[name] {
            return Atom(
                html: "<mover accent=\"true\">\(argument())<mo\(accent.isWide ? "" : " stretchy=\"false\"")>\(accent.mark)</mo></mover>")
        }
        if let alphabet = MathSymbols.Alphabet(rawValue: name) { return Atom(html: alphabetic(alphabet)) }
        switch name {
        case "frac", "dfrac", "tfrac": return Atom(html: fraction())
        case "binom": return Atom(html: "<mrow><mo>(</mo><mfrac linethickness=\"0\">\(argument())\(argument())</mfrac><mo>)</mo></mrow>")
        case "sqrt": return Atom(html: root())
        case "underline": return Atom(html: "<munder>\(argument())<mo>_</mo></munder>")
        case "text", "textrm", "textit", "textbf", "mbox": return Atom(html: "<mtext>\(textArgument().escapedForHTML)</mtext>")
        case "operatorname":
            let takesLimits = tokens.first == .character("*")
            if takesLimits { tokens.removeFirst() }
            return Atom(html: MathML.function(textArgument()), takesLimits: takesLimits)
        case "overset", "stackrel", "underset":
            let (script, base) = (argument(), argument())
            return Atom(html: name == "underset" ? "<munder>\(base)\(script)</munder>" : "<mover>\(base)\(script)</mover>")
        case "underbrace": return Atom(html: "<munder>\(argument())<mo stretchy=\"true\">⏟</mo></munder>", takesLimits: true)
        case "overbrace": return Atom(html: "<mover>\(argument())<mo stretchy=\"true\">⏞</mo></mover>", takesLimits: true)
        case "xrightarrow", "xleftarrow": return Atom(html: labelledArrow(name == "xrightarrow" ? "→" : "←"))
        case "not": return Atom(html: negated())
        // Colours are left to the page.
        case "color":
            _ = textArgument()
            return Atom(html: "")
        case "textcolor":
            _ = textArgument()
            return Atom(html: argument())
        case "left": return Atom(html: fenced())
        case "right": return Atom(html: delimiter())
        case "begin": return Atom(html: environment())
        // How large a bracket is, and how a sum takes its limits, is left to the browser.
        case "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "limits", "nolimits", "displaystyle",
            "textstyle":
            return Atom(html: "")
        default:
            if tokens.first == .character("{") {
                return Atom(html: "<mrow><mtext>\\\(name.escapedForHTML){</mtext>\(group())<mtext>}</mtext></mrow>")
            }
            let isSign = name.count == 1 && name.first?.isLetter == false
            return Atom(html: isSign ? "<mo>\(name.escapedForHTML)</mo>" : MathML.text(of: .command(name)))
        }
    }

    private static func function(_ name: String) -> String {
        "<mo lspace=\"0.1em\" rspace=\"0.1em\" movablelimits=\"false\">\(name.escapedForHTML)</mo>"
    }

    /// An arrow with its text above, and what stands in square brackets below.
    private mutating func labelledArrow(_ sign: String) -> String {
        let arrow = "<mo stretchy=\"true\">\(sign)</mo>"
        guard let below = bracketed() else { return "<mover>\(arrow)\(argument())</mover>" }
        return "<munderover>\(arrow)\(below)\(argument())</munderover>"
    }

    /// The sign that follows, struck through.
    private mutating func negated() -> String {
        skipBlanks()
        switch tokens.first {
        case .command(let name)?:
            guard let sign = MathSymbols.operators[name] else { break }
            tokens.removeFirst()
            return "<mo>\(sign)\u{338}</mo>"
        case .character(let sign)? where sign != "{" && sign != "}":
            tokens.removeFirst()
            return "<mo>\("\(sign)\u{338}".escapedForHTML)</mo>"
        default: break
        }
        return "<mtext>\\not</mtext>"
    }

    private mutating func alphabetic(_ alphabet: MathSymbols.Alphabet) -> String {
        skipBlanks()
        if case .command(let name)? = tokens.first(where: { $0 != .blank && $0 != .character("{") }), MathSymbols.letters[name] != nil {
            return "<mrow style=\"font-weight: bold\">\(argument())</mrow>"
        }
        let text = textArgument().map(alphabet.letter).joined()
        return alphabet == .mathrm ? "<mi mathvariant=\"normal\">\(text.escapedForHTML)</mi>" : "<mi>\(text.escapedForHTML)</mi>"
    }

    /// Above and below the line formulas are set as within text: sums have their limits at the side.
    private mutating func fraction() -> String {
        let outer = isDisplayed
        isDisplayed = false
        defer { isDisplayed = outer }
        return "<mfrac>\(argument())\(argument())</mfrac>"
    }

    private mutating func root() -> String {
        guard let degree = bracketed() else { return "<msqrt>\(argument())</msqrt>" }
        return "<mroot>\(argument())\(degree)</mroot>"
    }

    /// What stands in square brackets next; nil where there are none.
    private mutating func bracketed() -> String? {
        skipBlanks()
        guard tokens.first == .character("[") else { return nil }
        depth += 1
        defer { depth -= 1 }
        guard depth <= MathML.depthLimit else { return nil }
        tokens.removeFirst()
        let content = row { $0 == .character("]") }
        if tokens.first == .character("]") { tokens.removeFirst() }
        return "<mrow>\(content)</mrow>"
    }

    // MARK: - Brackets and rows of rows

    /// The bracket after `\left` or `\right`; a point stands for none.
    private mutating func delimiter() -> String {
        skipBlanks()
        switch tokens.popFirst() {
        case .character("."), nil, .blank: return ""
        case .character(let character): return "<mo stretchy=\"true\">\(String(character).escapedForHTML)</mo>"
        case .command(let name): return "<mo stretchy=\"true\">\((MathSymbols.brackets[name] ?? name).escapedForHTML)</mo>"
        case .number(let digits): return "<mn>\(digits)</mn>"
        }
    }

    private mutating func fenced() -> String {
        depth += 1
        defer { depth -= 1 }
        let opening = delimiter()
        guard depth <= MathML.depthLimit else { return opening }
        let content = row { $0 == .command("right") }
        guard tokens.first == .command("right") else { return "<mrow>\(opening)\(content)</mrow>" }
        tokens.removeFirst()
        return "<mrow>\(opening)\(content)\(delimiter())</mrow>"
    }

    /// `\begin{cases} a & b \\ c & d \end{cases}`
    private mutating func environment() -> String {
        let name = textArgument()
        guard let brackets = MathSymbols.matrices[name], depth < MathML.depthLimit else {
            return "<mtext>\\begin{\(name.escapedForHTML)}</mtext>"
        }
        depth += 1
        defer { depth -= 1 }
        var rows: [[String]] = [[]]
        while true {
            rows[rows.count - 1].append(row { $0 == .character("&") || $0 == .command("\\") || $0 == .command("end") })
            guard let token = tokens.popFirst() else { break }
            if token == .command("\\") { rows.append([]) }
            if token == .command("end") {
                _ = textArgument()
                break
            }
        }
        if rows.last == [""] { rows.removeLast() }
        let isAligned = name.hasPrefix("align")
        let body = rows.map { cells in
            "<mtr>" + cells.enumerated().map { i, cell in
                let side = isAligned ? (i % 2 == 0 ? "right" : "left") : name == "cases" ? "left" : "center"
                return "<mtd style=\"text-align: \(side)\(isAligned ? "; padding: 0.2em 0" : "")\">\(cell)</mtd>"
            }.joined() + "</mtr>"
        }
        let bracket = { (text: String) in text.isEmpty ? "" : "<mo stretchy=\"true\">\(text)</mo>" }
        return "<mrow>\(bracket(brackets.open))<mtable>\(body.joined())</mtable>\(bracket(brackets.close))</mrow>"
    }
}
