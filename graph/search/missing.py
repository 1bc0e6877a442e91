"""What is raised where names cannot be searched yet."""

from __future__ import annotations


class NoIndex(Exception):  # noqa: N818 -- a fact to act on, which clients are not shown
    """There is no file of names that serves the generation, or it cannot be read."""
