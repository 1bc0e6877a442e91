"""Lists of things of one kind, which are narrowed down by facets."""
