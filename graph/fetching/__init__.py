"""Asking other servers: which may be asked, and the processes that do it."""
