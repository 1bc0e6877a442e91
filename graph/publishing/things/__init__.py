"""What there is to say about a thing, a concept or a graph, as pages and files."""
