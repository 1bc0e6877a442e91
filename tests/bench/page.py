"""The page of benchmarks, written from the figures of one run."""

from __future__ import annotations

from statistics import geometric_mean, median
from typing import TYPE_CHECKING

from tests.bench.answers import TAB_SEPARATED, TABLE
from tests.bench.figures import REPEATED, ratio
from tests.bench.measure import COLUMNS
from tests.bench.peers import METAPOLE, OXIGRAPH, RDFLIB, VIRTUOSO
from tests.bench.verdicts import load_ratio, time_ratio, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.bench.figures import Figures, Question, Size

_KINDS = {TABLE: "JSON", TAB_SEPARATED: "TSV"}

_BEGINNING = """\
# Benchmarks

This page is written by `python -m tests.bench`, from one run on one machine.
Read the ratios: they compare servers that were asked in turn, on the same data, in that run; another machine gives other times.
Ratios above 1 are good where throughput is compared, and bad where time is.

The run was made by `{command}` on {date}; it took {minutes:.0f} minutes.
"""  # noqa: E501 -- one sentence, one line

_METHOD = """\
## What is measured, and how

- The graph that ships is grown by its own ontology to the size wanted, and written as N-Quads; every server loads the same.
- Metapole keeps the union of all graphs itself; `oxigraph` and Virtuoso get it as the default graph, beside the named graphs, so that all can answer the same queries.
- Time to load is from the file to a store that is ready, the start of the loader included; it is measured once.
- All servers run at the same time and are asked in turn, in up to {rounds} rounds, half as many with several connections; what is shown is the median of the rounds, and ratios are taken within a round.
- *Cold* is Metapole without its cache of answers: every answer is evaluated anew. *Repeated* is Metapole as delivered, asked the same again.
- Queries that take longer are asked in fewer rounds; a server that needs more than a second for its first answer takes part in none, and that answer is what is shown. Metapole and `oxigraph` take part in two rounds at least.
- A query may take {query_seconds:g} s. What has failed or was answered otherwise is told below the table, never left out.
- Answers are compared free of the order of rows, the spelling of numbers, `xsd:string`, the names of blank nodes and the form of a yes; what most servers answer is expected.
- Virtuoso has the union as one more graph; rows that name it are left out of the comparison.
- Memory is the proportional set size of a server and all its processes, looked at each second; disk is what the files take.
- Lookups of distinct things ask `SELECT ?property ?value {{ THING ?property ?value }}`, each time of another thing.
"""  # noqa: E501 -- one sentence, one line


def page(figures: Figures) -> str:
    """Return the page as Markdown."""
    parts = [
        _BEGINNING.format(command=figures.command, date=figures.date, minutes=figures.seconds / 60),
        "## The machine\n\n" + _table(("what", "found"), figures.machine.items()),
        "## The servers\n\n" + _table(("server", "version", "how it is run"), _servers(figures)),
        _METHOD.format(rounds=figures.rounds, query_seconds=figures.query_seconds),
        "## Targets against `oxigraph serve`\n\n" + _targets(figures.sizes),
        *(_size(size) for size in figures.sizes),
    ]
    return "\n".join(parts)


def _servers(figures: Figures) -> Iterator[tuple[str, ...]]:
    for name, how in figures.how.items():
        yield name, figures.versions.get(name, "not installed"), how


def _targets(sizes: Sequence[Size]) -> str:
    heads = ("target", *(f"{size.triples:,} triples" for size in sizes))
    found = {size.triples: {each.target: each.words for each in verdicts(size)} for size in sizes}
    names = dict.fromkeys(name for each in found.values() for name in each)
    lines = ((name, *(each.get(name, "not measured") for each in found.values())) for name in names)
    return _table(heads, lines)


def _size(size: Size) -> str:
    """Return all that was found on a graph of one size."""
    parts = [
        f"## {size.triples:,} triples\n",
        f"{size.quads:,} quads, which took {size.grown_seconds:.0f} s to grow.\n",
        "### Loading, disk and memory\n\n" + _loads(size),
        "### The 25 queries\n\n" + _questions(size.questions),
        _means(size),
        "### Lookups of distinct things\n\n" + _lookups(size),
        "### A large result\n\n" + _large(size),
        "### Changes and kills\n\n" + _milliseconds(size),
        "### Plans that are known to be bad\n",
        "The engine evaluates these as they are written; they are next.\n",
        _questions(size.plans),
        *(f"- {text}\n" for text in size.failures),
    ]
    return "\n".join(parts)


def _loads(size: Size) -> str:
    heads = (
        "server", "load s", "triples/s", "time ÷ oxigraph", "disk MB", "most MB to load",
        "MB at rest", "most MB in the run",
    )  # fmt: skip
    return _table(heads, (_load(size, name) for name in size.loads), numbers=True)


