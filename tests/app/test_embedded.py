"""Server and worker in one command: both serve when it says so, both end with it, and what went wrong is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.embedded import embedded
from app.errors import UnavailableError
from app.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, temporal_program: Path) -> Settings:
    assert temporal_program.exists()
    return Settings(home=tmp_path)


async def test_a_server_and_a_worker_serve_and_end_with_the_block(settings: Settings) -> None:
    async with embedded(settings, own_server=True, ui=True) as parts:
        assert await parts.client.service_client.check_health()
        assert (parts.ui or "").startswith("http://127.0.0.1:")
        assert parts.server is not None
    assert (parts.worker.returncode, parts.server.child.returncode) == (0, 0)


async def test_a_server_that_is_named_is_used_and_left_alone(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with embedded(settings, own_server=True) as first:
        monkeypatch.setenv("TEMPORAL_ADDRESS", first.address)
        async with embedded(Settings(home=tmp_path / "second"), own_server=False, ui=True) as second:
            assert (second.address, second.server, second.ui) == (first.address, None, None)
        assert await first.client.service_client.check_health()


async def test_a_worker_that_cannot_start_is_said_with_its_last_words(settings: Settings) -> None:
    async with embedded(settings, own_server=True):
        with pytest.raises(UnavailableError, match=r"worker ended with 69.*another worker is using"):
            async with embedded(settings, own_server=True):
                pytest.fail("two workers serve one SQLite record")


@pytest.mark.parametrize("which", ["worker", "Temporal server"])
async def test_whichever_ends_by_itself_is_named(settings: Settings, which: str) -> None:
    async with embedded(settings, own_server=True) as parts:
        assert parts.server is not None
        (parts.worker if which == "worker" else parts.server.child).kill()
        assert await parts.broken() == which
