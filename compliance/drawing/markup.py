"""HTML from Python, safe by default: every text is escaped unless it was built here. The one way by which data reaches a page's HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable

VOID = frozenset({"br", "hr", "input"})


class Html(str):
    """Text that is HTML already. Only this module makes it."""

    __slots__ = ()


Child = str | Html | None | Iterable[str | Html | None]


def el(tag: str, *children: Child, **attributes: str | bool | None) -> Html:
    """An element: el("a", name, href=…, class_="area"). None and False leave a child or an attribute out."""
    named = "".join(_attribute(name, value) for name, value in attributes.items() if value is not None and value is not False)
    return Html(f"<{tag}{named}>" if tag in VOID else f"<{tag}{named}>{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Html:
    parts: list[str] = []
    for child in children:
        match child:
            case None:
                continue
            case Html():
                parts.append(child)
            case str():
                parts.append(html.escape(child))
            case _:
                parts.append(join(child))
    return Html("".join(parts))


def style(css: str) -> Html:
    """A stylesheet of our own, never of data."""
    return Html(f"<style>{css}</style>")


def _attribute(name: str, value: str | bool) -> str:
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