def _load(size: Size, name: str) -> tuple[str, ...]:
    load = size.loads[name]
    if load.failure:
        return (name, load.failure, *[""] * 6)
    used = size.memory.get(REPEATED if name == METAPOLE else name)
    theirs = size.loads[OXIGRAPH].seconds if OXIGRAPH in size.loads else 0
    of_theirs = load_ratio(size) if name == METAPOLE else theirs and load.seconds / theirs
    return (
        name,
        f"{load.seconds:.1f}",
        f"{size.triples / load.seconds:,.0f}",
        _number(of_theirs or None, 2),
        f"{load.disk_mb:,.0f}" if load.disk_mb else "in memory",
        f"{load.peak_mb:,.0f}",
        f"{used.at_rest_mb:,.0f}" if used else "–",
        f"{used.peak_mb:,.0f}" if used else "–",
    )


def _questions(questions: Sequence[Question]) -> str:
    """Return the table of some queries, with one connection, and what is odd about answers."""
    columns = [name for name in COLUMNS if any(name in each.first for each in questions)]
    heads = ("query", "rows", *(f"{name} ms" for name in columns))
    heads += ("cold, time ÷ oxigraph", "repeated, throughput ÷ oxigraph")
    lines = (
        (
            question.name,
            f"{question.rows:,}",
            *(_cell(question, name) for name in columns),
            _number(time_ratio(question), 2),
            _number(question.ratio(REPEATED, OXIGRAPH), 2),
        )
        for question in questions
    )
    notes = [
        f"- {question.name}, {name}: {first.failure or first.note}.\n"
        for question in questions
        for name, first in question.first.items()
        if first.failure or first.note
    ]
    return _table(heads, lines, numbers=True) + ("\n" + "".join(notes) if notes else "")


def _cell(question: Question, name: str) -> str:
    first = question.first.get(name)
    if first is None:
        return "–"
    if first.failure:
        return "over time" if first.failure.startswith("over") else "failed"
    found = _milliseconds_of(question.milliseconds(name))
    return f"{found} \\*" if first.note else found


def _means(size: Size) -> str:
    """Return the geometric means, and the worst query of each."""
    heads = ("throughput ÷ oxigraph, geometric mean", "connections", "mean", "queries", "worst")
    servers = [name for name in COLUMNS if name != OXIGRAPH]
    lines: list[tuple[str, ...]] = []
    for count in size.lookups.rounds:
        for name in servers:
            found = {
                question.name: value
                for question in size.questions
                if (value := question.ratio(name, OXIGRAPH, count))
            }
            if found:
                worst = min(found, key=found.__getitem__)
                mean = geometric_mean(found.values())
                text = f"{found[worst]:.2f} ({worst})"
                lines.append((name, str(count), f"{mean:.2f}", str(len(found)), text))
    return _table(heads, lines, numbers=True)


def _lookups(size: Size) -> str:
    heads = ("server", "connections", "lookups/s", "throughput ÷ oxigraph")
    lines: list[tuple[str, ...]] = []
    for count, rounds in size.lookups.rounds.items():
        for name in (REPEATED, OXIGRAPH, VIRTUOSO, RDFLIB):
            rates = [each[name] for each in rounds if name in each]
            if rates:
                compared = _number(ratio(rounds, name, OXIGRAPH), 2)
                lines.append((name, str(count), f"{median(rates):,.0f}", compared))
    lines += ((name, "", why, "") for name, why in size.lookups.failures.items())
    return _table(heads, lines, numbers=True)


def _large(size: Size) -> str:
    heads = ("server", "as", "MB", "rows", "s", "s to the first row", "time ÷ oxigraph")
    lines: list[tuple[str, ...]] = []
    for media_type, transfers in size.large.items():
        for name, transfer in transfers.items():
            kind = _KINDS[media_type]
            if transfer.failure or not transfer.seconds:
                lines.append((name, kind, transfer.failure, "", "", "", ""))
                continue
            lines.append((
                name,
                kind,
                f"{transfer.megabytes:.0f}",
                f"{transfer.rows:,}",
                f"{median(transfer.seconds):.2f}",
                f"{median(transfer.first_row):.3f}",
                _number(size.large_ratio(media_type, name, OXIGRAPH), 2),
            ))  # fmt: skip
    return _table(heads, lines, numbers=True)


def _milliseconds(size: Size) -> str:
    heads = ("what, in Metapole", "times", "median ms", "most ms")
    lines = (
        (what, str(len(times)), f"{median(times):.0f}", f"{max(times):.0f}")
        for what, times in (size.commits | size.kills).items()
        if times
    )
    return _table(heads, lines, numbers=True)


def _milliseconds_of(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]], *, numbers: bool = False) -> str:
    """Return a table; of *numbers*, all columns but the first are aligned to the right."""
    rule = ["---", *(["---:" if numbers else "---"] * (len(heads) - 1))]
    return "".join(f"| {' | '.join(line)} |\n" for line in (heads, rule, *lines))
