"""Who is reading: what an identity provider says of a person, and the access list, make a User.

The access list is a TOML file (COMPLIANCE_ACCESS); docs/deploy.md explains it by an example. It is read again whenever it changes, so a role that is
taken away is gone at the next click.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from compliance.access import ROLES, Role, User
from compliance.errors import ComplianceError, Problem, closest

# Who signed in longer ago must do so again: the browser keeps Streamlit's cookie for 30 days, and the provider may have closed the account since.
DEFAULT_HOURS, MOST_HOURS = 12, 24 * 30
# What a proxy adds to the requests it passes on.
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
KEYS = ("claim", "hours", "roles", "people")
ROLES_KEYS = ("claim", *ROLES)
PERSON_KEYS = ("id", "role", "areas")


class AccessListError(ComplianceError):
    """Mend the access list."""


class NotAllowedIn(ComplianceError):
    """Signed in, but nobody whom the access list knows."""


class SignInAgain(ComplianceError):
    """Known, but the sign-in is too old."""


@dataclass(frozen=True)
class AccessList:
    """claim: what identifies a person. people: by that claim, folded. group_claim, groups: a claim that names groups, and the role of each."""

    claim: str = "email"
    hours: int = DEFAULT_HOURS
    people: Mapping[str, User] = field(default_factory=dict)
    group_claim: str | None = None
    groups: Mapping[str, Role] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> AccessList:
        """Raises AccessListError where there is none, and with every problem of the one there is."""
        try:
            return cls.parse(path.read_text(encoding="utf-8"), str(path))
        except OSError as error:
            raise unreadable(path, error) from error
        except UnicodeDecodeError as error:
            raise AccessListError([Problem("access.not_toml", {"detail": str(error)}, file=str(path))]) from error

    @classmethod
    def parse(cls, text: str, file: str) -> AccessList:
        """Raises AccessListError with every problem."""
        try:
            read = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise AccessListError([Problem("access.not_toml", {"detail": str(error)}, file=file)]) from error
        problems = list(_problems(read, file))
        if problems:
            raise AccessListError(problems)
        people = [User(_folded(each["id"]), each["role"], frozenset(each["areas"]) if "areas" in each else None) for each in read.get("people", [])]
        roles = read.get("roles", {})
        groups = {name: role for role in ROLES for name in roles.get(role, [])}  # a group in two lists has the higher role
        return cls(
            read.get("claim", "email"), read.get("hours", DEFAULT_HOURS), {user.name: user for user in people}, roles.get("claim"), groups
        )  # fmt: skip

    def user(self, claims: Mapping[str, Any], at: float) -> User:
        """Who this is at a time (seconds since 1970); raises NotAllowedIn or SignInAgain. A person's own entry counts before any group."""
        name = claims.get(self.claim)
        if not isinstance(name, str) or not name.strip():
            raise NotAllowedIn([Problem("access.no_claim", {"claim": self.claim})])
        # Some providers say it as a text. Not said: trusted, as most company directories leave it out.
        if self.claim == "email" and str(claims.get("email_verified", True)).lower() != "true":
            raise NotAllowedIn([Problem("access.unverified", {"who": name})])
        known = self.people.get(_folded(name))
        role = known.role if known else self._role_by_group(claims)
        if role is None:
            raise NotAllowedIn([Problem("access.unlisted", {"who": name})])
        since = claims.get("iat")
        if isinstance(since, int | float) and at - since > self.hours * 3600:
            raise SignInAgain([Problem("access.sign_in_again", {"hours": self.hours})])
        return known or User(_folded(name), role)

    def person(self, name: str) -> User:
        """Who is listed by this name; raises NotAllowedIn. Groups are for those who sign in: nobody else knows who is in them."""
        known = self.people.get(_folded(name))
        if known is None:
            raise NotAllowedIn([Problem("access.not_listed", {"who": name})])
        return known

    def _role_by_group(self, claims: Mapping[str, Any]) -> Role | None:
        said = claims.get(self.group_claim) if self.group_claim else None
        names = [said] if isinstance(said, str) else said if isinstance(said, Iterable) else ()
        held = {self.groups[name] for name in names if isinstance(name, str) and name in self.groups}
        return next((role for role in reversed(ROLES) if role in held), None)


