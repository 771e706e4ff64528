"""Where things are, in words."""

from __future__ import annotations

from app.home import Running


def where(running: Running) -> str:
    """Where the server is, and its UI."""
    ui = f"; its UI: {running.ui}" if running.ui else ""
    return f"Up: Temporal at {running.address}{ui} (process {running.pid}). `grants down` ends it."
