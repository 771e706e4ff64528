"""The one way out of every program of ours: when it is told to stop, and how it leaves."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn


def told_to_stop() -> asyncio.Event:
    """Set once SIGTERM or SIGINT says stop; from now on neither ends this program by itself."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, told.set)
    return told


def leave(code: int) -> NoReturn:
    """End this program now, with what it has said written out.

    Python's own way out waits for threads of Temporal's SDK that may still call into it, and a third of short programs
    then abort after all their work is done (temporalio/sdk-python issue 300).
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
