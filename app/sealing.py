"""Sealing Part 2 and opening it again: one key for each, kept in the vault, where it can be erased (DESIGN §8).

The cipher is AES-256-GCM-SIV (RFC 8452), bound to the grant and to the id of the command, so that a ciphertext cannot be
moved to another. The nonce follows from the key and that binding: sealing the same content under the same id again gives
the same bytes, and a repeat of a command stays one. A different content under the same id gives other bytes, which the
record refuses; the cipher is made for that, and betrays nothing but that they differ.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from app.errors import GrantsError, RefusedError
from app.part_two import PartTwo
from app.redaction import no_leak
from domain import evidence
from domain.model import Command
from store.database import open_vault
from store.schema import check_schema
from store.vault import SealingKey, Vault

FORM = "v1."
KEY_BITS = 256
NONCE_BYTES = 12
NOTHING: Mapping[str, Any] = MappingProxyType({})


class SealBrokenError(GrantsError):
    """Raised when a ciphertext is not what its key sealed for that command of that grant: one of them was altered."""


class ErasedError(GrantsError):
    """Raised when the key of a Part 2 was erased, or was never in this vault: nobody can open it here."""


@dataclass(frozen=True)
class Sealer:
    """Seals and opens over the vault at that address, which is opened only while it is needed."""

    vault_url: str

    def sealed(self, stream: str, command: Command, part_two: PartTwo | None, beside: Mapping[str, Any] = NOTHING) -> Command:
        """The command with this Part 2, sealed; the command as it is where there is none. ``beside`` is public, too: its paper.

        Raises:
            LeakError: the command's own body, or what stands beside it, repeats something of the Part 2.
            RefusedError: the Part 2 of that id was erased, so nothing can be sealed under it again.
            NotCanonicalError: it holds what cannot be hashed (a fraction, a key that is not ASCII).
            RecordError: the vault cannot be used.

        """
        if part_two is None:
            return command
        no_leak(part_two, {"body": command.body, **beside})
        said = evidence.canonical(part_two)
        with self._vault() as vault:
            held = vault.keep_sealing_key(stream, command.id, AESGCMSIV.generate_key(KEY_BITS))
        if held.key is None:
            message = f"The Part 2 of {command.id} was erased at {held.erased}; nothing is sealed under that id again."
            raise RefusedError(message)
        text = AESGCMSIV(held.key).encrypt(_nonce(held.key, stream, command.id), said, _bound(stream, command.id))
        return command.model_copy(update={"sealed": FORM + base64.b64encode(text).decode()})

    def opened(self, stream: str, subject: str, sealed: str) -> dict[str, Any]:
        """What a ciphertext says, of the command ``subject`` on that stream.

        Raises:
            ErasedError: its key is gone.
            SealBrokenError: it is not what was sealed.
            RecordError: the vault cannot be used.

        """
        with self._vault() as vault:
            key = _key(vault.sealing_key(stream, subject), subject)
        try:
            text = base64.b64decode(sealed.removeprefix(FORM), validate=True)
            said: dict[str, Any] = evidence.read(AESGCMSIV(key).decrypt(_nonce(key, stream, subject), text, _bound(stream, subject)))
        except (InvalidTag, ValueError) as error:
            message = f"The Part 2 of {subject} does not open: its ciphertext or its key was altered; `grants audit verify` tells whether the record is whole"
            raise SealBrokenError(message) from error
        return said

    @contextmanager
    def _vault(self) -> Iterator[Vault]:
        engine = open_vault(self.vault_url)
        try:
            check_schema(engine)
            yield Vault(engine)
        finally:
            engine.dispose()


def _key(held: SealingKey | None, subject: str) -> bytes:
    if held is None:
        message = f"The key of the Part 2 of {subject} is not in this vault, so it cannot be read here."
        raise ErasedError(message)
    if held.key is None:
        message = f"The key of the Part 2 of {subject} was erased at {held.erased}: nobody can read it again."
        raise ErasedError(message)
    return held.key


def _bound(stream: str, subject: str) -> bytes:
    """What a ciphertext belongs to; it opens for nothing else."""
    return evidence.canonical({"command": subject, "stream": stream})


def _nonce(key: bytes, stream: str, subject: str) -> bytes:
    code = hmac.HMAC(key, hashes.SHA256())
    code.update(_bound(stream, subject))
    return code.finalize()[:NONCE_BYTES]
