"""The options that say who publishes the data; every command that writes a catalogue has them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.publishing.publisher import Publisher


def add_publisher(group: argparse._ActionsContainer) -> None:  # pyright: ignore[reportPrivateUsage] -- argparse has no public name for it
    """Add the options."""
    group.add_argument(
        "--publisher-name", type=_name, metavar="NAME", help="who it is (Metapole contributors)"
    )
    group.add_argument(
        "--publisher-type",
        type=_kind,
        metavar="TYPE",
        help="what it is, a name of the ADMS publisher types (NonProfitOrganisation)",
    )
    group.add_argument(
        "--contact",
        type=_contact,
        metavar="ADDRESS",
        help="a mail address or a web address to ask at (the page /data)",
    )
    group.add_argument(
        "--licence",
        type=_licence,
        metavar="URL",
        help="the address of the licence of the data (https://creativecommons.org/licenses/by/4.0/)",
    )


def publisher_from(arguments: argparse.Namespace) -> Publisher:
    """Return the publisher that *arguments* tell of; what they leave out is as by default."""
    from graph.publishing.publisher import Publisher

    said = {
        "name": arguments.publisher_name,
        "kind": arguments.publisher_type,
        "contact": arguments.contact,
        "licence": arguments.licence,
    }
    return Publisher(**{name: value for name, value in said.items() if value is not None})


def _name(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > 200:
        raise argparse.ArgumentTypeError("a name is one line of up to 200 characters")
    return text


def _kind(text: str) -> str:
    from graph.publishing.publisher import PUBLISHER_KINDS

    if text not in PUBLISHER_KINDS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no type of publishers; give one of {', '.join(PUBLISHER_KINDS)}"
        )
    return text


def _contact(text: str) -> str:
    from graph.publishing.publisher import fault_of_contact

    if fault := fault_of_contact(text):
        raise argparse.ArgumentTypeError(fault)
    return text


def _licence(text: str) -> str:
    from graph.publishing.publisher import fault_of_address

    if fault := fault_of_address(text):
        raise argparse.ArgumentTypeError(fault)
    return text
