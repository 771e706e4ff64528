"""Canonical bytes and the chain of hashes: what makes the record evidence. Standard library only.

The subset of JSON that may be hashed (CONTRACT, Messages; RFC 8785 agrees with it byte for byte): strings, integers
within 2**53 - 1, booleans, null, arrays, and objects with ASCII keys. Floats and duplicate keys are refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

LARGEST = 2**53 - 1
DEEPEST = 100
"""How deep values may nest: far above any message of ours, far below where a reader's stack ends."""


_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_PLAIN = frozenset({str, bool, type(None)})
"""Values of which nothing is asked: half a character shows when they are encoded."""


class NotCanonicalError(ValueError):
    """Raised when a value or text is outside the subset of JSON that can be hashed."""


def canonical(value: object) -> bytes:
    """The one byte string of ``value``: sorted keys, compact, UTF-8.

    Raises:
        NotCanonicalError: a float, an integer beyond 2**53 - 1, a key that is not ASCII, a lone surrogate, another type,
            or values nested too deep.

    """
    _check(value)
    return _encoded(_WRITER.encode(value))


def read(text: bytes | str) -> Any:
    """The value that canonical (or merely readable) JSON text says; any JSON outside the subset is refused.

    Raises:
        NotCanonicalError: not UTF-8, not JSON, a duplicate key, a float, or anything else outside the subset.

    """
    try:
        said = text if isinstance(text, str) else text.decode()
        value = json.loads(said, object_pairs_hook=_object, parse_float=_no_float, parse_constant=_no_float)
    except NotCanonicalError:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonicalError(str(error)) from error
    _check(value)
    _encoded(_WRITER.encode(value) if "\\u" in said else said)
    return value


def digest(text: bytes) -> str:
    """SHA-256 of the bytes, lower-case hexadecimal."""
    return hashlib.sha256(text).hexdigest()


def genesis(stream: str) -> str:
    """What the first event of a stream has before it: the digest of the stream's own name."""
    return digest(b"stream:" + stream.encode())


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            message = f"the key {key!r} stands twice"
            raise NotCanonicalError(message)
        found[key] = value
    return found


def _no_float(text: str) -> Any:
    message = f"{text} is not a whole number"
    raise NotCanonicalError(message)


def _check(value: object, depth: int = 0) -> None:
    """Every commit comes here with some hundred values, so a container passes its plain ones by itself."""
    if isinstance(value, dict):
        _check_keys(value)
        _check_inner(value.values(), depth)
    elif isinstance(value, list | tuple):
        _check_inner(value, depth)
    elif not isinstance(value, str | bool | None):
        _check_number(value)


def _check_inner(values: Iterable[object], depth: int) -> None:
    if depth == DEEPEST:
        message = f"it is nested more than {DEEPEST} deep"
        raise NotCanonicalError(message)
    for each in values:
        if each.__class__ not in _PLAIN:
            _check(each, depth + 1)


def _check_keys(value: dict[Any, Any]) -> None:
    for key in value:
        if not (isinstance(key, str) and key.isascii()):
            message = f"the key {key!r} is not ASCII text"
            raise NotCanonicalError(message)


def _check_number(value: object) -> None:
    match value:
        case int() if abs(value) <= LARGEST:
            return
        case int():
            message = "a number is beyond 2**53 - 1"
            raise NotCanonicalError(message)
        case _:
            message = f"{type(value).__name__} has no canonical form"
            raise NotCanonicalError(message)


def _encoded(text: str) -> bytes:
    """Half of a pair of surrogates is no character: it has no bytes in UTF-8, though escaped JSON can say it."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError(str(error)) from error
