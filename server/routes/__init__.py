"""One module per subject of requests; handlers of a few lines each."""
