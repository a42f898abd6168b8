"""Who comes in: claims and the access list make a user or a refusal; what only this computer may see stays on it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from compliance.access import User
from compliance.errors import ComplianceError
from compliance.server import identity
from compliance.server.identity import AccessList, AccessListError, NotAllowedIn, SignInAgain

LIST = """
hours = 8

[roles]
claim = "groups"
admin = ["dashboard-admins"]
editor = ["clerks"]
viewer = ["clerks", "everyone"]

[[people]]
id = "Wang@example.org"
role = "editor"
areas = ["S01", "S02"]

[[people]]
id = "li@example.org"
role = "admin"
"""
NOW = 1_800_000_000.0
HOUR = 3600


def said(error: ComplianceError) -> list[tuple[str, object]]:
    return [(problem.key.removeprefix("access."), problem.args.get("key") or problem.args.get("who")) for problem in error.problems]


@pytest.mark.parametrize(
    ("claims", "user"),
    [
        ({"email": "li@example.org"}, User("li@example.org", "admin")),
        ({"email": "wang@EXAMPLE.org ", "email_verified": True}, User("wang@example.org", "editor", frozenset({"S01", "S02"}))),
        # One's own entry counts before a group, also where the group may do more.
        ({"email": "wang@example.org", "groups": ["dashboard-admins"]}, User("wang@example.org", "editor", frozenset({"S01", "S02"}))),
        ({"email": "Zhao@example.org", "groups": ["everyone"]}, User("zhao@example.org", "viewer")),
        ({"email": "zhao@example.org", "groups": ["everyone", "clerks"]}, User("zhao@example.org", "editor")),
        ({"email": "zhao@example.org", "groups": "dashboard-admins"}, User("zhao@example.org", "admin")),
        ({"email": "li@example.org", "email_verified": "true"}, User("li@example.org", "admin")),
        ({"email": "li@example.org", "iat": NOW - 8 * HOUR}, User("li@example.org", "admin")),
    ],
)
def test_claims_make_a_user(claims: Mapping[str, object], user: User) -> None:
    assert AccessList.parse(LIST, "access.toml").user(claims, NOW) == user


@pytest.mark.parametrize(
    ("claims", "error", "key"),
    [
        ({}, NotAllowedIn, "no_claim"),
        ({"email": " "}, NotAllowedIn, "no_claim"),
        ({"email": ["li@example.org"]}, NotAllowedIn, "no_claim"),
        ({"sub": "li@example.org"}, NotAllowedIn, "no_claim"),
        *(({"email": "li@example.org", "email_verified": said}, NotAllowedIn, "unverified") for said in (False, "false", "", 0, 1, None, "no", ["true"])),
        ({"email": "zhao@example.org"}, NotAllowedIn, "unlisted"),
        ({"email": "zhao@example.org", "groups": ["admin"]}, NotAllowedIn, "unlisted"),
        ({"email": "zhao@example.org", "groups": {"clerks": 1}.keys() - {"clerks"}}, NotAllowedIn, "unlisted"),
        ({"email": "zhao@example.org", "groups": [1, None]}, NotAllowedIn, "unlisted"),
        ({"email": "zhao@example.org", "role": "admin"}, NotAllowedIn, "unlisted"),
        ({"email": "li@example.org", "iat": NOW - 8 * HOUR - 1}, SignInAgain, "sign_in_again"),
    ],
)
def test_others_are_turned_away(claims: Mapping[str, object], error: type[ComplianceError], key: str) -> None:
    with pytest.raises(error) as caught:
        AccessList.parse(LIST, "access.toml").user(claims, NOW)
    assert said(caught.value)[0][0] == key


def test_another_claim_may_name_people() -> None:
    by_number = AccessList.parse('claim = "employee"\n[[people]]\nid = "0042"\nrole = "viewer"\n', "access.toml")
    assert by_number.user({"employee": "0042", "email_verified": False}, NOW) == User("0042", "viewer")
    with pytest.raises(NotAllowedIn):
        by_number.user({"email": "0042"}, NOW)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("hours = ", [("not_toml", None)]),
        ('[[people]]\nid = "a"\nrole = "admin"\n[[people]]\nid = "A"\nrole = "viewer"\n', [("twice", "A")]),
        ('[[people]]\nid = "a"\nrole = "root"\n', [("bad_value", "people 1 role")]),
        ('[[people]]\nid = ""\nrole = "admin"\nareas = []\n', [("bad_value", "people 1 id"), ("bad_value", "people 1 areas")]),
        ('[[people]]\nid = "a"\nroles = "admin"\n', [("unknown_key", "people 1 roles"), ("bad_value", "people 1 role")]),
        ("hours = true\nclaim = 3\n", [("bad_value", "claim"), ("bad_value", "hours")]),
        ("hours = 0\npeople = 1\n", [("bad_value", "hours"), ("bad_value", "people")]),
        ('[roles]\nadmin = "x"\nowner = ["y"]\n', [("unknown_key", "roles owner"), ("bad_value", "roles.claim"), ("bad_value", "roles.admin")]),
        ("roles = 1\npersons = 2\n", [("unknown_key", "persons"), ("bad_value", "roles")]),
    ],
)
def test_a_list_with_mistakes_is_refused_whole(text: str, problems: list[tuple[str, object]]) -> None:
    with pytest.raises(AccessListError) as caught:
        AccessList.parse(text, "access.toml")
    assert said(caught.value) == problems
    assert {problem.file for problem in caught.value.problems} == {"access.toml"}


def test_a_mistyped_key_is_told_the_likely_one() -> None:
    with pytest.raises(AccessListError) as caught:
        AccessList.parse('persons = 1\n[[people]]\nid = "a"\nrole = "admin"\narea = ["S01"]\n', "access.toml")
    assert [problem.args["meant"] for problem in caught.value.problems][1] == "areas"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        (None, False),  # Streamlit's way of saying: everywhere
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.7", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
        ("unix:///run/dashboard.sock", False),
    ],
)
def test_loopback_is_told_from_the_network(host: str | None, local: bool) -> None:
    assert identity.is_loopback(host) is local


@pytest.mark.parametrize(
    ("headers", "here"),
    [
        ({}, True),
        ({"Host": "127.0.0.1:8501"}, True),
        ({"host": "localhost"}, True),
        ({"Host": "[::1]:8501"}, True),
        ({"Host": "dashboard.example.org"}, False),
        ({"Host": "rebound.example.org:8501"}, False),
        ({"Host": ""}, False),
        ({"Host": "127.0.0.1:8501", "X-Forwarded-For": "10.0.0.9"}, False),
        ({"Host": "localhost", "X-REAL-IP": "127.0.0.1"}, False),
        ({"Host": "localhost", "forwarded": "for=10.0.0.9"}, False),
    ],
)
def test_a_request_from_here_is_told_from_one_passed_on(headers: dict[str, str], here: bool) -> None:
    assert identity.is_from_here(headers) is here


@pytest.mark.parametrize(
    ("section", "configured"),
    [
        ({}, False),
        ({"redirect_uri": "http://x/oauth2callback"}, False),
        ({"redirect_uri": "http://x/oauth2callback", "cookie_secret": ""}, False),
        ({"redirect_uri": "http://x/oauth2callback", "cookie_secret": "s"}, True),
    ],
)
def test_signing_in_needs_both_settings(section: dict[str, str], configured: bool) -> None:
    assert identity.is_configured(section) is configured
