"""The gateway's own keys: made on first use, rotated, kept by this installation, and what they sign (DESIGN §6, Identity)."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from app.errors import MisusedError, UnavailableError
from domain import evidence
from domain.keys import Key as OrganisationKey
from domain.model import Command

KEY_FILE = "gateway.pem"
"""The newest key of this installation, which signs wherever the record trusts it; the others stand beside it under their ids."""


@dataclass(frozen=True)
class Signer:
    """An Ed25519 key of this installation; ``key`` is its id, ``public`` its public half (32 bytes, base64)."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> str:
        """The public half, as an organisation's document names it."""
        return base64.b64encode(self._raw()).decode()

    @cached_property
    def key(self) -> str:
        """The key's id: made from its public half, so the same key has the same id everywhere."""
        return key_id(self.public)

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


def key_id(public: str) -> str:
    """The id of a key by its public half (base64).

    Raises:
        MisusedError: it is no public half of an Ed25519 key.

    """
    try:
        raw = base64.b64decode(public, validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        message = f"{public!r} is no public half of an Ed25519 key: 32 bytes, in base64"
        raise MisusedError(message) from error
    return f"key-{evidence.digest(raw)[:16]}"


@dataclass(frozen=True)
class OwnKeys(Mapping[str, OrganisationKey]):
    """The newest key of this installation by its id, read anew each time: a rotated one counts at once."""

    folder: Path

    def __getitem__(self, name: str) -> OrganisationKey:
        return local_signer(self.folder).trusted[name]

    def __iter__(self) -> Iterator[str]:
        return iter(local_signer(self.folder).trusted)

    def __len__(self) -> int:
        return len(local_signer(self.folder).trusted)


def local_signer(folder: Path) -> Signer:
    """The newest key of this installation, from its file under ``folder``, made there on first use (readable by its owner only).

    Raises:
        UnavailableError: the file cannot be read, written, or is no Ed25519 key.

    """
    return _read(folder / KEY_FILE, make=True)


def local_signers(folder: Path) -> tuple[Signer, ...]:
    """Every key of this installation, the newest first: organisations that have not taken the newest yet trust an earlier one.

    Raises:
        UnavailableError: as ``local_signer``, of any of them.

    """
    newest = local_signer(folder)
    others = (_read(path) for path in sorted(folder.glob("key-*.pem")))
    return (newest, *(each for each in others if each.key != newest.key))


def trusted_one(signers: Sequence[Signer], ring: Sequence[OrganisationKey], at: datetime) -> Signer | None:
    """Of these keys the one that a ring has trusted last and that holds at an instant (UTC); null: it trusts none of them."""
    mine = {each.key: each for each in signers}
    held = [each for each in ring if each.key in mine and each.public == mine[each.key].public and each.holds(at)]
    return mine[max(held, key=lambda each: each.first).key] if held else None


def make_next(folder: Path) -> Signer:
    """Another key of this installation, in a file under its own id; it signs nothing until the record trusts it.

    Raises:
        UnavailableError: as ``local_signer``.

    """
    private = Ed25519PrivateKey.generate()
    signer = Signer(private)
    try:
        _write(folder / f"{signer.key}.pem", private)
    except OSError as error:
        message = f"No key can be written to {folder}: {error}"
        raise UnavailableError(message) from error
    return signer


def make_newest(folder: Path, signer: Signer) -> None:
    """Have a key of this installation be its newest; the one before stays beside it under its own id.

    Raises:
        UnavailableError: a file cannot be moved.

    """
    before = local_signer(folder)
    if before.key == signer.key:
        return
    try:
        kept = folder / f"{before.key}.pem"
        if not kept.exists():
            os.link(folder / KEY_FILE, kept)
        (folder / f"{signer.key}.pem").replace(folder / KEY_FILE)
    except OSError as error:
        message = f"The keys in {folder} cannot be moved: {error}"
        raise UnavailableError(message) from error


def _read(path: Path, *, make: bool = False) -> Signer:
    try:
        if make and not path.exists():
            _write(path, Ed25519PrivateKey.generate())
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        message = f"The gateway's key {path} cannot be used: {error}"
        raise UnavailableError(message) from error
    if not isinstance(private, Ed25519PrivateKey):
        message = f"The gateway's key {path} is no Ed25519 key"
        raise UnavailableError(message)
    return Signer(private)


def _write(path: Path, private: Ed25519PrivateKey) -> None:
    """Write a new key whole or not at all: of two first uses at once, the first one's key stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
