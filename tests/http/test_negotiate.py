"""Which format an Accept header asks for."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.negotiate import UnreadableAccept, choose, media_type, weights_from, wishes_from

JSON, XML, CSV = "application/sparql-results+json", "application/xml", "text/csv; charset=utf-8"
OFFERS = [JSON, XML, CSV]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        pytest.param(None, JSON, id="no header"),
        pytest.param("", JSON, id="empty"),
        pytest.param("*/*", JSON, id="anything"),
        pytest.param("text/csv", CSV, id="by name"),
        pytest.param("TEXT/CSV", CSV, id="in capitals"),
        pytest.param("text/*", CSV, id="a range"),
        pytest.param("image/png", None, id="nothing fits"),
        pytest.param("image/png, text/csv;q=0.1", CSV, id="the second choice"),
        pytest.param("application/xml;q=0.5, text/csv;q=0.6", CSV, id="the better of two"),
        pytest.param("text/csv;q=0.6, application/xml;q=0.6", XML, id="equals in our order"),
        pytest.param("text/csv, */*", CSV, id="by name before anything"),
        pytest.param("text/*, */*", CSV, id="a range before anything"),
        pytest.param("*/*, text/csv;q=0.1", JSON, id="the closest range counts, low"),
        pytest.param("*/*;q=0.1, text/csv;q=0.2", CSV, id="the closest range counts, high"),
        pytest.param("text/csv;q=0", None, id="not this one"),
        pytest.param("*/*, application/sparql-results+json;q=0", XML, id="anything but"),
        pytest.param("*/*;q=0", None, id="nothing at all"),
        pytest.param("text/csv;q=0.000", None, id="nought in three decimals"),
        pytest.param("text/csv;charset=utf-8", CSV, id="our parameter"),
        pytest.param('text/csv; charset="UTF-8"', CSV, id="our parameter in quotes"),
        pytest.param("text/csv;charset=latin1", None, id="another parameter"),
        pytest.param("text/csv;charset=utf-8;q=0, text/csv", None, id="parameters are closer"),
        pytest.param('text/csv;x="a,b;c", application/xml;q=0.2', XML, id="comma in quotes"),
        pytest.param("text/csv;q=2, application/xml", XML, id="a weight that is none"),
        pytest.param("text/csv;q=, application/xml", XML, id="an empty weight"),
        pytest.param("rubbish, application/xml", XML, id="an element that is none"),
        pytest.param("*/csv, application/xml", XML, id="a range that is none"),
        pytest.param(" text/csv ; q=1.0 ,", CSV, id="spaces and an empty element"),
        pytest.param(" , ", JSON, id="empty elements only"),
        pytest.param("text/html, image/gif, *; q=.2, */*; q=.2", JSON, id="what Java sends"),
    ],
)
def test_the_client_gets_what_it_likes_best(accept: str | None, chosen: str | None) -> None:
    assert choose(accept, OFFERS) == chosen


@pytest.mark.parametrize(
    ("accept", "named"),
    [("rubbish", "rubbish"), ("text/csv;q=2", "text/csv;q=2"), ("a b, c", "a b"), ("/", "/"),
     ("text/csv;q=-1", "q=-1"), ("text/csv;q=0.1234", "0.1234"), ("x" * 9000, "x" * 80)],
)  # fmt: skip
def test_a_header_of_which_nothing_can_be_read_is_named(accept: str, named: str) -> None:
    with pytest.raises(UnreadableAccept, match="weights from 0 to 1") as raised:
        choose(accept, OFFERS)
    assert named in str(raised.value)
    assert len(str(raised.value)) < 400


@given(st.text())
def test_any_header_is_read_or_named(accept: str) -> None:
    with contextlib.suppress(UnreadableAccept):
        assert choose(accept, OFFERS) in [*OFFERS, None]


@pytest.mark.parametrize(
    ("header", "weights"),
    [
        ("gzip", {"gzip": 1}),
        ("GZIP;q=0.5, br ; q=1.0,*;q=0", {"gzip": 0.5, "br": 1, "*": 0}),
        ("gzip;q=7, ,br;x=1", {"br": 1}),
        ("", {}),
    ],
)
def test_tokens_have_weights(header: str, weights: dict[str, float]) -> None:
    assert weights_from(header) == weights


_QUALITY = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
_RANGE = st.sampled_from([JSON, XML, "text/csv", "text/*", "application/*", "*/*", "image/png"])


@given(st.lists(st.tuples(_RANGE, _QUALITY), min_size=1, unique_by=lambda wish: wish[0]))
def test_no_offer_is_better_than_the_chosen_one(wishes: list[tuple[str, float]]) -> None:
    accept = ", ".join(f"{name};q={quality:.3f}" for name, quality in wishes)
    liking = {offer: _liking(dict(wishes), offer) for offer in OFFERS}
    chosen = choose(accept, OFFERS)
    best = max(liking.values())
    assert (chosen is None) == (best == 0)
    assert chosen is None or liking[chosen] == best
    assert len(wishes_from(accept)) == len(wishes)


def _liking(wishes: dict[str, float], offer: str) -> float:
    name = offer.partition(";")[0]
    ranges = [name, name.partition("/")[0] + "/*", "*/*"]
    return next((wishes[each] for each in ranges if each in wishes), 0.0)


def test_a_header_that_goes_on_and_on_is_not_read() -> None:
    """To read 32 KB of one takes as long as to answer twenty queries."""
    with pytest.raises(UnreadableAccept, match="has 8799 characters, and no more than 4000"):
        choose(",".join(["text/csv"] * 978)[:8799], OFFERS)
    assert media_type("text/csv" + ";a=b" * 1000) is None
    assert weights_from(",".join(["gzip"] * 1000)) == {}
