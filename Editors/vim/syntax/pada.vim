if exists("b:current_syntax")
    finish
endif

syntax keyword padaConditional if else
syntax keyword padaRepeat while for
syntax keyword padaStatement break continue return do with
syntax keyword padaException try catch throw
syntax keyword padaInclude import as
syntax keyword padaOperatorWord in and or not is
syntax keyword padaDeclaration let var fn
syntax keyword padaBoolean true false
syntax keyword padaConstant nil

syntax match padaFunctionName "\%(\<fn\s\+\)\@<=\K\k*"
" A keyword after a point is a name.
syntax match padaMember "\.\@<!\.\K\k*"
syntax match padaLabel "\<\K\k*\ze:\%(\s\|$\)"

syntax match padaNumber "\<\d[0-9_]*\>"
syntax match padaNumber "\<0[xX][0-9A-Fa-f_]\+\>"
syntax match padaNumber "\<0[oO][0-7_]\+\>"
syntax match padaNumber "\<0[bB][01_]\+\>"
syntax match padaFloat "\<\d[0-9_]*\.\d[0-9_]*\%([eE][+-]\?\d\+\)\?"
syntax match padaFloat "\<\d[0-9_]*[eE][+-]\?\d\+"

syntax match padaOperator "|>\|??=\?\|=>\|\~\|\.\.\.\|\.\.=\?\|[=!<>]=\|[-+*/%<>=@]"

syntax match padaEscape "\\\%([ntr0\"\\{}]\|u{\x\{1,6}}\)" contained
syntax region padaInterpolation matchgroup=padaDelimiter start="{" end="}" contained contains=TOP
" Braces inside an interpolation, so that it ends at its own.
syntax region padaBraces start="{" end="}" transparent contains=TOP
syntax region padaString start=+"+ skip=+\\\\\|\\"+ end=+"+ oneline contains=padaEscape,padaInterpolation
syntax region padaString start=+"""+ end=+"""+ contains=padaEscape,padaInterpolation
syntax region padaRawString start=+\<r"+ end=+"+ oneline
syntax region padaRawString start=+\<r"""+ end=+"""+

syntax match padaComment "#.*$"
syntax match padaDocumentation "^\s*##.*$"
syntax match padaCell "^\s*#\s*%%.*$"

highlight default link padaConditional Conditional
highlight default link padaRepeat Repeat
highlight default link padaStatement Statement
highlight default link padaException Exception
highlight default link padaInclude Include
highlight default link padaOperatorWord Operator
highlight default link padaDeclaration Keyword
highlight default link padaBoolean Boolean
highlight default link padaConstant Constant
highlight default link padaFunctionName Function
highlight default link padaMember Identifier
highlight default link padaLabel Label
highlight default link padaNumber Number
highlight default link padaFloat Float
highlight default link padaOperator Operator
highlight default link padaEscape SpecialChar
highlight default link padaDelimiter Delimiter
highlight default link padaString String
highlight default link padaRawString String
highlight default link padaComment Comment
highlight default link padaDocumentation SpecialComment
highlight default link padaCell Title

let b:current_syntax = "pada"
