"""Our own reading of SPARQL text, before the engine sees it."""
