"""Changing the store: from a wish to a commit that is there once, for everyone."""
