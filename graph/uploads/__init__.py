"""Uploads: any RDF syntax in, checked N-Triples out, by way of a sandboxed process for each."""
