"""What a reader narrows every page down to, and how that stands in the address. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from compliance.standard.definitions import Standard

# filter → its parameter in the address
PARAMETERS = {"parent": "in", "domain": "domain", "kind": "kind"}
SEPARATOR = ":"
# What else narrows a view, page by page, and the part of a long list that is shown: void once nothing is filtered.
OTHERS = ("status", "owner", "part")

# filter → address value → its title on screen
Options = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Filters:
    """parent: an area's id; domain: a domain's id; kind: an attribute of areas and the value it must have."""

    parent: str | None = None
    domain: str | None = None
    kind: tuple[str, str] | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str], options: Options) -> tuple[Filters, tuple[str, ...]]:
        """The filters of an address, and what it asks for in vain: an option that vanished filters nothing."""
        values = {name: asked[parameter] for name, parameter in PARAMETERS.items() if asked.get(parameter)}
        known = {name: value for name, value in values.items() if value in options[name]}
        kind = tuple(known["kind"].split(SEPARATOR, 1)) if "kind" in known else None
        vanished = tuple(value for name, value in values.items() if name not in known)
        return cls(known.get("parent"), known.get("domain"), (kind[0], kind[1]) if kind else None), vanished

    def for_indicator(self, domain: str | None) -> Filters:
        """The same for a view of one indicator, which is of that domain (None: of none that is known): another domain would hide what was asked for."""
        return self if domain is None or self.domain in (None, domain) else replace(self, domain=None)

    def only(self, names: Collection[str]) -> Filters:
        """Those of these names."""
        return Filters(**{name: getattr(self, name) for name in PARAMETERS if name in names})

    def at(self, standard: Standard, level: str) -> Filters:
        """Those that can hold for areas of a level: kinds sort the areas of the lowest one, a parent keeps those and itself, a domain must judge it."""
        lowest = standard.judged_levels[0]
        is_judged = any(each.id == self.domain for each in standard.domains_of(level))
        return Filters(
            self.parent if level in (lowest, standard.level_by_id[lowest].parent) else None,
            self.domain if is_judged else None,
            self.kind if level == lowest else None,
        )

    def value(self, name: str) -> str | None:
        """The address value of one filter."""
        return {"parent": self.parent, "domain": self.domain, "kind": SEPARATOR.join(self.kind) if self.kind else None}[name]

    def parameters(self) -> dict[str, str]:
        return {parameter: value for name, parameter in PARAMETERS.items() if (value := self.value(name)) is not None}


def kind_options(kinds: Mapping[str, tuple[str, ...]], titles: Mapping[str, str]) -> dict[str, str]:
    """Address value → title; with several attributes each title names its own. titles: of the attributes that have one."""
    several = len(kinds) > 1
    return {f"{name}{SEPARATOR}{value}": f"{titles.get(name, name)} = {value}" if several else value for name, values in kinds.items() for value in values}


def only_attribute(options: Mapping[str, str]) -> str | None:
    """The attribute that all options of the filter by kind are of, if it is one."""
    names = {value.split(SEPARATOR, 1)[0] for value in options}
    return names.pop() if len(names) == 1 else None
