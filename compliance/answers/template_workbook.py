"""A template as a workbook: a sheet to fill in, with drop-downs and allowed ranges, and one that explains each column. Pure."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from compliance.answers import clause_words
from compliance.answers.templates import Template, is_small_share
from compliance.standard.definitions import Indicator, Metric
from compliance.standard.inputs import users_of
from compliance.texts import LANGUAGES, Words

# Excel's own limits of the texts of a cell's rule.
LONGEST_RULE_TITLE, LONGEST_RULE_TEXT = 32, 255
SPREADSHEET_LIMIT = 1e15


def xlsx_template(template: Template, words: Words) -> bytes:
    """Two sheets. Ids and periods are text cells: 007 stays 007. words: the language of sheets and explanations."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        _fill_in(book, template, words)
        _explain(book, template, words)
    return out.getvalue()


def _fill_in(book: Any, template: Template, words: Words) -> None:
    sheet = book.add_worksheet(words("template.sheet_data"))
    text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    for column, cell in enumerate(template.heads()):
        sheet.write_string(0, column, cell, head)
    for row, area in enumerate(template.areas, start=1):
        sheet.write_string(row, 0, template.area_cell(area), text)
        sheet.write_string(row, 1, template.period_label, text)
        for column, (metric, figure) in enumerate(zip(template.metrics, template.figures(area), strict=True), start=2):
            if figure is not None and metric.is_yes_no:
                sheet.write_string(row, column, words("app.yes" if figure else "app.no"))
            elif figure is not None and is_small_share(metric, figure):
                _write_share(book, sheet, row, column, figure)
            elif figure is not None and _is_kept(figure):
                sheet.write_number(row, column, figure)
            elif figure is not None:
                sheet.write_string(row, column, repr(figure))
    for column, metric in enumerate(template.metrics, start=2):
        sheet.write_comment(0, column, _note(words, metric), {"x_scale": 2})
        if template.areas:
            sheet.data_validation(1, column, len(template.areas), column, _rule(words, metric))
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1 + len(template.metrics), 14)
    sheet.set_row(0, 60)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.repeat_columns(0, 1)


def _is_kept(figure: float) -> bool:
    """The workbook writer keeps sixteen digits; a text keeps them all."""
    return float(f"{figure:.16G}") == figure


def _write_share(book: Any, sheet: Any, row: int, column: int, percent: float) -> None:
    """A small percentage as spreadsheets write it: 0.0088 that is shown as 0.88%; as a text where a hundredth of it would not lead back to it."""
    text = repr(percent).removesuffix(".0")
    share = float(Decimal(text) / 100)
    if Decimal(repr(share)) * 100 == Decimal(text) and _is_kept(share):
        decimals = max(0, -int(Decimal(text).as_tuple().exponent))
        sheet.write_number(row, column, share, book.add_format({"num_format": f"{0:.{decimals}f}%"}))
    else:
        sheet.write_string(row, column, f"{text}%")


def _note(words: Words, metric: Metric) -> str:
    """Both titles, unit, kind and range: what stands beside a head when the pointer is on it."""
    facts = (clause_words.unit_name(words, metric.unit), clause_words.kind_name(words, metric), clause_words.sane_range(words, metric))
    return "\n".join((metric.title.zh, metric.title.en, *(fact for fact in facts if fact)))


def _rule(words: Words, metric: Metric) -> dict[str, Any]:
    """What a spreadsheet lets one type into a cell; what it lets through, the import checks again."""
    told = {
        "error_title": words("template.rule_title")[:LONGEST_RULE_TITLE],
        "error_message": words("template.rule", title=words.title(metric.title), range=_allowed(words, metric))[:LONGEST_RULE_TEXT],
    }
    if metric.is_yes_no:
        return {"validate": "list", "source": [words("app.yes"), words("app.no")], **told}
    low, high = (max(metric.smallest, -SPREADSHEET_LIMIT), min(metric.largest, SPREADSHEET_LIMIT))
    return {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high, **told}


def _allowed(words: Words, metric: Metric) -> str:
    return clause_words.unit_name(words, metric.unit) if metric.is_yes_no else clause_words.sane_range(words, metric)


def _explain(book: Any, template: Template, words: Words) -> None:
    sheet = book.add_worksheet(words("template.sheet_explained"))
    head, wrapped = book.add_format({"bold": True, "text_wrap": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    for line, key in enumerate(("template.how_fill", "template.how_blank", "template.how_return")):
        sheet.write_string(line, 0, words(key))
    first = 4
    keys = ("column_id", "column_zh", "column_en", "column_unit", "column_kind", "column_range", "column_needed", "column_owner")
    for column, key in enumerate(keys):
        sheet.write_string(first, column, words(f"template.{key}"), head)
    users = users_of(template.standard, template.level)
    for row, metric in enumerate(template.metrics, start=first + 1):
        for column, cell in enumerate(_explanation(template, words, metric, users[metric.id])):
            sheet.write_string(row, column, cell, wrapped)
    for column, width in enumerate((30, 30, 34, 10, 22, 16, 44, 16)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(first + 1, 2)


def _explanation(template: Template, words: Words, metric: Metric, users: Sequence[Indicator]) -> tuple[str, ...]:
    standard = template.standard
    needed = "\n".join(f"{indicator.code} {words.title(indicator.title)}" for indicator in users)
    owners = dict.fromkeys(words.title(indicator.owner) for indicator in users if indicator.owner)
    part = f"\n{words('required.part_of', whole=words.title(standard.metric_by_id[metric.part_of].title))}" if metric.part_of else ""
    kind = clause_words.kind_name(words, metric) + part
    titles = tuple(metric.title.in_language(language) for language in LANGUAGES)
    return (metric.id, *titles, clause_words.unit_name(words, metric.unit), kind, clause_words.sane_range(words, metric), needed, "\n".join(owners))
