"""The ids that the gateway makes. Nothing below it makes any."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def uuid7() -> str:
    """An id that sorts by its time: 48 bits of milliseconds, then random ones (RFC 9562)."""
    milliseconds = time.time_ns() // 1_000_000
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)))
