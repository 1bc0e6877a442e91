"""Write in another way the property paths that the engine gets wrong (pyoxigraph 0.5.13)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from graph.sparql import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.sparql.scope import Names

_Op = TypeVar("_Op", bound=tree.Operation)


def separate_alternatives(operation: _Op, names: Names) -> _Op:
    """Let `?x (:p | :q) ?y` find what both find twice (18.4, evaluation of alternatives).

    The engine finds it once, so counts and sums come out too small. An alternative is the union of
    its parts, and a sequence around one is a chain of patterns. Inside `*`, `+` and `?` paths are
    sets anyway.
    """
    if not any(_is_split(node) for node in tree.walk(operation)):
        return operation
    operation = _without_blank_nodes(operation, names, _is_split)

    def change(node: tree.Node) -> tree.Node:
        if not isinstance(node, tree.Group):
            return node
        elements = [part for each in node.elements for part in _separated(each, names)]
        return replace(node, elements=tuple(elements))

    return tree.rewrite(operation, change)


def _is_split(node: tree.Node) -> bool:
    return (
        isinstance(node, tree.Triple)
        and not isinstance(node.predicate, tree.Variable)
        and _has_alternative(node.predicate)
        and not isinstance(node.subject, tree.TripleTerm)
        and not isinstance(node.object, tree.TripleTerm)
    )


def _has_alternative(path: tree.Path) -> bool:
    match path:
        case tree.PathAlternative():
            return True
        case tree.PathSequence():
            return any(map(_has_alternative, path.parts))
        case tree.PathInverse():
            return _has_alternative(path.path)
        case _:
            return False


def _separated(element: tree.Pattern, names: Names) -> Iterator[tree.Pattern]:
    if not isinstance(element, tree.Triples) or not any(map(_is_split, element.triples)):
        yield element
        return
    whole = tuple(each for each in element.triples if not _is_split(each))
    if whole:
        yield replace(element, triples=whole)
    for triple in element.triples:
        if _is_split(triple):
            yield from _spelled_out(triple, names)


def _spelled_out(triple: tree.Triple, names: Names) -> Iterator[tree.Pattern]:
    """Yield the patterns that *triple* stands for (18.2.2.4)."""
    path = triple.predicate
    match path:
        case tree.PathAlternative():
            yield tree.Union(
                tuple(
                    tree.Group(tuple(_spelled_out(replace(triple, predicate=part), names)))
                    for part in path.parts
                ),
                at=triple.at,
            )
        case tree.PathInverse() if _has_alternative(path.path):
            turned = replace(
                triple, subject=triple.object, predicate=path.path, object=triple.subject
            )
            yield from _spelled_out(turned, names)
        case tree.PathSequence() if _has_alternative(path):
            between = [names.new() for _ in path.parts[1:]]
            starts, ends = (triple.subject, *between), (*between, triple.object)
            for start, part, end in zip(starts, path.parts, ends, strict=True):
                step = replace(triple, subject=start, predicate=part, object=end)
                yield from _spelled_out(step, names)
        case _:
            yield tree.Triples((triple,))


def zero_length_paths(operation: _Op, names: Names) -> _Op:
    """Let `:a :p* ?x` find `:a` itself also where it is not in the graph (18.2.2.4, 18.5).

    Upstream pull request 1815. `p*` and `p?` find no node twice, so the zero-length solution is
    added, and taken out of what the engine finds. Paths such as `p*/q*` are left as they are.
    """

    def change(node: tree.Node) -> tree.Node:
        if isinstance(node, tree.PathRepeat):
            return _flat_repeat(node)
        return node

    if not any(isinstance(node, tree.PathRepeat) for node in tree.walk(operation)):
        return operation
    operation = _without_blank_nodes(
        tree.rewrite(operation, change), names, lambda node: _ends(node) is not None
    )

    def split(node: tree.Node) -> tree.Node:
        if not isinstance(node, tree.Group):
            return node
        blocks = [each for each in node.elements if isinstance(each, tree.Triples)]
        faulty = _faulty_paths([triple for block in blocks for triple in block.triples])
        if not faulty:
            return node
        elements = [part for each in node.elements for part in _split_triples(each, faulty)]
        return replace(node, elements=tuple(elements))

    return tree.rewrite(operation, split)


def _faulty_paths(triples: list[tree.Triple]) -> dict[int, tree.Union]:
    """Return what to write for each path that may find a term which is not in the graph.

    Where another pattern of the group finds the same variable, it is in the graph.
    """
    in_graph = {
        end.name
        for triple in triples
        if isinstance(triple.predicate, tree.Variable | tree.IRI)
        for end in (triple.subject, triple.object)
        if isinstance(end, tree.Variable)
    }
    faulty: dict[int, tree.Union] = {}
    for triple in triples:
        ends = _ends(triple)
        if ends is None or isinstance(ends[1], tree.TripleTerm):
            continue
        if not (isinstance(ends[1], tree.Variable) and ends[1].name in in_graph):
            faulty[id(triple)] = _with_zero_length(triple, *ends)
    return faulty


def _flat_repeat(node: tree.PathRepeat) -> tree.PathRepeat:
    """Write `(p*)+`, `(p?)*` and their like, all the same set of nodes, as `p*`."""
    inner = node.path
    if not isinstance(inner, tree.PathRepeat):
        return node
    times = node.times if node.times == inner.times else "*"
    return replace(node, path=inner.path, times=times)


def _ends(triple: tree.Node) -> tuple[tree.Term, tree.Term] | None:
    """Return the ends of a path of `*` or `?`, its constant first; None for all else."""
    if not isinstance(triple, tree.Triple):
        return None
    path = triple.predicate
    while isinstance(path, tree.PathInverse):
        path = path.path
    if not isinstance(path, tree.PathRepeat) or path.times == "+":
        return None
    constant = tree.IRI | tree.Literal
    if isinstance(triple.subject, constant):
        return triple.subject, triple.object
    if isinstance(triple.object, constant):
        return triple.object, triple.subject
    return None


def _without_blank_nodes(
    operation: _Op, names: Names, is_taken_apart: Callable[[tree.Node], bool]
) -> _Op:
    """Write a variable for a blank node of a pattern that is taken apart (4.1.4)."""
    variables: dict[str, tree.Variable] = {}
    for node in tree.walk(operation):
        if isinstance(node, tree.Triple) and is_taken_apart(node):
            for end in (node.subject, node.object):
                if isinstance(end, tree.BlankNode) and end.label not in variables:
                    variables[end.label] = names.new()
    if not variables:
        return operation

    def change(node: tree.Node) -> tree.Node:
        return variables.get(node.label, node) if isinstance(node, tree.BlankNode) else node

    def in_patterns(node: tree.Node) -> tree.Node:
        # Not in templates, where a blank node is a new one.
        return tree.rewrite(node, change) if isinstance(node, tree.Triples) else node

    return tree.rewrite(operation, in_patterns)


def _split_triples(element: tree.Pattern, faulty: dict[int, tree.Union]) -> Iterator[tree.Pattern]:
    if not isinstance(element, tree.Triples):
        yield element
        return
    # What is found from a constant comes first: it is often little, and the engine starts with it.
    yield from (faulty[id(each)] for each in element.triples if id(each) in faulty)
    rest = tuple(each for each in element.triples if id(each) not in faulty)
    if rest:
        yield replace(element, triples=rest)


def _with_zero_length(triple: tree.Triple, constant: tree.Term, other: tree.Term) -> tree.Union:
    is_same = tree.BuiltIn("SAMETERM", (other, constant))  # pyright: ignore[reportArgumentType]
    further = tree.Group((tree.Triples((triple,)), tree.Filter(tree.Not(is_same))))
    if isinstance(other, tree.Variable):
        itself = tree.Group((tree.Values((other,), ((constant,),)),))
    else:
        itself = tree.Group((tree.Filter(is_same),))
    return tree.Union((itself, further), at=triple.at)
