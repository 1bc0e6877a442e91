"""Dumps: files of all that the store holds, or of one graph."""
