autocmd BufNewFile,BufRead *.pada setfiletype pada
