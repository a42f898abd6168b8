"""What differs between two versions of the standard, in words: a row a difference. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from compliance.answers import clause_words, phrases
from compliance.standard.changes import Change, Fact
from compliance.standard.definitions import AnyOf, Criterion, Standard, Title
from compliance.texts import Words


@dataclass(frozen=True)
class Difference:
    """One difference for a reader. thing: what kind of part; code and title: which; field: what of it, "" for the whole; kind: added, removed, changed."""

    kind: str
    thing: str
    code: str
    title: str
    field: str
    before: str
    after: str
    can_turn: bool


def differences(words: Words, old: Standard, new: Standard, found: Iterable[Change]) -> list[Difference]:
    """In the order of the changes."""
    return [_difference(words, old, new, change) for change in found]


def table(words: Words, rows: Iterable[Difference]) -> pd.DataFrame:
    """The same as a table to take away."""
    keys = ("what", "part", "code", "title", "field", "before", "after", "turns")
    said = [
        (
            words(f"versions.kind_{row.kind}"), row.thing, row.code, row.title, row.field, row.before, row.after,
            words("app.yes") if row.can_turn else words("app.no"),
        )
        for row in rows
    ]  # fmt: skip
    return pd.DataFrame(said, columns=[words(f"versions.column_{key}") for key in keys])


def _difference(words: Words, old: Standard, new: Standard, change: Change) -> Difference:
    title = _title(words, old if change.kind == "removed" else new, change)
    if change.field:
        field = words(f"versions.field_{change.field}")
        before, after = _fact(words, old, change, change.old), _fact(words, new, change, change.new)
        if before == after and isinstance(change.old, Title) and isinstance(change.new, Title):
            # Only the words of the other language differ.
            before, after = _both(change.old), _both(change.new)
    else:
        field = ""
        before = _whole(words, old, change) if change.kind == "removed" else ""
        after = _whole(words, new, change) if change.kind == "added" else ""
    return Difference(change.kind, words(f"versions.part_{change.what}"), change.id.partition(" / ")[0], title, field, before, after, change.can_turn)


def _criterion(standard: Standard, change: Change) -> Criterion | None:
    found = _clause(standard, change)
    return found if isinstance(found, Criterion) else None


def _clause(standard: Standard, change: Change) -> Criterion | AnyOf | None:
    """The criterion or any_of that a change is of."""
    code, _, id_ = change.id.partition(" / ")
    indicator = standard.indicator_by_code.get(code)
    if change.what not in ("criterion", "group") or indicator is None:
        return None
    return next((clause for clause, _ in indicator.parts() if clause.id == id_ and isinstance(clause, AnyOf) == (change.what == "group")), None)


def _title(words: Words, standard: Standard, change: Change) -> str:
    clause = _clause(standard, change)
    if clause is not None:
        return phrases.clause_title(words, standard, clause)
    known: dict[str, Title] = {
        "standard": {"": standard.title},
        "level": {level.id: level.title for level in standard.levels},
        "pillar": {pillar.id: pillar.title for pillar in standard.pillars},
        "domain": {domain.id: domain.title for domain in standard.domains},
        "indicator": {code: indicator.title for code, indicator in standard.indicator_by_code.items()},
        "metric": {id_: metric.title for id_, metric in standard.metric_by_id.items()},
        "parameter": {id_: parameter.title for id_, parameter in standard.parameter_by_id.items()},
        "attribute": {id_: attribute.title for id_, attribute in standard.attribute_by_id.items()},
        "criterion": {},
        "group": {},
    }[change.what]
    return words.title(known[change.id]) if change.id in known else change.id


def _whole(words: Words, standard: Standard, change: Change) -> str:
    """What came or went: of a criterion its limit, since the title alone says little."""
    criterion = _criterion(standard, change)
    if criterion is None:
        return _title(words, standard, change)
    return f"{phrases.expression(words, standard, criterion.value)} {phrases.limit(words, standard, criterion, None)}"


def _fact(words: Words, standard: Standard, change: Change, fact: Fact) -> str:
    criterion = _criterion(standard, change)
    match change.field, fact:
        case _, None:
            return words("versions.nothing")
        case "limit", _ if criterion:
            return phrases.limit(words, standard, criterion, None)
        case "value", _ if criterion:
            return phrases.expression(words, standard, criterion.value)
        case "every", _ if criterion:
            return clause_words.window(words, standard, criterion)
        case "title", _ if clause := _clause(standard, change):
            return phrases.clause_title(words, standard, clause)
        case "unit", str():
            return clause_words.unit_name(words, fact)
        case "kind", str():
            return words(f"required.kind_{fact}")
        case "level" | "parent", str():
            return words.title(standard.level_by_id[fact].title)
        case "domain", str():
            return words.title(next(domain.title for domain in standard.domains if domain.id == fact))
        case "pillar", str():
            return words.title(next(pillar.title for pillar in standard.pillars if pillar.id == fact))
        case "part_of", str():
            return phrases.name_title(words, standard, fact)
        case _, Title():
            return words.title(fact)
        case _, float() | int():
            return words.number(fact)
        case _:
            return str(fact)


def _both(title: Title) -> str:
    return f"{title.zh} / {title.en}"
