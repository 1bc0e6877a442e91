"""Go back, copy and bring back what a store holds.

`check` reads a generation to its last quad. `backups` copies one, as a directory (`copies`) or as
one file of N-Quads (`archive`), and remembers where. `sources` finds what a state can be taken
from: generations that were kept, and backups. `restoring` makes such a state the next generation.
"""
