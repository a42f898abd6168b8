"""The grid's payload: what the browser gets, read back here by a decoder of our own."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from compliance.answers import gridding
from compliance.answers.gridding import WORDS, Column, RateMatrix, Row, StatusMatrix, payload
from compliance.screen import grid

TEXTS = {word: f"<{word}>" for word in WORDS}
ROWS = (Row("a", "阳光社区", "城东街道"), Row("b", "<script>alert(1)</script>", "城东街道"), Row("c", '"引号" & more'))
COLUMNS = (Column("2.1", "环境", "≥ 90%\n每季度"), Column("2.2", "秩序", "≤ 0"))


def unpacked(packed, rows):
    """Read the bit fields one digit at a time, from the format's description and not from the packing code."""
    stream = "".join(f"{octet:08b}" for octet in base64.b64decode(packed["bytes"]))
    fields = []
    for width in packed["bits"]:
        digits, stream = stream[: width * rows], stream[width * rows :]
        fields.append([int(digits[k * width : (k + 1) * width] or "0", 2) for k in range(rows)])
    return fields


def details_shown(values):
    """What the browser would show for one column of values."""
    array = np.array(values, np.float32).reshape(-1, 1)
    rows = tuple(Row(str(k), str(k)) for k in range(len(values)))
    packed = payload(StatusMatrix(rows, COLUMNS[:1], np.zeros(array.shape, np.uint8), array), TEXTS)["details"]
    scale = 10.0 ** packed["decimals"][0]
    return [float(f"{(packed['low'][0] + raw - 1) / scale:.12g}") if raw else None for raw in unpacked(packed, len(values))[0]]


def status_matrix(**changes):
    fields = {
        "rows": ROWS,
        "columns": COLUMNS,
        "statuses": np.array([[0, 1], [2, 3], [4, 0]], np.uint8),
        "details": None,
    }
    return StatusMatrix(**{**fields, **changes})


def test_statuses_come_back():
    assert unpacked(payload(status_matrix(), TEXTS)["cells"], 3) == [[0, 2, 4], [1, 3, 0]]


def test_counts_come_back():
    counts = np.arange(24, dtype=np.uint16).reshape(3, 2, 4)
    counts[2, 1] = [65535, 0, 300, 7]
    fields = unpacked(payload(RateMatrix(ROWS, COLUMNS, counts), TEXTS)["cells"], 3)
    assert np.array(fields).T.reshape(3, 2, 4).tolist() == counts.tolist()


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([88.1, 100, 0.5], [88.1, 100, 0.5]),
        ([89.9999, 90], [89.9999, 90]),  # just missed must not read 90
        ([np.nan, 3, np.inf], [None, 3, None]),
        ([np.nan, np.nan], [None, None]),
        ([-2.5, 0, 2.5], [-2.5, 0, 2.5]),
        ([16777215, 1], [16777215, 1]),  # as far as a float32 is exact
        ([12345678.0, 0], [12345678, 0]),
        ([7.25, 7.25], [7.25, 7.25]),
        ([1e12, 0], [1e12, 0]),
        ([], []),
    ],
)
def test_details_come_back(values, shown):
    assert details_shown(values) == shown


def test_details_of_any_fraction_are_kept_to_a_millionth_of_the_range():
    values = np.random.default_rng(3).random(500).astype(np.float32) * 100
    assert np.abs(np.array(details_shown(values)) - values).max() <= 100 / 2**20


def test_totals_are_sums_of_counts_and_a_near_miss_is_a_miss():
    assert payload(status_matrix(), TEXTS)["totals"] == {
        "rows": [[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, 1]],
        "columns": [[1, 1, 0, 1], [1, 1, 1, 0]],
        "all": [2, 2, 1, 1],
    }
    counts = np.full((3, 2, 4), 60000, np.uint16)  # sums leave 16 bits
    assert payload(RateMatrix(ROWS, COLUMNS, counts), TEXTS)["totals"]["all"] == [360000] * 4


