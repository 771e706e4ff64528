"""Where one installation keeps what it has: a folder, and the databases in it or named beside it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile

import psutil

from app.errors import UnavailableError
from app.settings import Settings

DATABASES = ("record.db", "vault.db", "temporal.db")
"""The databases of a home; a lock, a log and the like of each lie beside it, under a name that goes on from its own."""

FILES = frozenset({"keys", "journals", "run.json", "run.draft", "rate.json", "rate.json.lock", "rate.draft", "up.log", "worker.log", "temporal.log"})
"""Every other file and folder that any program of ours makes in a home."""


@dataclass(frozen=True)
class Running:
    """What ``grants up`` writes to ``run.json``: the Temporal server's address, its UI (null: none), and who runs it.

    ``began`` (seconds since 1970) tells its program from a later one that was given the same id.
    """

    address: str
    ui: str | None
    pid: int
    began: float

    @property
    def alive(self) -> bool:
        """Whether that program is still there, and has not ended unburied."""
        try:
            found = psutil.Process(self.pid)
            return found.create_time() == self.began and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def ourselves(address: str, ui: str | None) -> Running:
    """What this program runs."""
    return Running(address, ui, os.getpid(), psutil.Process().create_time())


@dataclass(frozen=True)
class Home:
    """One installation's folder. ``named_record`` and ``named_vault`` are databases elsewhere; null: files in the folder."""

    path: Path
    named_record: str | None = None
    named_vault: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Home:
        """The home that the settings name."""
        return cls(settings.home, settings.record_url, settings.vault_url)

    @property
    def record_url(self) -> str:
        """The record: the one that is named, else ``record.db`` in this home."""
        return self.named_record or f"sqlite:///{self.path.absolute() / 'record.db'}"

    @property
    def has_record(self) -> bool:
        """Whether there is a record to read: one that is named, or the file in this home."""
        return self.named_record is not None or (self.path / "record.db").exists()

    @property
    def vault_url(self) -> str:
        """The vault: the one that is named, else ``vault.db`` in this home."""
        return self.named_vault or f"sqlite:///{self.path.absolute() / 'vault.db'}"

    @property
    def keys(self) -> Path:
        """The folder of this installation's keys."""
        return self.path / "keys"

    @property
    def rate_file(self) -> Path:
        """What counts how much each sender has sent of late."""
        return self.path / "rate.json"

    def make(self) -> None:
        """Make the folder, where there is none, and see that files can be made in it.

        Raises:
            UnavailableError: it or they cannot be made.

        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            message = f"The home {self.path} cannot be made or written to ({error.strerror or error}): name another with GRANTS_HOME"
            raise UnavailableError(message) from error

    def foreign(self) -> tuple[str, ...]:
        """The names of what lies in the folder and is not ours."""
        return tuple(sorted(each.name for each in self.path.iterdir() if each.name not in FILES and not each.name.startswith(DATABASES)))

    @property
    def run_file(self) -> Path:
        """What says that this home is up."""
        return self.path / "run.json"

    def running(self) -> Running | None:
        """What runs over this home now; null: nothing does.

        Raises:
            UnavailableError: ``run.json`` cannot be read.

        """
        try:
            found = Running(**json.loads(self.run_file.read_bytes()))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, TypeError) as error:
            message = f"{self.run_file} cannot be read ({error}); remove it if nothing runs"
            raise UnavailableError(message) from error
        return found if found.alive else None

    def says_running(self, running: Running) -> None:
        """Write ``run.json``, whole."""
        draft = self.run_file.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(running)))
        draft.replace(self.run_file)
