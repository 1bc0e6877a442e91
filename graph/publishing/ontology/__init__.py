"""The documentation of the ontology, as pages and files."""
