"""What a template can be asked for, in words: levels, parts of the standard, periods. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from compliance import periods as calendar
from compliance.answers import phrases, templates
from compliance.answers.templates import Template
from compliance.drawing.markup import Html, el
from compliance.standard.definitions import Standard
from compliance.texts import Words

EARLIER_PERIODS = 8


@dataclass(frozen=True)
class Part:
    """All that a level reports, or what one domain or one department (its Chinese name) needs."""

    title: str
    domain: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class Period:
    title: str
    ordinal: int


def levels(words: Words, standard: Standard) -> dict[str, str]:
    """Levels that report anything, the lowest first, with their titles."""
    return {level.id: words.title(level.title) for level in reversed(standard.levels) if standard.metrics_of(level.id)}


def parts(words: Words, standard: Standard, level: str) -> dict[str, Part]:
    """Address value → part: the whole, each domain, each department."""
    found = {"": Part(words("template.part_all"))}
    for domain in standard.domains_of(level):
        found[f"domain:{domain.id}"] = Part(words("template.part_domain", title=words.title(domain.title)), domain=domain.id)
    for owner in {each.owner.zh: each.owner for each in standard.indicators_of(level) if each.owner}.values():
        found[f"owner:{owner.zh}"] = Part(words("template.part_owner", title=words.title(owner)), owner=owner.zh)
    return {key: part for key, part in found.items() if templates.metrics_for(standard, level, part.domain, part.owner)}


def periods(words: Words, standard: Standard, reported: Sequence[int], asked: str | None = None) -> dict[str, Period]:
    """Label → period: the one after the newest report first, since that is what is filled in next; then those reported, newest first. asked: one reported
    earlier than those listed is offered, too."""
    following = reported[-1] + 1 if reported else calendar.current(standard.frequency, date.today())
    ordinals = [following, *reversed(reported[-EARLIER_PERIODS:])]
    ordinals += [ordinal for ordinal in reported[:-EARLIER_PERIODS] if calendar.label(ordinal, standard.frequency) == asked]
    return {calendar.label(ordinal, standard.frequency): Period(phrases.period(words, standard, ordinal), ordinal) for ordinal in ordinals}


def summary(words: Words, template: Template) -> Html:
    """What the file will hold, before it is taken."""
    filled = sum(figure is not None for area in template.areas for figure in template.figures(area))
    level = words.title(template.standard.level_by_id[template.level].title)
    said = words(
        "template.summary",
        areas=len(template.areas),
        level=level,
        metrics=len(template.metrics),
        cells=words.number(len(template.areas) * len(template.metrics)),
    )
    return el("p", said, words("template.summary_filled", filled=words.number(filled)) if template.values else "", class_="template-summary")


def reminder_name(words: Words, owner: str) -> str:
    """催报单-城管办."""
    return "-".join(filter(None, (words("missing.file"), owner)))


def file_name(words: Words, template: Template, part: Part) -> str:
    """考核数据-社区-2026Q4-城管办."""
    level = words.title(template.standard.level_by_id[template.level].title)
    return "-".join(filter(None, (words("template.file"), level, template.period_label, part.title if part.domain or part.owner else "")))
