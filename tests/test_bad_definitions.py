"""One good definitions file and what people get wrong in it: each mistake is refused, once, on its line, with the remedy in both languages."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from compliance import texts
from compliance.errors import DefinitionError, Problem
from compliance.standard import loader

GOOD = """\
standard:
  id: tiny
  title: {zh: 小标准, en: Tiny standard}
  period: quarter
  levels:
    - {id: subdistrict, title: {zh: 街道, en: Subdistrict}}
    - {id: community, title: {zh: 社区, en: Community}, parent: subdistrict}
pillars:
  - id: services
    title: {zh: 管理服务, en: Services}
    domains:
      - id: environment
        title: {zh: 社区环境, en: Environment}
        badge: {zh: 干净社区, en: Clean community}
        indicators:
          - code: "2.10"
            level: community
            title: {zh: 楼道亮灯, en: Lit stairwells}
            text: 楼道亮灯率达90%以上;
            owner: {zh: 城管办, en: Urban management}
            weight: 2
            criteria:
              - {id: lighting, value: lit_rate, at_least: 90, baseline: 50}
              - {id: tidy, value: tidy, is: yes}
              - {id: staffed, value: staff, between: [3, 9]}
              - {id: patrolled, value: patrols, at_least: 1, every: quarter}
              - id: wardens
                any_of:
                  - {id: by_homes, value: wardens, at_least: homes / 100}
                  - {id: by_number, value: wardens, at_least: 3}
      - id: order
        title: {zh: 社区安全, en: Order}
        indicators:
          - code: "2.11"
            level: community
            title: {zh: 可防性案件, en: Preventable crime}
            text: 可防性案件发案率低于全市平均;
            criteria:
              - {id: thefts, value: 1000 * thefts / homes, at_most: city_theft_rate, every: year}
metrics:
  - {id: lit_rate, title: {zh: 楼道亮灯率, en: Stairwell lighting rate}, level: community, unit: percent, kind: stock, range: [0, 100]}
  - {id: tidy, title: {zh: 楼道整洁, en: Stairwells found tidy}, level: community, unit: yes_no, kind: stock, range: [0, 1]}
  - {id: staff, title: {zh: 专职人员, en: Full-time staff}, level: community, unit: people, kind: stock, range: [0, 50]}
  - {id: patrols, title: {zh: 巡查次数, en: Patrols held}, level: community, unit: times, kind: flow, range: [0, 900]}
  - {id: wardens, title: {zh: 楼门长, en: Wardens}, level: community, unit: people, kind: stock, part_of: homes}
  - {id: homes, title: {zh: 户数, en: Homes}, level: community, unit: households, kind: stock}
  - {id: thefts, title: {zh: 盗窃案件, en: Thefts}, level: community, unit: count, kind: flow}
  - {id: balance, title: {zh: 账户余额, en: Account balance}, level: community, unit: yuan, kind: stock}
  - {id: offices, title: {zh: 街道办公点, en: Offices}, level: subdistrict, unit: count, kind: stock}
parameters:
  - {id: city_theft_rate, title: {zh: 全市发案率, en: City theft rate}, unit: permille}
"""

LIT = "value: lit_rate, at_least: 90, baseline: 50"  # the criterion that most mistakes below are made in
LEVELS = GOOD[GOOD.index("  levels:") : GOOD.index("pillars:")]
ANOTHER_PILLAR = """\
    title: Another
    domains:
      - id: another
        title: Another
        indicators:
          - {code: "9", level: community, title: Another, text: Another, criteria: [{id: another, value: homes, at_least: 1}]}
