import Runtime

extension Habits {
    /// Those of Python, NumPy, PyTorch, JavaScript and C.
    static let ofOtherLanguages = Habits(
        names: [
            "hist": "plot.histogram(xs) draws one", "scatter": "plot.scatter(xs, ys) draws one", "pdf": "prob(d, x) is the density",
            "logpdf": "logprob(d, x)", "log_prob": "logprob(d, x)", "ppf": "quantile(d, p) inverts the distribution function",
            "randint": "let n ~ uniform(a, b), and floor(n)", "sorted": "sort(xs) gives a sorted list", "strip": "trim(text)",
            "input": "a script reads its arguments with args()",
            "open": "read_text(path) and write_text(path, text) read and write a file", "strftime": "format_time(t, format)",
            "exec": "import runs a file", "reversed": "reverse(xs)", "concatenate": "concat(tensors), or [...xs, ...ys] for lists",
            "append": "push(xs, x) appends to a list", "length": "len(x) counts the elements", "size": "len(x) counts the elements",
            "println": "print(x) adds the line break", "printf": "print(\"{x:.3f}\") formats", "echo": "it is 'print' here",
            "typeof": "type(x) names a type", "toString": "str(x) makes a text", "String": "str(x) makes a text",
            "dict": "a map is written {key: value}", "tuple": "a list is written [a, b]",
            "set": "unique(xs) drops doubles; a map's keys are a set", "math": "mathematical functions need no prefix: sqrt(x)",
            "np": "tensor(xs) makes an array", "numpy": "tensor(xs) makes an array", "torch": "tensor(xs) makes an array",
            "self": "there are no classes; a function can close over a map",
            "this": "there are no classes; a function can close over a map", "random": "let x ~ uniform(0, 1) draws a number",
            "isinstance": "type(x) == \"list\" tests a type", "foreach": "write for x in xs { … }",
        ],
        member: { name, type in
            switch (name, type) {
            case ("append", "list"), ("add", "list"): "push(xs, x) appends to a list"
            case ("pop", "map"): "remove(m, key) takes an entry away, and gives its value"
            case ("items", "map"): "for [key, value] in m { … }"
            case ("strip", "string"): "trim(text) takes the blanks off both ends"
            case ("lstrip", "string"): "trim_left(text)"
            case ("rstrip", "string"): "trim_right(text)"
            case ("startswith", "string"): "starts_with(text, part)"
            case ("endswith", "string"): "ends_with(text, part)"
            case ("splitlines", "string"): "lines(text)"
            case ("isdigit", "string"): "match(text, \"^[0-9]+$\") != nil"
            case ("isalpha", "string"): "match(text, \"^[A-Za-z]+$\") != nil"
            case ("isspace", "string"): "trim(text) == \"\""
            case ("zfill", "string"): "\"{number:05}\" fills up with zeros"
            case ("ljust", "string"), ("rjust", "string"), ("center", "string"):
                "\"{text:<8}\", \"{text:>8}\" and \"{text:^8}\" fill up with blanks"
            case ("index", "list"), ("index", "string"): "find(xs, x) gives the position"
            case ("length", "list"), ("length", "string"), ("length", "map"), ("size", "list"), ("size", "string"), ("size", "map"):
                "len(x) counts the elements"
            case ("sample", "distribution"), ("rvs", "distribution"): "draw(d, n) draws n times"
            case ("pdf", "distribution"), ("pmf", "distribution"): "prob(d, x) is the density or probability"
            case ("log_prob", "distribution"), ("logpdf", "distribution"): "logprob(d, x)"
            case ("ppf", "distribution"), ("icdf", "distribution"): "quantile(d, p) inverts the distribution function"
            case ("sample", "space"): "draw(space, n) draws paths"
            case ("numpy", "tensor"), ("tolist", "tensor"): "x.to_list() gives lists of numbers"
            case ("view", "tensor"): "x.reshape([…])"
            default: nil
            }
        })
}
