"""The engine of Metapole: knows RDF and SPARQL, and no HTTP."""
