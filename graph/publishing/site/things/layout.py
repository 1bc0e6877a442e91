"""Which statements a page tells, by where the thing stands in them, and in which order."""

from __future__ import annotations

from graph.publishing.site.things.statements import Place

PLACES: dict[str, Place] = {
    "names": Place("about", "Naming", ("name", "nameKind")),
    "kinds": Place("about", "Classification", ("kind",)),
    "places": Place("about", "Location", ("area", "locationKind")),
    "fields": Place("about", "FieldOfActivity", ("field", "fieldKind")),
    "labels": Place("labelled", "Labelling", ("programme", "category", "authority")),
    "members": Place("group", "Membership", ("member", "role")),
    "memberships": Place("member", "Membership", ("group", "role")),
    "partnerships": Place(
        "partner", "Partnership", ("partner", "partnershipKind", "purpose", "via", "within")
    ),
    "contained": Place("within", "Partnership", ("partner", "partnershipKind", "purpose", "via")),
    "mediated": Place("via", "Partnership", ("partner", "partnershipKind", "purpose", "within")),
    "participants": Place("undertaking", "Participation", ("participant", "role")),
    "participations": Place("participant", "Participation", ("undertaking", "role")),
    "labelled": Place("programme", "Labelling", ("labelled", "category", "authority")),
    "awarded": Place("authority", "Labelling", ("labelled", "programme", "category")),
    "received": Place("recipient", "Funding", ("amount", "funder", "throughProgramme", "channel")),
    "given": Place("funder", "Funding", ("amount", "recipient", "throughProgramme", "channel")),
    "passed": Place("throughProgramme", "Funding", ("amount", "funder", "recipient", "channel")),
    "services": Place("provider", "Service", ("serviceKind", "text", "beneficiary", "eligibility")),
    "offered": Place("beneficiary", "Service", ("serviceKind", "text", "provider", "eligibility")),
    "competences": Place("holder", "Competence", ("technology", "level")),
    "composition": Place("about", "Composition", ("memberKind",)),
    "milestones": Place("about", "Milestone", ("milestoneKind",)),
    "predecessors": Place("successor", "Succession", ("predecessor",)),
    "successors": Place("predecessor", "Succession", ("successor",)),
    "parts": Place("whole", "AreaPart", ("part",)),
    "wholes": Place("part", "AreaPart", ("whole",)),
    "located": Place("area", "Location", ("about", "locationKind")),
    "points": Place("about", "Georeference", ("nutsCode",)),
    "claims": Place("about", "Claim", ("claimKind", "text")),
    "gaps": Place("about", "Gap", ("text",)),
    "pages": Place("about", "WebLink", ("page",)),
    "mappings": Place(
        "subject", "Mapping", ("mappingPredicate", "object", "objectLabel", "justification")
    ),
    "mapped": Place("object", "Mapping", ("subject", "mappingPredicate", "justification")),
}
"""All of them, by the name of the part of the page that tells them."""

FACTS = ("names", "kinds", "places", "fields", "points", "pages")
"""What stands at the side, a line each."""

APART = (*FACTS, "gaps", "predecessors", "successors", "milestones")
"""What is shown in a way of its own, and not as a table."""

_TABLES = tuple(name for name in PLACES if name not in APART)
_FIRST = {
    "Organisation": ("memberships", "participations", "partnerships", "given", "received"),
    "Person": ("participations", "memberships", "claims"),
    "Programme": ("passed", "labelled", "participants"),
    "Project": ("participants", "received", "contained"),
    "Event": ("participants",),
    "Area": ("wholes", "parts", "located"),
}
"""What a page about such a thing begins with, where that is not the usual."""


def tables_for(kinds: set[str]) -> tuple[str, ...]:
    """Return the names of the tables of a thing of these classes, in the order of the page."""
    first = next((names for kind, names in _FIRST.items() if kind in kinds), ())
    return tuple(dict.fromkeys((*first, *_TABLES)))
