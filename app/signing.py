"""The gateway's own key: made on first use, kept by this installation, and what it signs (DESIGN §6, Identity)."""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from app.errors import UnavailableError
from domain import evidence
from domain.model import Command
from domain.organisation import Key as OrganisationKey

KEY_FILE = "gateway.pem"


@dataclass(frozen=True)
class Signer:
    """An Ed25519 key of this installation; ``key`` is its id, ``public`` its public half (32 bytes, base64)."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> str:
        """The public half, as an organisation's document names it."""
        return base64.b64encode(self._raw()).decode()

    @property
    def key(self) -> str:
        """The key's id: made from its public half, so the same key has the same id everywhere."""
        return f"key-{evidence.digest(self._raw())[:16]}"

    @property
    def trusted(self) -> dict[str, OrganisationKey]:
        """The key by its id, as the record trusts it before any organisation is adopted (DESIGN §6, Identity)."""
        return {self.key: OrganisationKey(key=self.key, public=self.public, first=datetime.min.replace(tzinfo=UTC))}

    def message(self, command: Command) -> bytes:
        """The signed message that says ``command``, as readable JSON (CONTRACT, Messages)."""
        said = command.model_dump(mode="json")
        signature = base64.b64encode(self.private.sign(evidence.canonical(said))).decode()
        return evidence.canonical({"command": said, "key": self.key, "signature": signature})

    def _raw(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def local_signer(folder: Path) -> Signer:
    """The key of this installation, from its file under ``folder``, made there on first use (readable by its owner only).

    Raises:
        UnavailableError: the file cannot be read, written, or is no Ed25519 key.

    """
    path = folder / KEY_FILE
    try:
        if not path.exists():
            _make(path)
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        message = f"The gateway's key {path} cannot be used: {error}"
        raise UnavailableError(message) from error
    if not isinstance(private, Ed25519PrivateKey):
        message = f"The gateway's key {path} is no Ed25519 key"
        raise UnavailableError(message)
    return Signer(private)


def _make(path: Path) -> None:
    """Write a new key whole or not at all: of two first uses at once, the first one's key stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
