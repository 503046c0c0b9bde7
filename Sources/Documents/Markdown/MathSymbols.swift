/// What the commands of TeX stand for.
enum MathSymbols {
    static let letters: [String: String] = [
        "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
        "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
        "tau": "τ", "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
        "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ", "hbar": "ℏ",
        "infty": "∞", "partial": "∂", "nabla": "∇", "emptyset": "∅", "varnothing": "∅", "Re": "ℜ", "Im": "ℑ", "top": "⊤", "bot": "⊥",
        "ldots": "…", "dots": "…", "cdots": "⋯", "vdots": "⋮", "ddots": "⋱",
    ]

    static let operators: [String: String] = [
        "cdot": "⋅", "times": "×", "div": "÷", "pm": "±", "mp": "∓", "ast": "∗", "star": "⋆", "circ": "∘", "bullet": "∙", "oplus": "⊕",
        "otimes": "⊗", "odot": "⊙", "cup": "∪", "cap": "∩", "setminus": "∖", "wedge": "∧", "land": "∧", "vee": "∨", "lor": "∨", "neg": "¬",
        "lnot": "¬",
        "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "ll": "≪", "gg": "≫", "lt": "&lt;", "gt": "&gt;",
        "approx": "≈",
        "sim": "∼", "simeq": "≃", "equiv": "≡", "propto": "∝", "mid": "∣", "parallel": "∥", "perp": "⊥", "in": "∈", "notin": "∉", "ni": "∋",
        "subset": "⊂", "subseteq": "⊆", "supset": "⊃", "supseteq": "⊇", "to": "→", "rightarrow": "→", "leftarrow": "←", "gets": "←",
        "leftrightarrow": "↔", "Rightarrow": "⇒", "implies": "⇒", "Leftarrow": "⇐", "Leftrightarrow": "⇔", "iff": "⇔", "mapsto": "↦",
        "longrightarrow": "⟶", "longleftarrow": "⟵", "hookrightarrow": "↪", "uparrow": "↑", "downarrow": "↓", "forall": "∀", "exists": "∃",
        "int": "∫", "iint": "∬", "iiint": "∭", "oint": "∮", "colon": ":", "triangleq": "≜", "prime": "′",
    ]

    static let brackets: [String: String] = [
        "{": "{", "}": "}", "lbrace": "{", "rbrace": "}", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈",
        "rceil": "⌉",
        "|": "‖", "lVert": "‖", "rVert": "‖", "Vert": "‖", "lvert": "|", "rvert": "|", "vert": "|", "lbrack": "[", "rbrack": "]",
    ]

    /// Signs with limits below and above.
    static let sums: [String: String] = ["sum": "∑", "prod": "∏", "coprod": "∐", "bigcup": "⋃", "bigcap": "⋂", "bigoplus": "⨁",
        "bigotimes": "⨂"]

    static let functions: Set<String> = [
        "log", "ln", "lg", "exp", "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arg",
        "deg",
        "dim", "ker", "hom",
    ]

    /// Functions with limits below.
    static let limitFunctions = [
        "max": "max", "min": "min", "lim": "lim", "sup": "sup", "inf": "inf", "argmax": "arg max", "argmin": "arg min", "limsup": "lim sup",
        "liminf": "lim inf",
        "det": "det", "gcd": "gcd", "Pr": "Pr",
    ]

    static let spaces = [
        ",": "0.167em", ":": "0.222em", ">": "0.222em", ";": "0.278em", "!": "-0.167em", " ": "0.25em", "~": "0.25em", "quad": "1em",
        "qquad": "2em",
    ]

    static let accents: [String: (mark: String, isWide: Bool)] = [
        "hat": ("^", false), "widehat": ("^", true), "tilde": ("~", false), "widetilde": ("~", true), "bar": ("¯", false),
        "overline": ("¯", true),
        "vec": ("→", false), "overrightarrow": ("→", true), "dot": ("˙", false), "ddot": ("¨", false), "check": ("ˇ", false),
        "breve": ("˘", false),
    ]

    /// Environments of rows, with the brackets around them.
    static let matrices: [String: (open: String, close: String)] = [
        "matrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "Bmatrix": ("{", "}"), "vmatrix": ("|", "|"),
        "Vmatrix": ("‖", "‖"),
        "cases": ("{", ""), "aligned": ("", ""), "align": ("", ""), "align*": ("", ""), "array": ("", ""),
    ]

    /// Commands that write letters in another alphabet.
    enum Alphabet: String {
        case mathbb, mathcal, mathscr, mathfrak, mathbf, boldsymbol, bm, mathrm, mathsf, mathtt, mathit

        /// Letters that Unicode has had for longer stand elsewhere than the others.
        private static let exceptions: [Alphabet: [Character: String]] = [
            .mathbb: ["C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"],
            .mathcal: ["B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ", "e": "ℯ", "g": "ℊ", "o": "ℴ"],
            .mathfrak: ["C": "ℭ", "H": "ℌ", "I": "ℑ", "R": "ℜ", "Z": "ℨ"],
        ]

        /// The code points of its `A`, `a` and `0`.
        private var starts: (upper: UInt32, lower: UInt32, digit: UInt32?)? {
            switch self {
            case .mathbb: (0x1d538, 0x1d552, 0x1d7d8)
            case .mathcal, .mathscr: (0x1d49c, 0x1d4b6, nil)
            case .mathfrak: (0x1d504, 0x1d51e, nil)
            case .mathbf, .boldsymbol, .bm: (0x1d400, 0x1d41a, 0x1d7ce)
            case .mathsf: (0x1d5a0, 0x1d5ba, 0x1d7e2)
            case .mathtt: (0x1d670, 0x1d68a, 0x1d7f6)
            case .mathrm, .mathit: nil
            }
        }

        func letter(_ character: Character) -> String {
            let table = self == .mathscr ? Alphabet.mathcal : self
            if let exception = Alphabet.exceptions[table]?[character] { return exception }
            guard let starts, let code = character.asciiValue.map(UInt32.init) else { return String(character) }
            let place: UInt32? = switch character {
            case "A"..."Z": starts.upper + code - 65
            case "a"..."z": starts.lower + code - 97
            case "0"..."9": starts.digit.map { $0 + code - 48 }
            default: nil
            }
            return place.flatMap(Unicode.Scalar.init).map { String(Character($0)) } ?? String(character)
        }
    }
}
