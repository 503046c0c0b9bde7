if exists("b:did_indent")
    finish
endif
let b:did_indent = 1

setlocal indentexpr=PadaIndent(v:lnum)
setlocal indentkeys=0},0],0),o,O,!^F
let b:undo_indent = "setlocal indentexpr< indentkeys<"

if exists("*PadaIndent")
    finish
endif

" A step in after a line that ends in an open bracket; a line that begins with a closing one stands a step out.
function PadaIndent(line)
    let previous = prevnonblank(a:line - 1)
    let text = substitute(getline(previous), '\s*#.*$', '', '')
    let columns = indent(previous)
    if text =~ '[{\[(]$'
        let columns += shiftwidth()
    endif
    if getline(a:line) =~ '^\s*[}\])]'
        let columns -= shiftwidth()
    endif
    return columns
endfunction
