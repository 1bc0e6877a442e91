"""The parts of `metapole match`: a store on this machine, or a server, as where matches are."""
