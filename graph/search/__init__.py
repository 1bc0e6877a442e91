"""Find things by what they are called, in any language and with small errors.

folding    what is left of a name when accents, case and signs do not matter
names      which names the things of a store have, and what said so
index      all names of a generation in one file of SQLite
files      where such files are kept, and which of them serves a generation
current    a file together with what was renamed since
matching   which names fit what somebody typed, and how well
"""