def _folded(name: str) -> str:
    """One person is one name, however a list or a provider writes it: what someone imported stays his own when he moves from a list to a group."""
    return name.strip().casefold()


def unreadable(path: Path, error: OSError) -> AccessListError:
    return AccessListError([Problem("file.unreadable", {"name": str(path), "reason": error.strerror})])


def _problems(read: Mapping[str, Any], file: str) -> Iterator[Problem]:
    yield from _unknown_keys(read, KEYS, "", file)
    if not isinstance(read.get("claim", ""), str):
        yield Problem("access.bad_value", {"key": "claim", "expected": '"email"'}, file=file)
    hours = read.get("hours", DEFAULT_HOURS)
    if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= MOST_HOURS:
        yield Problem("access.bad_value", {"key": "hours", "expected": f"1–{MOST_HOURS}"}, file=file)
    yield from _group_problems(read.get("roles", {}), file)
    people = read.get("people", [])
    if not isinstance(people, list):
        yield Problem("access.bad_value", {"key": "people", "expected": "[[people]]"}, file=file)
        return
    seen: set[str] = set()
    for number, person in enumerate(people, start=1):
        yield from _person_problems(person, number, seen, file)


def _group_problems(roles: Any, file: str) -> Iterator[Problem]:
    if not isinstance(roles, dict):
        yield Problem("access.bad_value", {"key": "roles", "expected": "[roles]"}, file=file)
        return
    yield from _unknown_keys(roles, ROLES_KEYS, "roles", file)
    if roles and not isinstance(roles.get("claim"), str):
        yield Problem("access.bad_value", {"key": "roles.claim", "expected": '"groups"'}, file=file)
    for role in ROLES:
        if not _is_list_of_texts(roles.get(role, [])):
            yield Problem("access.bad_value", {"key": f"roles.{role}", "expected": '["…"]'}, file=file)


def _person_problems(person: Any, number: int, seen: set[str], file: str) -> Iterator[Problem]:
    where = f"people {number}"
    if not isinstance(person, dict):
        yield Problem("access.bad_value", {"key": where, "expected": "[[people]]"}, file=file)
        return
    yield from _unknown_keys(person, PERSON_KEYS, where, file)
    name = person.get("id")
    if not isinstance(name, str) or not name.strip():
        yield Problem("access.bad_value", {"key": f"{where} id", "expected": '"…"'}, file=file)
    elif _folded(name) in seen:
        yield Problem("access.twice", {"who": name}, file=file)
    else:
        seen.add(_folded(name))
    if person.get("role") not in ROLES:
        yield Problem("access.bad_value", {"key": f"{where} role", "expected": " | ".join(ROLES)}, file=file)
    if "areas" in person and not (_is_list_of_texts(person["areas"]) and person["areas"]):
        yield Problem("access.bad_value", {"key": f"{where} areas", "expected": '["S01"]'}, file=file)


def _unknown_keys(read: Mapping[str, Any], known: Collection[str], where: str, file: str) -> Iterator[Problem]:
    for key in read:
        if key not in known:
            meant = closest(key, list(known)) or ", ".join(known)
            yield Problem("access.unknown_key", {"key": f"{where} {key}".strip(), "meant": meant}, file=file)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def is_configured(section: Mapping[str, Any]) -> bool:
    """Whether the [auth] section of secrets.toml makes signing in possible."""
    return all(section.get(key) for key in ("redirect_uri", "cookie_secret"))


def is_loopback(host: str | None) -> bool:
    """Whether a name or address can only be reached from this computer; an unset one means everywhere."""
    if not host:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_from_here(headers: Mapping[str, str]) -> bool:
    """Whether a request was made by a browser of this computer: not passed on by a proxy, and asking for this computer by name.

    (A page elsewhere whose name was made to lead to 127.0.0.1 asks for that name.) Without any header, as in tests, it was.
    """
    told = {name.lower(): value for name, value in headers.items()}
    if any(name in told for name in FORWARDED):
        return False
    return "host" not in told or is_loopback(urlsplit(f"//{told['host']}").hostname)
