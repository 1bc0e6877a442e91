"""Shapes as a gate: may a change be published, and what does a file that was sent break?

`profile` tells what shapes look at, `affected` whom a change can concern, `extract` what the
validator has to know of them, `judge` puts it together where the change is made. `validator` is the
parent's side of the process that knows rdflib and pySHACL, `child` that process. `upload` is for
files that are judged and not stored.
"""