def test_a_shared_hint_is_sent_once():
    rows = payload(status_matrix(), TEXTS)["rows"]
    assert (rows["hints"], rows["hint"]) == (["城东街道", ""], [0, 0, 1])


def test_sig_follows_the_content():
    sig = payload(status_matrix(), TEXTS)["sig"]
    assert payload(status_matrix(), dict(reversed(TEXTS.items())))["sig"] == sig
    changed = [
        payload(status_matrix(statuses=np.zeros((3, 2), np.uint8)), TEXTS),
        payload(status_matrix(details=np.ones((3, 2), np.float32)), TEXTS),
        payload(status_matrix(columns=(COLUMNS[0], Column("2.2", "秩序", "≤ 1"))), TEXTS),
        payload(status_matrix(), {**TEXTS, "met": "Met"}),
    ]
    assert len({sig, *(each["sig"] for each in changed)}) == 5


def test_payload_is_json():
    data = payload(status_matrix(), TEXTS)
    assert json.loads(json.dumps(data)) == data


def test_an_empty_matrix_has_a_payload():
    assert payload(StatusMatrix((), (), np.empty((0, 0), np.uint8), np.empty((0, 0), np.float32)), TEXTS)["totals"]["all"] == [0] * 4
    assert payload(RateMatrix((), COLUMNS, np.empty((0, 2, 4), np.uint16)), TEXTS)["cells"]["bytes"] == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"statuses": np.zeros((2, 2), np.uint8)}, "statuses"),
        ({"statuses": np.zeros((3, 2), np.int64)}, "statuses"),
        ({"statuses": np.full((3, 2), 5, np.uint8)}, "5 is not a status"),
        ({"details": np.zeros((3, 1), np.float32)}, "details"),
        ({"rows": (ROWS[0], ROWS[0], ROWS[1])}, "rows: ids"),
        ({"columns": (COLUMNS[0], Column("", "x", ""))}, "columns: ids"),
    ],
)
def test_a_matrix_that_does_not_fit_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        status_matrix(**changes)


@pytest.mark.parametrize("words", [{**TEXTS, "extra": "x"}, dict.fromkeys(WORDS[1:], "x")])
def test_words_must_be_exactly_the_known_ones(words):
    with pytest.raises(ValueError, match="words"):
        payload(status_matrix(), words)


@pytest.mark.parametrize(
    ("opened", "known"),
    [
        (None, None),
        (["a", "2.1"], ("a", "2.1")),
        (["a", ""], ("a", "")),
        (["", "2.2"], ("", "2.2")),
        (["", ""], None),
        (["gone", "2.1"], None),
        (["a", "gone"], None),
        (["a"], None),
        ([1, 2], None),
        ({"row": "a"}, None),
    ],
)
def test_only_cells_of_this_matrix_can_be_opened(opened, known):
    assert gridding.known(status_matrix(), opened) == known


@pytest.mark.parametrize("fractions", [False, True])
def test_500_by_103_fits_in_270_kilobytes(fractions):
    random = np.random.default_rng(1)
    rows = tuple(Row(f"c{k}", f"阳光第{k}社区", f"城东{k % 8}街道") for k in range(500))
    columns = tuple(Column(f"2.{k}", f"楼道亮灯率{k}", f"2.{k} 楼道亮灯率 ≥ 90%，按季度考核；违建数量 ≤ 0") for k in range(103))
    values = random.random((500, 103)) * 100
    details = (values if fractions else np.round(values, 1)).astype(np.float32)
    matrix = StatusMatrix(rows, columns, random.integers(0, 5, (500, 103), np.uint8), details)
    assert len(json.dumps(payload(matrix, TEXTS))) <= 270_000


def test_the_component_loads_nothing_and_holds_no_words():
    folder = Path(grid.__file__).parent
    for name in ("grid.js", "grid.css"):
        text = (folder / name).read_text(encoding="utf-8")
        assert not any(outside in text for outside in ("http:", "https:", "@import", "url(", "fetch("))
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in text)
