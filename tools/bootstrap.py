"""Set up this checkout: ``python3 -m tools.bootstrap [environment | server | judges]``; each includes the ones before it.

Needs Python >= 3.11 and nothing else; standard library only, for there is no environment yet. It may be run as often as
one likes. Everything goes below ``.venv``, ``.tools`` and the user's cache. Progress on stderr; exit code 69 with one
text if something that is needed can neither be found nor made.
"""

from __future__ import annotations

import fcntl
import sys

from tools.environment import virtual_environment
from tools.judges import set_up_time_skipping
from tools.say import TOOLS, UNAVAILABLE, UnavailableError, say
from tools.temporal_server import temporal

STEPS = ("environment", "server", "judges")


def main(wanted: str) -> int:
    """Set up as far as wanted; 0, or 69 with the reason on stderr. One at a time in one checkout."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            python = virtual_environment()
            if wanted != "environment":
                temporal(python)
            if wanted == "judges":
                set_up_time_skipping()
        except UnavailableError as reason:
            say(f"cannot go on.\n{reason}")
            return UNAVAILABLE
    return 0


if __name__ == "__main__":
    if (step := sys.argv[1] if len(sys.argv) > 1 else "server") not in STEPS:
        say(f"{step}? One of: {', '.join(STEPS)}")
        sys.exit(2)
    sys.exit(main(step))
