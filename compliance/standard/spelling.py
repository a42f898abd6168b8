"""How names are compared wherever one may stand for another, and the names that files call their own columns by. Pure."""

from __future__ import annotations

import unicodedata

KEY_SPELLINGS: dict[str, tuple[str, ...]] = {
    "area_id": ("area_id", "单位", "单位编号", "社区", "街道", "社区名称", "街道名称", "单位名称", "area"),
    "period": ("period", "考核期", "季度"),
    "indicator": ("indicator", "指标"),
    "from": ("from", "起"),
    "to": ("to", "止"),
    "reason": ("reason", "原因"),
    "level": ("level", "层级"),
    "name": ("name", "名称"),
    "parent_id": ("parent_id", "上级单位", "parent"),
}
# A column of this name would stand beside our own in the table that is read.
RESERVED_ATTRIBUTES = frozenset({"line", "period"})


def folded(text: str) -> str:
    """How headers, names and ids are compared: compatible characters alike, no white space, no case. DuckDB, too, ignores case in names."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
