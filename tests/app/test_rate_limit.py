"""How much one sender may send: so many at once, so many a minute, whichever program of the home sends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import rmtree
from threading import Timer

import pytest
from filelock import FileLock

from app import rate_limit
from app.errors import RateLimitedError, UnavailableError
from app.home import Home
from app.rate_limit import PAGE, RateLimit
from app.session import limit_of

SECOND = 1_000_000
T0 = 1_700_000_000 * SECOND


@pytest.fixture
def limit(tmp_path: Path) -> RateLimit:
    """Three at once, then one every ten seconds."""
    return RateLimit(tmp_path / "home" / "rate.json", a_minute=6, at_once=3)


def test_a_burst_goes_and_the_next_message_is_told_when_to_come_again(limit: RateLimit) -> None:
    for _ in range(3):
        limit.admit("ann", now=T0)
    with pytest.raises(RateLimitedError, match=r"ann would send more than 3 messages at once, or 6 a minute; none of 1 was sent.*Try again in 10 s") as told:
        limit.admit("ann", now=T0)
    assert (told.value.exit_code, told.value.seconds, told.value.at.timestamp()) == (75, 10, T0 // SECOND + 10)


def test_whoever_waits_as_long_as_told_is_admitted(limit: RateLimit) -> None:
    for _ in range(3):
        limit.admit("ann", now=T0)
    with pytest.raises(RateLimitedError) as told:
        limit.admit("ann", now=T0 + 4 * SECOND + 1)
    again = T0 + 4 * SECOND + 1 + told.value.seconds * SECOND
    limit.admit("ann", now=again)
    with pytest.raises(RateLimitedError):
        limit.admit("ann", now=again)


def test_a_refused_message_is_not_counted(limit: RateLimit) -> None:
    limit.admit("ann", 3, now=T0)
    for _ in range(50):
        with pytest.raises(RateLimitedError):
            limit.admit("ann", now=T0 + SECOND)
    limit.admit("ann", now=T0 + 10 * SECOND)


def test_each_sender_is_counted_apart(limit: RateLimit) -> None:
    limit.admit("ann", 3, now=T0)
    limit.admit("ben", 3, now=T0)
    with pytest.raises(RateLimitedError):
        limit.admit("ben", now=T0)


def test_several_go_together_or_not_at_all(limit: RateLimit) -> None:
    limit.admit("ann", 2, now=T0)
    with pytest.raises(RateLimitedError):
        limit.admit("ann", 2, now=T0)
    limit.admit("ann", now=T0)


def test_more_than_a_burst_holds_goes_once_nothing_else_is_counted(limit: RateLimit) -> None:
    limit.admit("ann", now=T0)
    with pytest.raises(RateLimitedError) as told:
        limit.admit("ann", 8, now=T0)
    assert told.value.seconds == 10
    limit.admit("ann", 8, now=T0 + 10 * SECOND)
    with pytest.raises(RateLimitedError) as told:
        limit.admit("ann", now=T0 + 10 * SECOND)
    assert told.value.seconds == 60


def test_a_clock_that_was_set_back_leaves_nobody_waiting(limit: RateLimit) -> None:
    limit.admit("ann", 3, now=T0)
    limit.admit("ann", now=T0 - 3600 * SECOND)


def test_what_is_over_is_forgotten(limit: RateLimit) -> None:
    limit.admit("ann", now=T0)
    limit.admit("ben", now=T0 + 60 * SECOND)
    assert list(json.loads(limit.file.read_bytes())["counted"]) == ["ben"]


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"counted": {}}'])
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_sent(limit: RateLimit, text: bytes) -> None:
    limit.admit("ann", now=T0)
    limit.file.write_bytes(text)
    with pytest.raises(UnavailableError, match=r"rate\.json cannot be read .* remove it"):
        limit.admit("ann", now=T0)


@pytest.mark.parametrize("senders", [1, 300])
def test_a_program_that_cannot_write_leaves_what_was_counted(limit: RateLimit, senders: int) -> None:
    for number in range(senders):
        limit.admit(f"sender-{number}", 3, now=T0)
    told = (
        "import resource, sys; from pathlib import Path; from app.rate_limit import RateLimit\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "RateLimit(Path(sys.argv[1]), 6, 3).admit('another', now=int(sys.argv[2]))"
    )
    ran = subprocess.run([sys.executable, "-c", told, limit.file, str(T0)], capture_output=True, text=True, check=False)
    assert "File too large" in ran.stderr
    limit.admit("another", 3, now=T0)
    for number in range(senders):
        with pytest.raises(RateLimitedError):
            limit.admit(f"sender-{number}", now=T0)


def test_a_file_of_one_page_is_written_over_where_it_is_and_a_larger_one_replaced(limit: RateLimit) -> None:
    def stays(sender: int, now: int) -> bool:
        """Whether the same file is still there once this sender is admitted."""
        with limit.file.open() as before:
            limit.admit(f"sender-{sender}", now=now)
            return os.path.samestat(os.fstat(before.fileno()), limit.file.stat())

    limit.admit("sender-0", now=T0)
    size, many = 1, 300
    while stays(size, T0):
        size += 1
        assert limit.file.stat().st_size == PAGE
    assert limit.file.stat().st_size > PAGE
    assert not any(stays(each, T0) for each in range(size + 1, many))
    assert len(json.loads(limit.file.read_bytes())["counted"]) == many
    later = T0 + 60 * SECOND
    assert [stays(1, later), stays(2, later)] == [False, True]
    assert list(json.loads(limit.file.read_bytes())["counted"]) == ["sender-1", "sender-2"]


def test_programs_side_by_side_count_together(tmp_path: Path) -> None:
    file = tmp_path / "rate.json"
    told = (
        "import sys; from pathlib import Path; from app.errors import RateLimitedError; from app.rate_limit import RateLimit\n"
        "limit, admitted = RateLimit(Path(sys.argv[1]), 1, 20), 0\n"
        "for _ in range(20):\n"
        "    try:\n        limit.admit('ann'); admitted += 1\n"
        "    except RateLimitedError: pass\n"
        "print(admitted)"
    )
    running = [subprocess.Popen([sys.executable, "-c", told, file], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert sum(int(each.communicate(timeout=60)[0]) for each in running) == 20


def test_the_settings_say_how_much_and_nought_is_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = limit_of(Home(tmp_path))
    assert found
    assert (found.a_minute, found.at_once, found.file) == (600, 100, tmp_path / "rate.json")
    monkeypatch.setenv("GRANTS_RATE_LIMIT", "0")
    assert limit_of(Home(tmp_path)) is None


def test_whoever_finds_the_file_locked_for_long_is_told_and_nothing_is_counted(limit: RateLimit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "LOCK_SECONDS", 0.05)
    limit.admit("ann", now=T0)
    before = limit.file.read_bytes()
    with FileLock(limit.file.with_name("rate.json.lock")), pytest.raises(UnavailableError, match=r"rate\.json is locked by another program"):
        limit.admit("ann", now=T0)
    assert limit.file.read_bytes() == before
    limit.admit("ann", 2, now=T0)


def test_whoever_finds_the_file_locked_waits_for_it(limit: RateLimit) -> None:
    lock = FileLock(limit.file.with_name("rate.json.lock"), thread_local=False)
    lock.acquire()
    released = Timer(0.05, lock.release, kwargs={"force": True})
    released.start()
    limit.admit("ann", now=T0)
    released.join()
    assert list(json.loads(limit.file.read_bytes())["counted"]) == ["ann"]


def test_a_program_that_was_forked_meanwhile_keeps_nobody_waiting(limit: RateLimit) -> None:
    with limit._locked():
        ended, end = os.pipe()
        if not (child := os.fork()):
            os.close(end)
            os.read(ended, 1)
            os._exit(0)
    try:
        limit.admit("ann", now=T0)
    finally:
        os.close(end)
        os.waitpid(child, 0)


def test_a_home_that_is_gone_is_made_again(limit: RateLimit) -> None:
    limit.admit("ann", 3, now=T0)
    rmtree(limit.file.parent)
    limit.admit("ann", 3, now=T0)


def test_where_nothing_can_be_counted_it_is_said_why(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder")
    with pytest.raises(UnavailableError, match=r"rate\.json cannot be used: (File exists|Not a directory)"):
        RateLimit(tmp_path / "home" / "rate.json", 6, 3).admit("ann", now=T0)
