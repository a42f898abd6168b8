"""Who may write what: three roles, the acts that each may do, and the areas that a person may be bound to. Pure; asked again where the write happens."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import Literal, get_args

from compliance.errors import ComplianceError, Problem, Word
from compliance.settings import sayable

Role = Literal["viewer", "editor", "admin"]
Act = Literal["import", "correct", "undo_own", "undo_any", "redo", "set_up", "definitions", "backup", "restore"]

ROLES: tuple[Role, ...] = get_args(Role)
ACTS: tuple[Act, ...] = get_args(Act)
ALLOWED: dict[Role, frozenset[Act]] = {
    "viewer": frozenset(),
    "editor": frozenset({"import", "correct", "undo_own", "redo"}),
    "admin": frozenset(ACTS),
}

# Acts that concern every area: nothing for whoever is bound to some.
OF_ALL_AREAS: frozenset[Act] = frozenset({"set_up", "definitions", "restore"})


class AccessDenied(ComplianceError):
    """Ask someone who may."""


@dataclass(frozen=True)
class User:
    """Who is at work. areas: ids of the areas that the user is bound to, with all below them; None: all."""

    name: str
    role: Role
    areas: frozenset[str] | None = None

    def may(self, act: Act) -> bool:
        return act in ALLOWED[self.role] and (self.areas is None or act not in OF_ALL_AREAS)

    def is_called(self, name: str) -> bool:
        """Whether a name in the ledger is this user's: it may have been written in capitals then."""
        return name.casefold() == self.name.casefold()


def require(user: User, act: Act) -> None:
    """Raises AccessDenied, saying who asked, in which role, and which role is needed; or that the act concerns more areas than his."""
    if user.may(act):
        return
    if act in ALLOWED[user.role]:
        raise AccessDenied([Problem("access.bound_act", {"who": user.name, "role": Word(f"role.{user.role}"), "act": Word(f"act.{act}")})])
    needed = next(role for role in ROLES if act in ALLOWED[role])
    args = {"who": user.name, "role": Word(f"role.{user.role}"), "act": Word(f"act.{act}"), "needed": Word(f"role.{needed}")}
    raise AccessDenied([Problem("access.denied", args)])


def require_unbound(user: User, what: str, file: str | None = None) -> None:
    """For what concerns every area, such as parameters. what: a kind of import."""
    if user.areas is not None:
        raise AccessDenied([Problem("access.bound", {"who": user.name, "kind": Word(f"kind.{what}")}, file=file)])


def local_user() -> User:
    """Whoever runs the commands, or the one user of a server that serves this computer only: an admin under the system's name."""
    try:
        return User(sayable(getpass.getuser()), "admin")
    except (OSError, KeyError):
        # A container may run under a user id that has no name.
        return User("unknown", "admin")
