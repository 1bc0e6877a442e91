"""Take data in from elsewhere: each import is a named graph of its own that says where it is from.

    prepared = await prepare(target, origin, [Part(path, "text/turtle")], folder)
    prepared.difference, prepared.findings         what it would do, and what is wrong with it
    written = await commit(target, prepared)

`names` are the IRIs, `origin` says what an import was made from, `candidate` makes the graph that
is to be, `preparing` compares it with what is there, and `local` is a store on this machine, which
is written as a server writes it: gate, derivation, log and history included. Tables and JSON are
read and mapped in a sandboxed process (`tables`, `mapping`), RDF by the parser of uploads.
"""

from graph.importing.candidate import Part
from graph.importing.origin import Origin, RawFile
from graph.importing.preparing import Prepared, commit, prepare, prepare_undo

__all__ = ["Origin", "Part", "Prepared", "RawFile", "commit", "prepare", "prepare_undo"]
