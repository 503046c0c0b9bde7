enum ZshCompletions {
    static var script: String {
        """
        #compdef padash
        # Completions of padash for zsh:  source <(padash completions zsh), or as a file _padash on $fpath
        _padash() {
            if ((CURRENT == 2)); then
                local -a commands=(
        \(CommandTable.commands.map { "            \(quoted("\($0.name):\($0.summary)"))" }.joined(separator: "\n"))
                )
                local -a options=(
        \(CommandTable.options.flatMap { option in
            option.names.map { "            \(quoted("\($0):\(option.summary)"))" }
        }.joined(separator: "\n"))
                )
                if [[ $PREFIX == -* ]]; then
                    _describe option options
                else
                    _describe command commands
                    _files -g '*.pada'
                fi
                return
            fi
            local command=$words[2]
            shift words
            ((CURRENT--))
            case $command in
        \(CommandTable.commands.map(branch).joined(separator: "\n"))
            *) _files ;;
            esac
        }
        if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _padash "$@"; else compdef _padash padash; fi

        """
    }

    private static func branch(for command: Command) -> String {
        var specifications = command.completedOptions.map(specification)
        switch command.operand {
        case .script: specifications += [quoted("1:script:_files -g \"*.pada\""), quoted("*:argument:_files")]
        case .folder: specifications.append(quoted("1:folder:_files -/"))
        case .file: specifications.append(quoted("1:script:_files -g \"*.(pada|ipynb)\""))
        case .pages: specifications.append(quoted("*:page:_files -g \"*.md\""))
        case .files: specifications.append(quoted("*:script:_files -g \"*.pada\""))
        case .choice(let name, let words): specifications.append(quoted("1:\(name):(\(words.joined(separator: " ")))"))
        }
        return "    \(command.name)) _arguments \(specifications.joined(separator: " ")) ;;"
    }

    /// `'(-o --output)'{-o,--output}'[summary]:FILE:_files'`
    private static func specification(of option: CommandOption) -> String {
        var rest = "[\(option.summary.replacing("[", with: "\\[").replacing("]", with: "\\]").replacing(":", with: "\\:"))]"
        switch option.value {
        case nil: break
        case .text(let name)?: rest += ":\(name):"
        case .file?: rest += ":file:_files"
        case .folder?: rest += ":folder:_files -/"
        case .choice(let words)?: rest += ":value:(\(words.joined(separator: " ")))"
        }
        if option.names.count == 1 { return quoted(option.names[0] + rest) }
        return "'(\(option.names.joined(separator: " ")))'{\(option.names.joined(separator: ","))}\(quoted(rest))"
    }

    private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "'\\''"))'" }
}
