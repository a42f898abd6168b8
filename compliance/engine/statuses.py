"""The statuses (DESIGN §2) as words, as numbers and in SQL: what a verdict and an exemption come to is said here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.engine.schema import indicator_column
from compliance.standard.definitions import Indicator

# "Nearly" is an unmet that nearly meets it; who does not tell them apart has UNMET for both.
MET, NEARLY, UNMET, NO_DATA, NOT_APPLICABLE = range(5)
STATUSES = ("met", "near", "unmet", "no_data", "not_applicable")

Statuses = NDArray[np.uint8]
Column = np.ma.MaskedArray[Any, np.dtype[Any]]


def of(verdict: bool | None, *, is_exempt: bool) -> str:
    """The status of a verdict, which is None where nobody can tell."""
    if is_exempt:
        return "not_applicable"
    return "no_data" if verdict is None else "met" if verdict else "unmet"


def matrix(columns: Mapping[str, Column], prefix: str, codes: Sequence[str], exempt: Column | None) -> Statuses:
    """Indicators × rows, from a column of verdicts each (prefix0, prefix1, …; NULL is unknown) and lists of the indicators that do not apply to a row."""
    found = np.empty((len(codes), len(next(iter(columns.values())))), dtype=np.uint8)
    for place in range(len(codes)):
        verdicts = columns[f"{prefix}{place}"]
        found[place] = np.where(np.ma.getmaskarray(verdicts), NO_DATA, np.where(np.ma.getdata(verdicts), MET, UNMET))
    if exempt is not None:
        place_of = {code: place for place, code in enumerate(codes)}
        lists = np.ma.getdata(exempt)
        for row in np.flatnonzero(~np.ma.getmaskarray(exempt)).tolist():
            for code in lists[row] if lists[row] is not None else ():
                if code in place_of:
                    found[place_of[code], row] = NOT_APPLICABLE
    return found


def text_sql(word: str) -> str:
    """A code or id from the definitions as an SQL string."""
    return "'" + word.replace("'", "''") + "'"


def exempt_sql(indicator: Indicator, alias: str = "") -> str:
    """Whether a row's area is exempt from the indicator; NULL where it is exempt from nothing. alias: of the table that `exempt` is of, with its dot."""
    return f"list_contains({alias}exempt, {text_sql(indicator.code)})"


def is_exempt_sql(indicator: Indicator, alias: str = "") -> str:
    """The same, false where it is exempt from nothing."""
    return f"coalesce({exempt_sql(indicator, alias)}, false)"


def name_sql(indicator: Indicator) -> str:
    """The status as a word, over rows with verdicts and `exempt`."""
    verdict = indicator_column(indicator)
    return f"CASE WHEN {is_exempt_sql(indicator)} THEN 'not_applicable' WHEN {verdict} THEN 'met' WHEN NOT {verdict} THEN 'unmet' ELSE 'no_data' END"


def code_sql(indicator: Indicator, alias: str = "") -> str:
    """The same as a number."""
    verdict = alias + indicator_column(indicator)
    exempt = is_exempt_sql(indicator, alias)
    return f"CASE WHEN {exempt} THEN {NOT_APPLICABLE} WHEN {verdict} THEN {MET} WHEN NOT {verdict} THEN {UNMET} ELSE {NO_DATA} END"
