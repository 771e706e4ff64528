"""Looking for words in every byte that an installation has written."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def texts(node: Any) -> Iterator[str]:
    """Every text in what is sealed."""
    if isinstance(node, str):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from texts(each)


def files(home: Path) -> Iterator[Path]:
    """Every file below a home, in order."""
    return (path for path in sorted(home.rglob("*")) if path.is_file())


def holds(content: bytes, word: str) -> bool:
    """Whether the bytes hold the word, in any form in which something may have written it."""
    return any(form in content for form in forms(word))


def forms(word: str) -> tuple[bytes, ...]:
    """The word in clear, in UTF-16, in hexadecimal, and in base64 at every offset."""
    plain = word.encode()
    coded = (base64.b64encode(b"\0" * lead + plain)[4 if lead else 0 : -4] for lead in range(3))
    return (plain, word.encode("utf-16-le"), plain.hex().encode(), *coded)
