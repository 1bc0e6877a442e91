"""Write in another way what the engine gets wrong."""

from graph.sparql import tree


def repaired(operation: tree.Operation) -> tree.Operation:
    """Return *operation* so that the engine answers it as the specification says."""
    return operation
