"""Names for things that do not exist: each number has its own, with the letters of Europe."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_SYLLABLES = (
    "ba", "bré", "do", "el", "fon", "gar", "hü", "ja", "ka", "lin", "mar", "nø", "or", "pes",
    "ri", "sa", "tö", "va", "wie", "zé",
)  # fmt: skip
_ENDINGS = ("bourg", "heim", "ville", "stad", "mont", "feld", "ara", "ovo", "minde", "court")
_THEMES = (
    "Mobility", "Aerospace", "Biotech", "Optics", "Plastics", "Textiles", "Energy", "Water",
    "Logistics", "Robotics", "Materials", "Software",
)  # fmt: skip
_CLUSTER_FORMS = (
    ("{theme} Cluster {place}", "en"),
    ("Pôle {theme} de {place}", "fr"),
    ("{theme}-Netzwerk {place}", "de"),
    ("Clúster {theme} de {place}", "es"),
)
_ORGANISATION_FORMS = (
    "{place} {theme}", "Ateliers {place}", "{place} & Fils", "{place} Systèmes", "Gebrüder {place}",
    "University of {place}", "{place} Automobile", "Institute for {theme} {place}",
)  # fmt: skip


def place_name(number: int) -> str:
    """Return the name of the place with this number; no two are the same."""
    number, ending = divmod(number, len(_ENDINGS))
    syllables: list[str] = []
    while number or not syllables:
        number, last = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[last])
    return "".join(syllables).capitalize() + _ENDINGS[ending]


def cluster_name(number: int, random: Random) -> tuple[str, str]:
    """Return the name of a cluster, and its language."""
    form, language = random.choice(_CLUSTER_FORMS)
    return form.format(theme=random.choice(_THEMES), place=place_name(number)), language


def organisation_name(number: int, random: Random) -> str:
    """Return the name of an organisation."""
    form = random.choice(_ORGANISATION_FORMS)
    return form.format(theme=random.choice(_THEMES), place=place_name(number))


def project_name(number: int, random: Random) -> str:
    """Return the name of a project."""
    return f"{random.choice(_THEMES)} for {place_name(number)}"
