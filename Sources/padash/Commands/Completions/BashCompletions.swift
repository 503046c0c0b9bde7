enum BashCompletions {
    static var script: String {
        let options = CommandTable.options.flatMap(\.names)
        return """
            # Completions of padash for bash:  source <(padash completions bash)
            _padash() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
                local words="" options="" files=""
                # bash takes --name=value apart.
                if [[ $current == "=" ]]; then
                    current=""
                elif [[ $previous == "=" ]]; then
                    previous=${COMP_WORDS[COMP_CWORD-2]}
                fi
                if ((COMP_CWORD == 1)); then
                    words="\(CommandTable.commands.map(\.name).joined(separator: " "))" options="\(options.joined(separator: " "))" \
            files=scripts
                else
                    case ${COMP_WORDS[1]} in
            \(CommandTable.commands.map(branch).joined(separator: "\n"))
                    *) files=any ;;
                    esac
                fi
                if [[ $current == -* && -n $options ]]; then
                    words=$options files=""
                fi
                COMPREPLY=($(compgen -W "$words" -- "$current"))
                local IFS=$'\\n'
                case $files in
                scripts) COMPREPLY+=($(compgen -f -X '!*.pada' -- "$current") $(compgen -d -- "$current")) ;;
                any) COMPREPLY+=($(compgen -f -- "$current")) ;;
                esac
                [[ -n $files ]] && compopt -o filenames 2>/dev/null
                return 0
            }
            complete -F _padash padash

            """
    }

    private static func branch(for command: Command) -> String {
        let settings: String
        switch command.operand {
        case .script: return "        \(command.name)) if ((COMP_CWORD == 2)); then files=scripts; else files=any; fi ;;"
        case .file, .files: settings = " files=scripts"
        case .folder, .pages: settings = " files=any"
        case .choice(_, let choices): settings = " words=\"\(choices.joined(separator: " "))\""
        }
        let plain = "options=\"\(command.completedOptions.flatMap(\.names).joined(separator: " "))\"\(settings)"
        let valued = command.options.compactMap { option in
            option.value.map { "            \(option.names.joined(separator: "|"))) \(values($0)) ;;" }
        }
        if valued.isEmpty { return "        \(command.name)) \(plain) ;;" }
        return """
                    \(command.name))
                        case $previous in
            \(valued.joined(separator: "\n"))
                        *) \(plain) ;;
                        esac ;;
            """
    }

    private static func values(_ value: CommandOption.Value) -> String {
        switch value {
        case .text: "words=\"\""
        case .file, .folder: "files=any"
        case .choice(let words): "words=\"\(words.joined(separator: " "))\""
        }
    }
}
