"""The one way out of every program of ours."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from typing import NoReturn


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
