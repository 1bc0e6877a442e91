"""The header Idempotency-Key, as a value."""

import pytest

from server.idempotency import key_from, keyed
from server.protocol import BadProtocolRequest


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ([], None),
        (['"8e03978e-40d5"'], "8e03978e-40d5"),
        (["8e03978e-40d5"], "8e03978e-40d5"),
        (['"with spaces"'], "with spaces"),
        (['"a\\"b\\\\c"'], 'a"b\\c'),
        (["!" * 255], "!" * 255),
    ],
)
def test_a_key_is_the_same_with_quotes_or_without(values: list[str], key: str | None) -> None:
    assert key_from(values) == key


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        (["a", "b"], "there are 2 headers"),
        ([""], "1 to 255 visible characters"),
        (['""'], "1 to 255"),
        (["a b"], "1 to 255"),
        (['"a'], "1 to 255"),
        (['"a\\b"'], "1 to 255"),
        (["é"], "1 to 255"),
        (["x" * 256], "1 to 255"),
        (['"' + "x" * 256 + '"'], "1 to 255"),
    ],
)
def test_another_one_is_refused(values: list[str], complaint: str) -> None:
    with pytest.raises(BadProtocolRequest, match=complaint):
        key_from(values)


def test_two_changes_with_one_key_are_told_apart() -> None:
    one = keyed("k", "put", ["x:a"], [("text/turtle", "00")])
    assert one == keyed("k", "put", ["x:a"], [("text/turtle", "00")])
    assert one is not None
    assert one.value == "k"
    others = [
        keyed("k", "post", ["x:a"], [("text/turtle", "00")]),
        keyed("k", "put", ["x:b"], [("text/turtle", "00")]),
        keyed("k", "put", [None], [("text/turtle", "00")]),
        keyed("k", "put", None, [("text/turtle", "00")]),
        keyed("k", "put", ["x:a"], [("application/trig", "00")]),
        keyed("k", "put", ["x:a"], [("text/turtle", "01")]),
        keyed("k", "put", ["x:a"], [("text/turtle", "00"), ("text/turtle", "00")]),
    ]
    assert len({other.digest for other in others if other} | {one.digest}) == len(others) + 1
    assert keyed(None, "put") is None
