"""What an installation may set."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from activities.notifications import Console, Mail
from app.channels import channel_of
from app.errors import MisusedError
from app.settings import Settings, environment_with, read_settings, temporal_is_named, unknown_variables


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*environment_with({})]:
        if name.startswith(("GRANTS_", "TEMPORAL_")):
            monkeypatch.delenv(name)


def test_with_nothing_set_everything_lies_in_var_and_notices_are_printed() -> None:
    settings = Settings()
    assert (settings.home, settings.record_url, settings.temporal_cli) == (Path("var"), None, None)
    assert isinstance(channel_of(settings), Console)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANTS_HOME", "/srv/grants")
    monkeypatch.setenv("GRANTS_SMTP_HOST", "mail.example")
    monkeypatch.setenv("GRANTS_SMTP_PASSWORD", "secret")
    monkeypatch.setenv("GRANTS_MAILBOXES", '{"finance": "finance@example.org"}')
    monkeypatch.setenv("TEMPORAL_CLI", "/opt/temporal")
    settings = Settings()
    channel = channel_of(settings)
    assert isinstance(channel, Mail)
    assert (settings.home, settings.temporal_cli) == (Path("/srv/grants"), Path("/opt/temporal"))
    assert (channel.host, channel.port, channel.password, channel.mailboxes) == ("mail.example", 587, "secret", {"finance": "finance@example.org"})
    assert "secret" not in repr(settings)
    assert "secret" not in repr(channel)


@pytest.mark.parametrize(("name", "content"), [("GRANTS_SMTP_PORT", "70000"), ("GRANTS_MAILBOXES", "finance=secret@example.org"), ("GRANTS_SMTP_TLS", "maybe")])
def test_a_setting_that_cannot_be_is_named_without_its_content(monkeypatch: pytest.MonkeyPatch, name: str, content: str) -> None:
    monkeypatch.setenv(name, content)
    with pytest.raises(MisusedError) as raised:
        read_settings()
    assert name.removeprefix("GRANTS_").lower() in str(raised.value).lower()
    assert content not in str(raised.value)
    assert raised.value.exit_code == 2


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError):
        Settings().home = Path("elsewhere")  # type: ignore[misc]  # the point of the test


def test_a_misspelt_variable_is_found() -> None:
    environment = {"GRANTS_HOMES": "x", "GRANTS_HOME": "x", "GRANTS_TEST_DATABASE_URL": "x", "HOME": "x"}
    assert unknown_variables(environment) == ("GRANTS_HOMES",)


@pytest.mark.parametrize(("environment", "named"), [({}, False), ({"TEMPORAL_ADDRESS": ""}, False), ({"TEMPORAL_ADDRESS": "host:7233"}, True)])
def test_temporals_own_settings_name_a_server(environment: dict[str, str], named: bool) -> None:  # noqa: FBT001  (a table's column)
    assert temporal_is_named(environment) is named


def test_a_program_beside_our_own_server_gets_none_of_temporals_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "production")
    found = environment_with({"TEMPORAL_ADDRESS": "127.0.0.1:1"}, without="TEMPORAL_")
    assert {name: value for name, value in found.items() if name.startswith("TEMPORAL_")} == {"TEMPORAL_ADDRESS": "127.0.0.1:1"}
