"""What of the ontology can be had as files."""

FILE_FORMATS = ("turtle", "rdfxml", "jsonld", "ntriples")
"""The names of the formats in which its RDF is offered, the preferred one first."""