"""


@dataclass(frozen=True)
class Mistake:
    """old → new in the good file. key and remedy: what the message must be and say in English. at: text on the line that must be named (default: new)."""

    name: str
    old: str
    new: str
    key: str
    remedy: str
    at: str = ""


def value(name: str, formula: str, key: str, remedy: str) -> Mistake:
    """A wrong formula in the value of the criterion `lighting`."""
    return Mistake(name, LIT, f"value: {formula}, at_least: 90", key, remedy)


def limit(name: str, text: str, key: str, remedy: str) -> Mistake:
    return Mistake(name, LIT, f"value: lit_rate, at_least: {text}", key, remedy)


MISSING_AND_UNKNOWN_KEYS = [
    Mistake("unknown key at the top", "\nmetrics:\n", "\nmetrcs:\n", "fields.unknown_key", "did you mean 'metrics'?", "metrcs"),
    Mistake("unknown key that is like no other", "metrics:\n", "author: me\nmetrics:\n", "fields.unknown_key_listed", "standard, pillars, metrics, parameters"),
    Mistake("unknown key in standard", "period: quarter", "perod: quarter", "fields.unknown_key", "did you mean 'period'?"),
    Mistake("unknown key in a level", "parent: subdistrict", "parnt: subdistrict", "fields.unknown_key", "did you mean 'parent'?"),
    Mistake("unknown key in a pillar", "    domains:", "    domain:", "fields.unknown_key", "did you mean 'domains'?"),
    Mistake("unknown key in a domain", "badge: {zh: 干净", "bage: {zh: 干净", "fields.unknown_key", "did you mean 'badge'?"),
    Mistake("unknown key in an indicator", "weight: 2", "wieght: 2", "fields.unknown_key", "did you mean 'weight'?"),
    Mistake("unknown key in a criterion", "at_most: city", "at_mots: city", "fields.unknown_key", "did you mean 'at_most'?"),
    Mistake("formula instead of value", LIT, "formula: lit_rate, value: lit_rate, at_least: 90", "fields.unknown_key_listed", "allowed here are id, value"),
    Mistake("any_of misspelt", "any_of:", "anyof:", "fields.unknown_key", "did you mean 'any_of'?"),
    Mistake("unknown key in a member", "by_number, value: wardens,", "by_number, value: wardens, evry: year,", "fields.unknown_key", "did you mean 'every'?"),
    Mistake("every beside any_of", "any_of:", "every: year\n                any_of:", "fields.unknown_key_listed", "id, any_of, title, note"),
    Mistake("unknown key in a metric", "range: [0, 100]", "rnage: [0, 100]", "fields.unknown_key", "did you mean 'range'?"),
    Mistake("a range for a parameter", "unit: permille", "unit: permille, range: [0, 9]", "fields.unknown_key_listed", "id, title, unit, note"),
    Mistake("a third language", "{zh: 社区环境, en: Environment}", "{zh: 社区环境, en: Environment, fr: Milieu}", "fields.unknown_key_listed", "zh, en"),
    Mistake(
        "a language misspelt",
        "{zh: 社区环境, en: Environment}",
        "{zh: 社区环境, eng: Environment}",
        "fields.unknown_key",
        "'title.eng': did you mean 'title.en'?",
    ),
    Mistake("no id of the standard", "  id: tiny\n", "", "fields.missing", "'id' is missing", "title: {zh: 小标准"),
    Mistake("no levels", LEVELS, "", "fields.missing", "'levels' is missing", "id: tiny"),
    Mistake("no code", '- code: "2.11"\n            level', "- level", "fields.missing", "'code' is missing"),
    Mistake("no text", "            text: 可防性案件发案率低于全市平均;\n", "", "fields.missing", "'text' is missing", 'code: "2.11"'),
    Mistake("no level", '"2.11"\n            level: community', '"2.11"', "fields.missing", "'level' is missing"),
    Mistake("no unit of a metric", "unit: yuan, ", "", "fields.missing", "'unit' is missing", "id: balance"),
    Mistake("no kind of a metric", ", unit: yuan, kind: stock", ", unit: yuan", "fields.missing", "'kind' is missing", "id: balance"),
    Mistake("no id of a criterion", "{id: tidy, value: tidy", "{value: tidy", "fields.missing", "'id' is missing"),
    Mistake("no value", "value: lit_rate, at_least", "at_least", "fields.missing", "'value' is missing", "id: lighting"),
    Mistake("no title of a metric", "title: {zh: 户数, en: Homes}, ", "", "fields.missing", "'title' is missing", "id: homes"),
    Mistake("a title in one language only", "{zh: 可防性案件, en: Preventable crime}", "{zh: 可防性案件}", "fields.missing", "'title.en' is missing"),
    Mistake("a blank title", "en: Preventable crime}", 'en: " "}', "fields.blank", "fill it in"),
    Mistake("a key without content", "weight: 2", "weight:", "fields.blank", "remove the key"),
]

WRONG_TYPES = [
    Mistake("a code without quotes", '"2.10"', "2.10", "fields.quote", '"2.10"'),
    Mistake("an id that YAML takes for false", "{id: tidy, value: tidy", "{id: no, value: tidy", "fields.quote", '"no"'),
    Mistake("a title that is a year", "en: Preventable crime}", "en: 2025}", "fields.quote", '"2025"'),
    Mistake("is: true", "is: yes", "is: true", "fields.choice_listed", "yes | no"),
    Mistake("is: Yes", "is: yes", "is: Yes", "fields.choice", "did you mean 'yes'?"),
    Mistake("an unknown period", "period: quarter", "period: quarterly", "fields.choice", "did you mean 'quarter'?"),
    Mistake("an unknown every", "every: quarter", "every: fortnight", "fields.choice_listed", "year | half_year | quarter | month"),
    Mistake("every shorter than the period", "every: quarter", "every: month", "criterion.every_too_short", "use a longer one"),
    Mistake("an unknown unit", "unit: yuan", "unit: percents", "fields.choice", "did you mean 'percent'?"),
    Mistake("a unit like no other", "unit: yuan", "unit: furlong", "fields.choice_listed", "yuan"),
    Mistake("an unknown kind", "unit: yuan, kind: stock", "unit: yuan, kind: flows", "fields.choice", "did you mean 'flow'?"),
    Mistake("a word for a weight", "weight: 2", "weight: heavy", "fields.number", "like 90 or 1.5"),
    Mistake("a weight in quotes", "weight: 2", 'weight: "2"', "fields.number", "without quotes"),
    Mistake("a weight of 0", "weight: 2", "weight: 0", "indicator.weight", "above 0"),
    Mistake("a negative weight", "weight: 2", "weight: -1", "indicator.weight", "above 0"),
    Mistake("a weight that is no number", "weight: 2", "weight: .nan", "fields.number", "like 90 or 1.5"),
    Mistake("a range reversed", "range: [0, 50]", "range: [50, 0]", "metric.range_order", "smaller number first"),
    Mistake("a range of one", "range: [0, 50]", "range: [50]", "fields.pair", "[low, high]"),
    Mistake("a range in words", "range: [0, 50]", "range: [0, many]", "fields.number", "like 90 or 1.5"),
    Mistake("a range that is infinite", "range: [0, 50]", "range: [0, .inf]", "fields.number", "like 90 or 1.5"),
    Mistake("a range of yes_no", "range: [0, 1]", "range: [0, 2]", "metric.yes_no_range", "[0, 1]"),
    Mistake("a list for a text", "text: 可防性案件发案率低于全市平均;", "text: [可防, 案件]", "fields.text", "in quotes"),
    Mistake("a list for a formula", "value: lit_rate,", "value: [lit_rate],", "fields.formula", "one formula"),
    Mistake("a text for a list", "    - {id: subdistrict, title: {zh: 街道, en: Subdistrict}}\n", "    - subdistrict\n", "fields.mapping", "keys id, title, parent"),
    Mistake("a mapping for a list", "parameters:\n  - {id", "parameters:\n    {id", "fields.list", "after '- '", "    {id: city"),
    Mistake("criteria without an entry", "              - {id: thefts, value: 1000 * thefts / homes, at_most: city_theft_rate, every: year}\n", "", "fields.blank", "fill it in", "            criteria:\nmetrics"),
    Mistake("an empty list", "              - {id: thefts, value: 1000 * thefts / homes, at_most: city_theft_rate, every: year}\n", "              []\n", "fields.empty_list", "at least one"),
    Mistake("an id with a hyphen", "{id: balance,", "{id: bank-balance,", "fields.identifier", "only A–Z"),
    Mistake("an id in Chinese", "{id: balance,", "{id: 余额,", "fields.identifier", "start with a letter"),
    Mistake("an id of 64 letters", "{id: balance,", f"{{id: {'b' * 64},", "fields.identifier", "at most 63"),
    Mistake("a metric called case", "{id: balance,", "{id: case,", "fields.reserved", "case_count"),
    Mistake("a metric called period", "{id: balance,", "{id: period,", "fields.reserved", "period_count"),
    Mistake("a metric called area_id", "{id: balance,", "{id: AREA_ID,", "fields.reserved", "another name"),
    Mistake("a metric called interval", "{id: balance,", "{id: interval,", "fields.reserved", "another name"),
    Mistake("a metric called all", "{id: balance,", "{id: all,", "fields.reserved", "another name"),
    Mistake("an invisible character in a code", '"2.11"', '"2.11\\u200b"', "fields.character", "U+200B"),
    Mistake("a blank at the end of a code", '"2.11"', '"2.11 "', "fields.spaces", 'write "2.11"'),
    Mistake("a line break in a title", "en: Homes}", 'en: "Homes\\nhere"}', "fields.spaces", '"Homes here"'),
]  # fmt: skip

DUPLICATES = [
    Mistake("a key given twice", "weight: 2", "weight: 2\n            weight: 3", "yaml.duplicate_key", "keep one of the two", "weight: 3"),
    Mistake("a key given twice in braces", "at_least: 3}", "at_least: 3, at_least: 4}", "yaml.duplicate_key", "keep one of the two"),
    Mistake("a metric given twice", "{id: balance,", "{id: staff,", "definitions.duplicate_metric", "already on line 43", "zh: 账户余额"),
    Mistake("metrics that differ by case", "{id: balance,", "{id: Staff,", "definitions.duplicate_metric", "case is ignored", "zh: 账户余额"),
    Mistake("an indicator given twice", '"2.11"', '"2.10"', "definitions.duplicate_indicator", "another code", "code: \"2.10\"\n            level: community\n            title: {zh: 可防"),
    Mistake("a criterion given twice", "{id: tidy, value", "{id: lighting, value", "definitions.duplicate_criterion", "within the indicator", "id: lighting, value: tidy"),
    Mistake("criteria that differ by case", "{id: tidy, value", "{id: Lighting, value", "definitions.duplicate_criterion", "case is ignored"),
    Mistake("a member with the id of a criterion", "{id: by_number", "{id: tidy", "definitions.duplicate_criterion", "already on line 24", "id: tidy, value: wardens"),
    Mistake("a domain given twice", "- id: order", "- id: environment", "definitions.duplicate_domain", "another id", "- id: environment\n        title: {zh: 社区安全"),
    Mistake("a pillar given twice", "metrics:\n", f"  - id: services\n{ANOTHER_PILLAR}metrics:\n", "definitions.duplicate_pillar", "another id", f"  - id: services\n{ANOTHER_PILLAR}"),
    Mistake("a level given twice", "parent: subdistrict}\n", "parent: subdistrict}\n    - {id: Community, title: Again}\n", "definitions.duplicate_level", "another id", "Again"),
    Mistake("a parameter given twice", "unit: permille}\n", "unit: permille}\n  - {id: city_theft_rate, title: Again, unit: permille}\n", "definitions.duplicate_parameter", "another id", "Again"),
    Mistake("an attribute given twice", "unit: permille}\n", "unit: permille}\nattributes:\n  - {id: kind, title: Kind}\n  - {id: Kind, title: Again}\n", "definitions.duplicate_attribute", "case is ignored", "Again"),
    Mistake("a parameter that is a metric too", "unit: permille}\n", "unit: permille}\n  - {id: Homes, title: Again, unit: permille}\n", "definitions.metric_and_parameter", "rename one", "Again"),
    Mistake("a title given twice", "zh: 账户余额", "zh: 户数", "definitions.duplicate_title", "more specific", "id: balance"),
    Mistake("a title in the other language of another", "{zh: 账户余额, en: Account balance}", "FULL-TIME staff", "definitions.duplicate_title", "'staff' (line 43)", "id: balance"),
    Mistake("titles that differ by a blank", "en: Account balance}", "en: Full-timeStaff}", "definitions.duplicate_title", "more specific", "id: balance"),
    Mistake("a metric called by the name of a key column", "zh: 账户余额", "zh: 季度", "definitions.title_is_column", "'季度' is what data files call", "id: balance"),
    Mistake("a metric with the id of a key column", "{id: balance,", "{id: area,", "definitions.title_is_column", "choose another", "id: area"),
    Mistake("a metric called by the title of a level", "en: Account balance}", "en: community}", "definitions.title_is_column", "'community'", "id: balance"),
    Mistake("an attribute called by the name of a key column", "unit: permille}\n", "unit: permille}\nattributes:\n  - {id: kind, title: {zh: 类型, en: Name}}\n", "definitions.title_is_column", "'Name'", "id: kind"),
    Mistake("an attribute with the id of a key column", "unit: permille}\n", "unit: permille}\nattributes:\n  - {id: reason, title: Why}\n", "definitions.title_is_column", "'reason'", "id: reason"),
    Mistake("an attribute with a reserved name", "unit: permille}\n", "unit: permille}\nattributes:\n  - {id: line, title: Which line}\n", "definitions.title_is_column", "'line'", "id: line"),
    Mistake("a title that is the id of another", "en: Account balance}", "en: lit_rate}", "definitions.title_is_id", "another title"),
]  # fmt: skip

TESTS_AND_BASELINES = [
    Mistake("two tests", "at_least: 90, baseline: 50", "at_least: 90, at_most: 100", "criterion.one_test", "at_least, at_most are given together"),
    Mistake("no test", ", at_least: 90, baseline: 50", "", "criterion.no_test", "at_least | at_most | between | is", "id: lighting"),
    Mistake("between reversed", "between: [3, 9]", "between: [9, 3]", "criterion.between_order", "write [3, 9]"),
    Mistake("between with one end", "between: [3, 9]", "between: [3]", "fields.pair", "[low, high]"),
    Mistake("between as text", "between: [3, 9]", "between: 3-9", "fields.pair", "[low, high]"),
    Mistake("is on a rate", LIT, "value: lit_rate, is: yes", "criterion.is_needs_yes_no", "at_least, at_most or between"),
    Mistake("is on arithmetic", "value: tidy, is: yes", "value: tidy * 1, is: yes", "criterion.is_needs_yes_no", "a single metric"),
    Mistake("a value that is a number", "value: tidy, is: yes", "value: 5, at_least: 3", "criterion.constant_value", "the metric to be judged"),
    Mistake("a baseline above at_least", "baseline: 50", "baseline: 95", "criterion.baseline_above", "smaller than 90"),
    Mistake("a baseline at the limit", "baseline: 50", "baseline: 90", "criterion.baseline_above", "smaller than 90"),
    Mistake("a baseline below at_most", LIT, "value: lit_rate, at_most: 90, baseline: 50", "criterion.baseline_below", "larger than 90"),
    Mistake("a baseline inside between", "between: [3, 9]", "between: [3, 9], baseline: 5", "criterion.baseline_inside", "between 3 and 9"),
    Mistake("a baseline with is", "is: yes", "is: yes, baseline: 0", "criterion.baseline_unused", "remove it"),
    Mistake("any_of in any_of", "- {id: by_number, value: wardens, at_least: 3}", "- {id: inner, any_of: []}", "criterion.nested_any_of", "in one any_of"),
    Mistake("any_of of one", "                  - {id: by_number, value: wardens, at_least: 3}\n", "", "criterion.any_of_one", "add another", "id: wardens\n"),
    Mistake("any_of of none", "any_of:\n                  - {id: by_homes, value: wardens, at_least: homes / 100}\n                  - {id: by_number, value: wardens, at_least: 3}", "any_of: []", "fields.empty_list", "at least one"),
]  # fmt: skip

NAMES_AND_LEVELS = [
    Mistake("an unknown parent", "parent: subdistrict", "parent: district", "level.parent", "use one of subdistrict"),
    Mistake("a parent of the first level", "en: Subdistrict}}", "en: Subdistrict}, parent: community}", "level.parent_of_first", "remove parent"),
    Mistake("an unknown level of a metric", "level: subdistrict", "level: street", "definitions.level", "subdistrict | community"),
    Mistake("an unknown level of an indicator", 'code: "2.11"\n            level: community', 'code: "2.11"\n            level: Community', "definitions.level", "subdistrict | community"),
    Mistake("part_of an unknown metric", "part_of: homes", "part_of: hmoes", "formula.unknown_name", "did you mean 'homes'?"),
    Mistake("part_of itself", "part_of: homes", "part_of: wardens", "metric.part_of_itself", "the id of the whole"),
    Mistake("part_of a metric of another level", "part_of: homes", "part_of: offices", "formula.other_level", "of level subdistrict"),
    Mistake("a flow that may be negative", "range: [0, 900]", "range: [-1, 900]", "metric.negative_flow", "start at 0"),
    Mistake("a yes_no flow", "unit: times, kind: flow, range: [0, 900]", "unit: yes_no, kind: flow, range: [0, 1]", "metric.yes_no_flow", "kind: stock"),
    value("a metric misspelt", "lit_rat", "formula.unknown_name", "did you mean 'lit_rate'?"),
    value("a metric in capitals", "LIT_RATE", "formula.unknown_name", "did you mean 'lit_rate'?"),
    value("a metric that no name is like", "zebra", "formula.undefined_name", "define it under metrics"),
    value("a metric of another level", "offices", "formula.other_level", "a metric of level subdistrict"),
    limit("a limit misspelt", "hoems / 100", "formula.unknown_name", "did you mean 'homes'?"),
    Mistake("an unknown metric in between", "between: [3, 9]", "between: [3, stuff]", "formula.unknown_name", "did you mean 'staff'?"),
]  # fmt: skip

FLOWS_AND_PREVIOUS = [
    value("a flow in a denominator", "lit_rate / patrols", "formula.flow_position", "'patrols' may not stand in a denominator"),
    value("a flow behind a minus", "lit_rate - patrols", "formula.flow_position", "behind a minus"),
    value("a flow with its sign turned", "homes + -patrols", "formula.flow_position", "behind a minus"),
    value("a flow deep behind a minus", '"homes - max(1, (patrols + 1) * 2)"', "formula.flow_position", "behind a minus"),
    limit("a flow in the limit of a sum", "patrols / 2, every: year", "formula.flow_in_limit", "leave 'every' out"),
    Mistake("a flow in a range for a sum", "between: [3, 9]", "between: [3, thefts], every: year", "formula.flow_in_limit", "leave 'every' out"),
    limit("a flow behind a minus in a limit", "100 - patrols", "formula.flow_position", "behind a minus"),
    value("the flow of the period before behind a minus", "patrols - previous(patrols)", "formula.flow_position", "behind a minus"),
    value("a flow times what may be negative", "patrols * balance", "formula.flow_factor", "'balance', which may be negative"),
    value("a flow divided by what may be negative", "patrols / balance", "formula.flow_factor", "a range from 0 up"),
    value("a flow times a difference", "patrols * (homes - staff)", "formula.flow_factor", "'homes − staff'"),
    value("a flow times a negative number", "patrols * -1", "formula.flow_factor", "'−1'"),
    Mistake("previous of a flow in a sum", LIT, "value: homes + previous(patrols), at_least: 90, every: year", "formula.previous_flow", "leave 'every' out"),
    limit("previous of a parameter", "previous(city_theft_rate)", "formula.previous_parameter", "a parameter of its own"),
    value("previous of arithmetic", "previous(lit_rate + 1)", "formula.previous", "previous(metric)"),
    value("previous of a number", "previous(3)", "formula.previous", "previous(metric)"),
    value("previous of previous", "previous(previous(lit_rate))", "formula.previous", "previous(metric)"),
    Mistake("previous of two", LIT, 'value: "previous(lit_rate, homes)", at_least: 90', "formula.previous", "takes one metric"),
    value("previous of nothing", "previous()", "formula.previous", "takes one metric"),
    value("previous of what does not exist", "previous(lit_rats)", "formula.unknown_name", "did you mean 'lit_rate'?"),
]

FORMULA_TEXT = [
    value("an unknown function", "round(lit_rate)", "formula.function", "only min, max and previous"),
    value("an aggregate", "avg(lit_rate)", "formula.function", "uses avg"),
    value("a function that looks like min", '"least(lit_rate, 1)"', "formula.function", "uses least"),
    value("min of one", "min(lit_rate)", "formula.extreme_arguments", "min(a, b)"),
    value("a word that the parser would drop", '"max(all lit_rate, 1)"', "formula.syntax", "no word or comma is left over"),
    value("a comma too many", '"max(lit_rate, 1,)"', "formula.syntax", "no word or comma is left over"),
    value("a subquery", "(select 1)", "formula.not_arithmetic", "plain arithmetic"),
    value("a string", "lit_rate + 'a'", "formula.character", "' may not stand"),
    value("a comment", "lit_rate -- half", "formula.character", "-- may not stand"),
    value("a comment in C", "lit_rate /* half */", "formula.character", "/* may not stand"),
    value("a semicolon", "lit_rate; drop table metrics", "formula.character", "; may not stand"),
    value("a quoted identifier", "'\"lit_rate\"'", "formula.character", '" may not stand'),
    value("a cast", "'lit_rate::int'", "formula.character", ": may not stand"),
    value("a cast in words", "cast(lit_rate as int)", "formula.function", "uses cast"),
    value("a window", "max(lit_rate) over ()", "formula.not_arithmetic", "plain arithmetic"),
    value("a power", "lit_rate ** 2", "formula.character", "** may not stand"),
    value("a percent sign", "lit_rate + 5%", "formula.character", "% may not stand"),
    value("full-width digits", "lit_rate + １０", "formula.character", "U+FF11"),
    value("full-width parentheses", "（lit_rate）", "formula.character", "U+FF08"),
    value("a homoglyph", "l\u0456t_rate", "formula.character", "U+0456"),
    value("a zero-width character, written as such", '"lit\\u200brate"', "formula.character", "U+200B"),
    Mistake("a zero-width character, unseen", LIT, LIT.replace("rate", "\u200brate"), "yaml.character", "U+200B", "id: lighting"),
    value("a missing operator", "2 homes", "formula.syntax", "+ - * / stand between names"),
    value("a parenthesis left open", '"(lit_rate + 1"', "formula.syntax", "parentheses pair up"),
    value("nothing in quotes", '""', "formula.empty", "the id of a metric"),
    value("too long", "lit_rate + " * 50 + "1", "formula.too_long", "several criteria"),
    value("too many parts", "homes+" * 70 + "1", "formula.too_many_parts", "several criteria"),
    value("too deep", "(" * 26 + "lit_rate" + ")" * 26, "formula.nested", "simplify"),
    value("min in max in min in max", '"min(max(min(max(homes, 1), 2), 3), 4)"', "formula.nested_extremes", "min(a, b, c)"),
    value("16 digits", "lit_rate + 1234567890123456", "formula.digits", "more than 15 digits"),
    limit("16 digits in a limit", "1234567890123456", "fields.digits", "more than 15 digits"),
    limit("1e400", "1e400", "formula.number", "1e400"),
    limit("1.0e+400", "1.0e+400", "fields.number", "like 90 or 1.5"),
    limit("hex", "0x1F", "fields.number", "'0x1F'"),
    value("hex in a formula", "lit_rate + 0x1F", "formula.number", "0x1F"),
    limit("1_000", "1_000", "fields.number", "without quotes, separators"),
    limit("1,000 in quotes", '"1,000"', "formula.number", "without separators"),
    limit("012", "012", "fields.number", "leading zeros"),
    limit("012 in quotes", '"012"', "formula.number", "leading zeros"),
    limit("1:30", "1:30", "fields.number", "'1:30'"),
    limit("90%", "90%", "formula.character", "% may not stand"),
    limit("infinity", ".inf", "fields.number", "'.inf'"),
    limit("yes", "yes", "fields.number", "'yes'"),
    limit("a date", "2025-01-01", "fields.number", "'2025-01-01'"),
    limit("nothing", "", "fields.blank", "fill it in"),
]

YAML_ITSELF = [
    Mistake("an anchor", "weight: 2", "weight: &two 2", "yaml.anchor", "remove it"),
    Mistake("an alias", "weight: 2", "weight: *two", "yaml.alias", "write out"),
    Mistake("a tag", "weight: 2", "weight: !!int 2", "yaml.tag", "remove it"),
    Mistake("a bare tag", "weight: 2", "weight: ! 2", "yaml.tag", "remove it"),
    Mistake("a second document", "parameters:\n", "---\nparameters:\n", "yaml.documents", "one file holds one standard"),
    Mistake("a tab", "            weight: 2", "\tweight: 2", "yaml.tab", "use spaces"),
    Mistake("a brace left open", "range: [0, 50]}", "range: [0, 50]", "yaml.syntax", "brackets left open"),
    Mistake("a quote left open", '"2.11"', '"2.11', "yaml.syntax", "quotes"),
    Mistake("a colon in a text", "text: 可防性案件发案率低于全市平均;", "text: rule: low", "yaml.syntax", "text with a colon"),
    Mistake("a key that is a list", "weight: 2", "? [weight]\n            : 2", "yaml.key", "one plain word"),
    Mistake("very deep", "weight: 2", "weight: " + "[" * 40 + "]" * 40, "yaml.nested", "30 levels"),
    Mistake("a control character", "text: 可防", "text: \x07可防", "yaml.character", "U+0007"),
    Mistake("a broken character", "text: 可防", "text: \ufffd可防", "yaml.character", "U+FFFD"),
]

MISTAKES = [
    *MISSING_AND_UNKNOWN_KEYS,
    *WRONG_TYPES,
    *DUPLICATES,
    *TESTS_AND_BASELINES,
    *NAMES_AND_LEVELS,
    *FLOWS_AND_PREVIOUS,
    *FORMULA_TEXT,
    *YAML_ITSELF,
]


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(DefinitionError) as caught:
        loader.parse(text)
    return caught.value.problems


def line_of(text: str, part: str) -> int:
    assert text.count(part) == 1, f"{part!r} must stand once, stands {text.count(part)} times"
    return text[: text.index(part)].count("\n") + 1


def test_the_good_file_is_good() -> None:
    standard = loader.parse(GOOD)
    assert (len(standard.indicators), standard.criterion_count, len(standard.metrics), len(standard.parameters)) == (2, 7, 9, 1)
    assert (standard.levels[1].line, standard.pillars[0].line, standard.domains[1].line) == (7, 9, 31)
    assert (standard.metric_by_id["homes"].line, standard.parameter_by_id["city_theft_rate"].line) == (46, 51)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_refused_with_its_line_and_remedy(mistake: Mistake) -> None:
    assert GOOD.count(mistake.old) == 1, mistake.old
    text = GOOD.replace(mistake.old, mistake.new)
    problems = refused(text)
    expected_line = line_of(text, mistake.at or mistake.new.strip("\n"))
    assert [(problem.key, problem.line) for problem in problems] == [(mistake.key, expected_line)]
    english = texts.words("en").problem(problems[0])
    assert english.startswith(f"indicators.yaml, line {expected_line}")
    assert mistake.remedy in english
    assert texts.words("zh").problem(problems[0]).startswith(f"indicators.yaml 第 {expected_line} 行")


def test_names_are_unique() -> None:
    names = [mistake.name for mistake in MISTAKES]
    assert len(names) == len(set(names))


FILE_PROBLEMS = {"file.missing", "file.unreadable", "yaml.too_large", "yaml.encoding", "yaml.empty"}  # tested below, without a table
DEFINITION_TEXTS = ("criterion.", "definitions.", "fields.", "file.", "formula.", "indicator.", "level.", "metric.", "yaml.")


def test_every_problem_a_definitions_file_can_have_is_in_the_table() -> None:
    keys = texts.keys()
    worded = {key.removeprefix("problem.") for key in keys}
    assert {key for key in worded if key.startswith(DEFINITION_TEXTS)} == {mistake.key for mistake in MISTAKES} | FILE_PROBLEMS


def test_several_mistakes_are_reported_at_once_in_line_order() -> None:
    text = (
        GOOD.replace("unit: yuan", "unit: yaun")
        .replace("is: yes", "is: true")
        .replace("period: quarter", "perod: quarter")
        .replace("every: year", "evry: year")
    )
    text = text.replace("homes / 100", "hoems / 100").replace("parent: subdistrict", "parent: district")
    assert [(problem.line, problem.key) for problem in refused(text)] == [
        (4, "fields.unknown_key"),
        (7, "level.parent"),
        (24, "fields.choice_listed"),
        (29, "formula.unknown_name"),
        (39, "fields.unknown_key"),
        (48, "fields.choice"),
    ]


def test_a_problem_names_the_definition_it_is_in() -> None:
    text = (
        GOOD.replace("unit: yuan", "unitt: yuan")
        .replace("at_least: 3}", "at_lest: 3}")
        .replace("weight: 2", "wieght: 2")
        .replace("period: quarter", "perod: quarter")
    )
    text = text.replace("en: Preventable crime}", "eng: Preventable crime}")
    assert [problem.subject for problem in refused(text)] == ["standard", "2.10", "2.10 / by_number", "2.11", "balance"]


def test_two_mistakes_in_one_criterion_are_both_reported() -> None:
    text = GOOD.replace(LIT, "value: lit_rat + zebra, at_least: 90, every: month")
    assert [problem.key for problem in refused(text)] == ["criterion.every_too_short", "formula.unknown_name", "formula.undefined_name"]


def test_metrics_that_cannot_be_read_do_not_make_every_formula_wrong() -> None:
    text = GOOD[: GOOD.index("metrics:")] + "metrics: none\n"
    assert [(problem.line, problem.key) for problem in refused(text)] == [(40, "fields.list")]


@pytest.mark.parametrize(
    ("content", "key", "line"),
    [
        (GOOD.encode("gb18030"), "yaml.encoding", 3),
        (GOOD.replace("楼道亮灯率达", "\udce4").encode(errors="surrogateescape"), "yaml.encoding", 19),
        (GOOD.encode("utf-16"), "yaml.encoding", 1),
        (GOOD.encode() + b"#" * 1_000_000, "yaml.too_large", None),
        (b"", "yaml.empty", 1),
        (b"# nothing yet\n", "yaml.empty", 1),
        (b"just a word\n", "fields.mapping", 1),
        (b"- a list\n", "fields.mapping", 1),
        (b"\0" * 1000, "yaml.character", 1),
        (b"[" * 100_000, "yaml.nested", 1),
        (b"- " * 100_000, "yaml.nested", 1),
    ],
)
def test_a_file_that_is_no_definitions_file_is_refused(tmp_path: Path, content: bytes, key: str, line: int | None) -> None:
    path = tmp_path / "indicators.yaml"
    path.write_bytes(content)
    with pytest.raises(DefinitionError) as caught:
        loader.load(path)
    assert [(problem.key, problem.file, problem.line) for problem in caught.value.problems] == [(key, "indicators.yaml", line)]
    for language in texts.LANGUAGES:
        assert "indicators.yaml" in texts.words(language).problem(caught.value.problems[0])


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, key in ((tmp_path / "none.yaml", "file.missing"), (tmp_path, "file.unreadable")):
        with pytest.raises(DefinitionError) as caught:
            loader.load(path)
        assert [problem.key for problem in caught.value.problems] == [key]
        assert str(path) in texts.words("en").message(caught.value.problems[0])


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "indicators.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert loader.load(path).indicator_by_code["2.11"].line == 34


def test_any_damage_to_the_file_is_a_definition_error_or_none() -> None:
    """Whatever one character is replaced by, the loader answers: a standard, or problems that can be said."""
    problems = 0
    for position in range(0, len(GOOD), 47):
        for damage in ("", ":", "{", "- ", "\n", "'", "#", "&a ", "\t", "0", "[]"):
            try:
                loader.parse(GOOD[:position] + damage + GOOD[position + 1 :])
            except DefinitionError as error:
                problems += len([texts.words("zh").problem(problem) for problem in error.problems if problem.line is not None])
    assert problems > 500
