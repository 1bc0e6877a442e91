"""If-Match and If-None-Match, from headers to conditions."""

import time

import pytest

from graph.writing.wishes import Conditions
from server.preconditions import conditions_from
from server.protocol import BadProtocolRequest

NOW = {'"12-plain"': 12, '"12-gzip"': 12}


@pytest.mark.parametrize(
    ("if_match", "if_none_match", "conditions"),
    [
        pytest.param([], [], Conditions(), id="none"),
        pytest.param(["*"], [], Conditions(exists=True), id="must be there"),
        pytest.param([], ["*"], Conditions(exists=False), id="must not be there"),
        pytest.param(['"12-plain"'], [], Conditions((12,)), id="ours"),
        pytest.param(['"x", "12-gzip"'], [], Conditions((12,)), id="ours in a list"),
        pytest.param(['"x"', '"12-gzip","12-plain"'], [], Conditions((12,)), id="several headers"),
        pytest.param([',"12-plain", ,'], [], Conditions((12,)), id="empty elements"),
        pytest.param(['"11-plain"'], [], Conditions(()), id="one of before"),
        pytest.param(['W/"12-plain"'], [], Conditions(()), id="a weak one never matches"),
        pytest.param(['"a,b" , "12-plain"'], [], Conditions((12,)), id="comma in a tag"),
        pytest.param([], ['"12-plain"'], Conditions(not_versions=(12,)), id="known"),
        pytest.param([], ['W/"12-plain"'], Conditions(not_versions=(12,)), id="known as weak"),
        pytest.param([], ['"11-plain"'], Conditions(), id="known, but of before"),
        pytest.param(
            ["*"], ['"12-gzip"'], Conditions(exists=True, not_versions=(12,)), id="there and new"
        ),
    ],
)
def test_headers_become_conditions(
    if_match: list[str], if_none_match: list[str], conditions: Conditions
) -> None:
    assert conditions_from(if_match, if_none_match, NOW) == conditions


@pytest.mark.parametrize(
    "value", ["", "12-plain", '"a" "b"', '"a"b', ",", '*, "a"', "**", '"a', 'w/"a"', '"a\x7f"']
)
@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
def test_what_is_no_tag_is_refused(name: str, value: str) -> None:
    headers = ([value], list[str]()) if name == "If-Match" else (list[str](), [value])
    with pytest.raises(BadProtocolRequest, match=f"'{name}' is .* send \\* or entity tags"):
        conditions_from(*headers, NOW)


def test_what_cannot_be_met_is_refused() -> None:
    with pytest.raises(BadProtocolRequest, match="contradict"):
        conditions_from(["*"], ["*"], NOW)


@pytest.mark.parametrize("text", [" " * 32_000 + "x", "\t " * 16_000 + '"', '"a" ' * 8_000])
def test_a_long_header_that_is_no_list_is_refused_at_once(text: str) -> None:
    """Trying each way to share the spaces out took 15 seconds."""
    began = time.monotonic()
    with pytest.raises(BadProtocolRequest):
        conditions_from([text], [], {})
    assert time.monotonic() - began < 1
