"""Tell whether a store was built from the files that ship, without reading what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.paths import bundled, files_digest
from graph.rules import rule_files, rules_digest
from graph.sources import data_files, ontology_files

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations import Generation


def upgrade_hint(store: Path, generation: Generation) -> str | None:
    """Say what to run when *generation* of *store* is of another release than this one.

    None when it is of this one, or when it was not made from the files that ship at all.
    """
    ontology, data = bundled("ontology"), data_files(bundled("data"))
    if not any(file.graph in generation.shipped for file in data):
        return None
    rules = ontology / "rules"
    files = (*(file.path for file in (*ontology_files(ontology), *data)), *rule_files(rules))
    if generation.built_from == files_digest(files) and generation.rules == rules_digest(rules):
        return None
    return (
        f"{store} was built from the files of another release, and is served as it is; "
        f"'metapole build --dry-run --store {store}' shows what this release would change"
    )
