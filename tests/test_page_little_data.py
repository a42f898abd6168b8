"""Pages where little or nothing can be told: exempt is not missing, missing is not met, and each says what to do next. Figures one can work out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from app_pages import loaded
from app_pages import page_of as said
from district import TEXT

# The east has two communities, for which the domain care is exempt altogether; the west has none and reported nothing.
FILES = {
    "areas.csv": "area_id,name,level,parent_id\nS1,东街道,subdistrict,\nS2,西街道,subdistrict,\nC1,一社区,community,S1\nC2,二社区,community,S1\n",
    "metrics.csv": "area_id,period,households,households_served,lighting_rate,complaints\nC1,2025Q1,100,60,85,3\nC2,2025Q1,200,90,95,\n",
    "exemptions.csv": "area_id,indicator,from,to,reason\n" + "".join(f"{area},{code},2025Q1,,新建\n" for area in ("C1", "C2") for code in ("2.3", "2.4")),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with loaded(tmp_path_factory.mktemp("little"), TEXT, FILES) as path:
        yield path


@pytest.mark.parametrize(
    ("page", "address", "right", "wrong"),
    [
        ("indicator", {"indicator": "2.3"}, "2.3 覆盖：2 个社区都不适用", "能判定"),
        ("indicator", {"indicator": "2.3"}, "这些单位都登记了豁免", "请催报所缺数据"),
        ("indicator", {"indicator": "2.2"}, "还没有一个社区能判定", "都不适用"),  # the windows of both want three earlier quarters
        ("heatmap", {"view": "care"}, "2 个社区都不适用", "还不能判定"),
        ("heatmap", {"rows": "subdistrict"}, "2 个街道都还不能判定", "都不适用"),
        ("heatmap", {}, "2 个社区中 0 个全部达标；50% 的判定缺数据，还不能说哪里最弱", "最弱的是"),
        ("trends", {}, "服务 不适用", "能判定 —"),
        ("community", {"area": "S2"}, "还没有一项能判定：先补报所缺的数据", "已判定的指标全部达标"),
        ("community", {"area": "C2"}, "已判定的指标全部达标", "还没有一项能判定"),
        ("overview", {"in": "S2"}, "请放宽筛选", "达标率"),
        ("gaps", {"in": "S2"}, "请放宽筛选", "达标率"),
    ],
)
def test_what_cannot_be_told_is_called_what_it_is(
    monkeypatch: pytest.MonkeyPatch, folder: Path, page: str, address: dict[str, str], right: str, wrong: str
) -> None:
    text = said(monkeypatch, folder, page, **address)
    assert right in text
    assert wrong not in text
