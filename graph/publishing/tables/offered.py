"""The tables that are published: what is in each, and which query finds its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from graph.namespaces import MP
from graph.publishing.tables import columns
from graph.publishing.tables.columns import Column, iri, key, many, name_of
from graph.publishing.tables.rows import Found, Listing, of_class

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a row for each of its things."""

    name: str
    titles: tuple[str, str, str]
    """In English, French and German."""
    says: str
    listing: Listing
    columns: tuple[Column, ...]
    refers: tuple[tuple[str, str], ...] = ()
    """Columns whose cells are keys of another table, and the names of these tables."""

    @property
    def key(self) -> str:
        """The name of the column with the things that the rows are about."""
        return self.columns[0].name


def _table(
    name: str,
    class_name: str,
    titles: tuple[str, str, str],
    says: str,
    named: Sequence[Column],
    refers: tuple[tuple[str, str], ...] = (),
) -> Table:
    listing = Listing(f"table-{name}", named[0].name, of_class(MP + class_name))
    return Table(name, titles, says, listing, tuple(named), refers)


CLUSTERS = _table(
    "clusters",
    "Cluster",
    ("clusters", "clusters", "Cluster"),
    "All clusters: networks of companies, research and teaching bodies of one field.",
    [
        key("cluster", ("cluster", "cluster", "Cluster"), "The IRI of the cluster."),
        columns.NAME,
        columns.OTHER_NAMES,
        Column(
            "is_meta_cluster",
            ("is a meta-cluster", "est un méta-cluster", "ist ein Meta-Cluster"),
            "True if its members are clusters.",
            "boolean",
        ),
        columns.IS_UNNAMED,
        columns.RANKS,
        name_of(
            columns.RANKS, ("names of the ranks", "noms des rangs", "Namen der Ränge"), "rank_names"
        ),
        *columns.LOCATED,
        columns.SECTORS,
        name_of(
            columns.SECTORS,
            ("names of the sectors", "noms des secteurs", "Namen der Branchen"),
            "sector_names",
        ),
        columns.SPECIALTIES,
        name_of(
            columns.SPECIALTIES,
            ("names of the specialties", "noms des spécialités", "Namen der Spezialgebiete"),
            "specialty_names",
        ),
        columns.MANAGED_BY,
        name_of(
            columns.MANAGED_BY,
            ("names of who runs it", "noms des gestionnaires", "Namen der Leitenden"),
            "managed_by_names",
        ),
        *columns.MEMBERSHIPS,
        *columns.DOCUMENTED,
        *columns.SPAN,
        *columns.PLACED,
    ],
)
ORGANISATIONS = _table(
    "organisations",
    "Organisation",
    ("organisations", "organisations", "Organisationen"),
    "All companies, institutions, associations and public bodies.",
    [
        key(
            "organisation",
            ("organisation", "organisation", "Organisation"),
            "The IRI of the organisation.",
        ),
        columns.NAME,
        columns.OTHER_NAMES,
        columns.IS_UNNAMED,
        columns.KINDS,
        name_of(
            columns.KINDS, ("names of the kinds", "noms des types", "Namen der Arten"), "kind_names"
        ),
        *columns.LOCATED,
        columns.MANAGES,
        name_of(
            columns.MANAGES,
            ("names of what it manages", "noms de ce qu’elle gère", "Namen des Geleiteten"),
            "manages_names",
        ),
        *columns.MEMBERSHIPS,
        *columns.DOCUMENTED,
        *columns.SPAN,
        *columns.PLACED,
    ],
)
PARTNERSHIPS = _table(
    "partnerships",
    "Partnership",
    ("partnerships", "partenariats", "Partnerschaften"),
    "All statements that two or more actors work, or mean to work, together.",
    [
        key(
            "partnership",
            ("partnership", "partenariat", "Partnerschaft"),
            "The IRI of the statement.",
        ),
        columns.PARTNERS,
        name_of(
            columns.PARTNERS,
            ("names of the partners", "noms des partenaires", "Namen der Partner"),
            "partner_names",
        ),
        columns.VIA,
        name_of(
            columns.VIA,
            ("names of who arranges it", "noms des intermédiaires", "Namen der Vermittler"),
            "via_names",
        ),
        columns.WITHIN,
        name_of(
            columns.WITHIN,
            ("names of what it is within", "noms des cadres", "Namen des Rahmens"),
            "within_names",
        ),
        columns.KIND_OF_PARTNERSHIP,
        name_of(columns.KIND_OF_PARTNERSHIP, ("name of the kind", "nom du type", "Name der Art")),
        many(
            Column(
                "purposes",
                ("purposes", "objectifs", "Zwecke"),
                "What the partnership is for.",
                property_iri=f"{MP}purpose",
            )
        ),
        *columns.STATED,
    ],
)
FIGURES = _table(
    "figures",
    "KeyFigure",
    ("key figures", "chiffres clés", "Kennzahlwerte"),
    "All key figures, each with its unit, its precision, its time and the place it is printed at. "
    "Figures of several sources about the same thing stand side by side.",
    [
        key("figure", ("key figure", "chiffre clé", "Kennzahlwert"), "The IRI of the statement."),
        columns.ABOUT,
        name_of(
            columns.ABOUT, ("name of what it is about", "nom du sujet", "Name des Gegenstands")
        ),
        columns.INDICATOR,
        name_of(
            columns.INDICATOR,
            ("name of the indicator", "nom de l’indicateur", "Name der Kennzahl"),
        ),
        Column(
            "value",
            ("value", "valeur", "Wert"),
            "The number; empty if the source gives a range.",
            "decimal",
            f"{MP}value",
        ),
        Column(
            "minimum",
            ("minimum", "minimum", "Minimum"),
            "The lower end of a range.",
            "decimal",
            f"{MP}minimum",
        ),
        Column(
            "maximum",
            ("maximum", "maximum", "Maximum"),
            "The upper end of a range.",
            "decimal",
            f"{MP}maximum",
        ),
        columns.UNIT,
        name_of(columns.UNIT, ("name of the unit", "nom de l’unité", "Name der Einheit")),
        columns.PER,
        name_of(columns.PER, ("name of the per", "nom du par", "Name des Pro")),
        columns.QUALIFIER,
        name_of(
            columns.QUALIFIER,
            ("name of the qualifier", "nom du qualificatif", "Name der Genauigkeit"),
        ),
        *columns.STATED,
    ],
)
SPECIALTIES = _table(
    "specialties",
    "Specialisation",
    ("specialties of clusters", "spécialités des clusters", "Spezialgebiete von Clustern"),
    "All statements that a source lists a specialty of a cluster.",
    [
        key("statement", ("statement", "énoncé", "Aussage"), "The IRI of the statement."),
        columns.CLUSTER_OF_SPECIALTY,
        name_of(
            columns.CLUSTER_OF_SPECIALTY,
            ("name of the cluster", "nom du cluster", "Name des Clusters"),
        ),
        Column(
            "position",
            ("position", "position", "Position"),
            "Its place in the list of the source, counted from 1.",
            "integer",
            f"{MP}position",
        ),
        columns.SPECIALTY,
        name_of(
            columns.SPECIALTY,
            ("name of the specialty", "nom de la spécialité", "Name des Spezialgebiets"),
        ),
        replace(columns.SECTORS, says="The sectors directly above it.", property_iri=""),
        name_of(
            columns.SECTORS,
            ("names of the sectors", "noms des secteurs", "Namen der Branchen"),
            "sector_names",
        ),
        Column(
            "mapping_quality",
            ("quality of the mapping", "qualité de l’alignement", "Güte der Zuordnung"),
            "How well a division of NACE fits: close, related or none.",
            property_iri=f"{MP}mappingQuality",
            about="specialty",
        ),
        *columns.NACE,
        *columns.STATED,
    ],
    (("cluster", "clusters"),),
)
AREAS = _table(
    "areas",
    "Area",
    ("areas", "territoires", "Gebiete"),
    "All countries, regions, cities and other areas.",
    [
        key("area", ("area", "territoire", "Gebiet"), "The IRI of the area."),
        columns.NAME,
        columns.OTHER_NAMES,
        columns.KIND_OF_AREA,
        name_of(columns.KIND_OF_AREA, ("name of the kind", "nom du type", "Name der Art")),
        Column(
            "nuts_code",
            ("NUTS code", "code NUTS", "NUTS-Code"),
            "Its code in the NUTS classification of 2024.",
            property_iri=f"{MP}nutsCode",
        ),
        columns.PART_OF,
        name_of(
            columns.PART_OF,
            ("names of these areas", "noms de ces territoires", "Namen dieser Gebiete"),
            "part_of_names",
        ),
        *columns.LINKED,
        *columns.DOCUMENTED,
        *columns.SPAN,
        *columns.OWN_POINT,
    ],
)
TABLES = {
    table.name: table
    for table in (CLUSTERS, ORGANISATIONS, PARTNERSHIPS, FIGURES, SPECIALTIES, AREAS)
}
"""The tables that can be had in every format."""

PLACES = Table(
    "places",
    ("places", "lieux", "Orte"),
    "Everything that has a place: all that is in some area, and the areas themselves.",
    Listing("places", "thing", (Found(f"{MP}locatedIn"), *of_class(f"{MP}Area"))),
    (
        key("thing", ("thing", "chose", "Ding"), "The IRI of the thing."),
        columns.NAME,
        columns.CLASSES,
        many(
            iri("areas", ("areas", "territoires", "Gebiete"), "The areas and countries it is in.")
        ),
        name_of(
            columns.AREAS,
            ("names of the areas", "noms des territoires", "Namen der Gebiete"),
            "area_names",
        ),
        *columns.DOCUMENTED,
        *columns.PLACED,
    ),
)
"""All things on one map; only as GeoJSON."""
