"""docs/deploy.md says what is so: settings, examples, commands, files."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

from compliance import __main__
from compliance.access import User
from compliance.server import identity
from compliance.server.identity import AccessList

PROJECT = Path(__file__).parent.parent
GUIDE = (PROJECT / "docs" / "deploy.md").read_text(encoding="utf-8")
SETTINGS = (PROJECT / "docs" / "deploy" / "dashboard.env").read_text(encoding="utf-8")
COMMAND = PROJECT / "docs" / "deploy" / "compliance"
UNIT = (PROJECT / "docs" / "deploy" / "dashboard.service").read_text(encoding="utf-8")
NGINX = (PROJECT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
# The reader's own choice, or told of in the README.
ELSEWHERE = {"COMPLIANCE_LANG"}


def test_every_setting_is_told_and_none_is_made_up() -> None:
    sources = [*(PROJECT / "compliance").rglob("*.py")]
    used = {name for path in sources for name in re.findall(r"environ(?:\.get)?[(\[]\"(COMPLIANCE_\w+)\"", path.read_text(encoding="utf-8"))}
    assert set(re.findall(r"COMPLIANCE_\w+", GUIDE)) == used - ELSEWHERE
    assert set(re.findall(r"^(COMPLIANCE_\w+)=", SETTINGS, re.MULTILINE)) <= used
    assert re.findall(r"^[^#=]+$", SETTINGS, re.MULTILINE) == [], "systemd and the shell read it alike: names and values only"


def test_the_examples_are_read() -> None:
    secrets, access = EXAMPLES
    assert identity.is_configured(tomllib.loads(secrets)["auth"])
    people = AccessList.parse(access, "access.toml")
    assert people.user({"email": "wang@example.gov.cn"}, 0) == User("wang@example.gov.cn", "editor", frozenset({"S01", "S02"}))
    assert people.user({"email": "li@example.gov.cn", "groups": ["dashboard-admins"]}, 0).role == "admin"
    assert (people.claim, people.hours) == (AccessList().claim, AccessList().hours), "the example says these are the defaults"


def test_linked_files_are_there() -> None:
    links = re.findall(r"\]\((deploy/[^)]+)\)", GUIDE)
    assert len(links) == 4
    assert all((PROJECT / "docs" / link).is_file() for link in links)


@pytest.mark.parametrize("command", sorted(set(re.findall(r"(?:python -m|^   ) compliance (\w+)", GUIDE, re.MULTILINE))))
def test_the_commands_are_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        __main__.main([command, "--help"])
    assert caught.value.code == 0


def test_service_and_commands_have_the_same_settings() -> None:
    assert "EnvironmentFile=/etc/dashboard/dashboard.env\n" in UNIT and "Environment=" not in UNIT
    script = COMMAND.read_text(encoding="utf-8")
    assert ". /etc/dashboard/dashboard.env\n" in script and os.access(COMMAND, os.X_OK)
    user, program = re.search(r"^User=(.+)$", UNIT, re.MULTILINE), re.search(r"^ExecStart=(\S+)/streamlit ", UNIT, re.MULTILINE)
    assert user is not None and program is not None
    assert f"runuser -u {user[1]} -- " in script and f"{program[1]}/python -m compliance" in script


def test_the_proxy_says_who_asks_and_lets_uploads_through() -> None:
    """Without these lines a remote reader would look like a local one, or the websocket would not open."""
    for line in ("proxy_set_header Host $http_host;", "proxy_set_header X-Forwarded-For $remote_addr;", "proxy_set_header Upgrade $http_upgrade;"):
        assert line in NGINX
    config = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    body = re.search(r"client_max_body_size (\d+)m;", NGINX)
    assert body is not None and int(body[1]) == config["server"]["maxUploadSize"] + 1
    assert config["server"]["address"] == "127.0.0.1"
