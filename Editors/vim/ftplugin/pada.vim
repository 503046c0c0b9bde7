if exists("b:did_ftplugin")
    finish
endif
let b:did_ftplugin = 1

setlocal comments=:##,:# commentstring=#\ %s
setlocal expandtab shiftwidth=4 softtabstop=4
" gq formats with padash; :make checks the file.
setlocal formatprg=padash\ fmt\ -
setlocal makeprg=padash\ check\ %:S
setlocal errorformat=%E%*[a-z]\ error:\ %m,%Wwarning:\ %m,%Z\ %#-->\ %f:%l:%c,%-G%.%#

let b:undo_ftplugin = "setlocal comments< commentstring< expandtab< shiftwidth< softtabstop< formatprg< makeprg< errorformat<"
