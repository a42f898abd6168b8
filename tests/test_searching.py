"""Finding indicators: by code, Chinese, English, pinyin in full and by its initials; the best first."""

from pathlib import Path

import pytest

from compliance.answers import searching
from compliance.standard import loader

STANDARD = loader.load(Path(__file__).parents[1] / "indicators.yaml")
INDEX = searching.index(STANDARD)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("2.5", "2.5"),  # not 2.50, which begins alike
        ("２．５", "2.5"),  # wide letters
        ("亮灯", "2.5"),
        ("楼道 亮灯", "2.5"),  # every word must be found
        ("ldld", "2.5"),
        ("LDLD", "2.5"),
        ("loudao", "2.5"),
        ("loud", "2.5"),  # the last syllable only begun
        ("lit buildings", "2.5"),
        ("stairwell_lighting_rate", "2.5"),  # the id of a figure
        ("xiaofang", "2.36"),  # in the title before in the text
        ("居民评议", "2.2"),
    ],
)
def test_the_best_find_comes_first(query: str, first: str) -> None:
    assert searching.find(INDEX, query)[0] == first


@pytest.mark.parametrize("query", ["vvvv", "oudao", "楼道 vvvv", "ighting"])
def test_nothing_is_found_where_nothing_fits(query: str) -> None:
    """oudao: pinyin begins with a syllable; ighting: an English word with its first letter."""
    assert searching.find(INDEX, query) == ()


@pytest.mark.parametrize("query", ["", "  ", "，。"])
def test_a_query_without_words_finds_everything(query: str) -> None:
    assert searching.find(INDEX, query) == tuple(indicator.code for indicator in STANDARD.indicators)


def test_an_owner_finds_all_that_it_answers_for() -> None:
    owned = {indicator.code for indicator in STANDARD.indicators if indicator.owner and indicator.owner.zh == "城管办"}
    assert owned and owned <= set(searching.find(INDEX, "城管办")) and owned <= set(searching.find(INDEX, "cgb"))
    assert searching.find(INDEX, "urban management")[: len(owned)] == tuple(code for code in searching.find(INDEX, "") if code in owned)


def test_finds_of_equal_rank_keep_the_order_of_the_standard() -> None:
    codes = [indicator.code for indicator in STANDARD.indicators]
    found = searching.find(INDEX, "民政科")
    assert list(found) == sorted(found, key=codes.index)
