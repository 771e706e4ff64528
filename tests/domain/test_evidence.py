"""Canonical bytes: one way to write a value, the same as RFC 8785 has; everything outside the subset is refused."""

from __future__ import annotations

import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain.evidence import LARGEST, NotCanonicalError, canonical, digest, genesis, read

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-LARGEST, LARGEST)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)


@given(VALUES)
def test_canonical_bytes_are_those_of_rfc_8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(VALUES)
def test_reading_and_writing_again_gives_the_same_bytes(value: object) -> None:
    text = canonical(value)
    assert read(text) == value
    assert canonical(read(text)) == text
    assert canonical(read(text.decode())) == text


@given(st.dictionaries(KEYS, NUMBERS, min_size=2))
def test_the_order_in_which_keys_were_written_leaves_no_trace(value: dict[str, int]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@given(VALUES)
def test_readable_json_written_another_way_has_the_same_canonical_bytes(value: object) -> None:
    assert canonical(read(json.dumps(value, indent=2))) == canonical(value)


def test_canonical_bytes_are_pinned() -> None:
    value = {"b": [1, -2, True, None], "a": '£26.7m \u2028 "\\\n\u0001\U0001f4dc'}
    assert canonical(value) == '{"a":"£26.7m \u2028 \\"\\\\\\n\\u0001\U0001f4dc","b":[1,-2,true,null]}'.encode()


@pytest.mark.parametrize("value", [1.0, float("nan"), LARGEST + 1, -LARGEST - 1, [10**5000], {"£": 1}, {1: 2}, "\ud800", b"bytes", {"a": [{"b": 0.5}]}, {1, 2}])
def test_what_is_outside_the_subset_has_no_canonical_bytes(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        canonical(value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"1.0",
        b"1e3",
        b"NaN",
        b"-Infinity",
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b"\xff",
        b'"\xed\xa0\x80"',
        b"9007199254740992",
        b"9" * 5000,
        b"[" * 100_000,
    ],
)
def test_what_is_outside_the_subset_cannot_be_read(text: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        read(text)


@pytest.mark.parametrize("depth", [101, 500, 900, 990, 1_000, 10_000])
def test_what_is_nested_too_deep_is_refused_and_nothing_breaks(depth: int) -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        with pytest.raises(NotCanonicalError):
            read(opening * depth + "1" + closing * depth)


def test_what_is_nested_a_hundred_deep_can_be_read_and_written() -> None:
    text = b"[" * 100 + b"1" + b"]" * 100
    assert canonical(read(text)) == text


def test_digests_are_sha_256_and_a_stream_begins_at_that_of_its_name() -> None:
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert genesis("grant/alpha") == hashlib.sha256(b"stream:grant/alpha").hexdigest()
