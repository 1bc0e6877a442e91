"""The parts of `metapole import`: options, the way of an import, and servers as its targets."""
