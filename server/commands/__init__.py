"""One module per command of `metapole`; each is imported only when its command is asked for."""
