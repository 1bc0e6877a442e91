"""Tables and lists of records, mapped to RDF row by row, in a sandboxed process.

`mapping` reads CSVW metadata and a CONSTRUCT, `text_files`, `workbooks` and `records` read rows,
`cells` makes terms of cells, `filling` makes triples of rows, `child` does it all for one file, and
`process` is what its parent sees.
"""
