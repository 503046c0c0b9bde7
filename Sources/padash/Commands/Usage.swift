enum Usage {
    static let version = "0.1.0"

    static let text = """
        padash \(version): a laboratory for one-shot neural architecture search

        Usage:
          padash                       start the interactive prompt, or run a script from a pipe
          padash [run] FILE [ARGS]     run a Pada script
          padash -e CODE [ARGS]        run code given on the command line
          padash - [ARGS]              run a script from standard input
          padash --help | --version

        A script reads ARGS with args(). Exit codes: 0 success, 1 run-time error,
        2 usage or syntax error, 130 interrupted, and n after exit(n).
        NO_COLOR=1 turns colours off. Start padash and type :help to learn the prompt.

        """
}
