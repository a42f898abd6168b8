"""Who may write what: each role × each write at the store, people bound to areas, and what the refusals say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import district
import pytest
from district import STANDARD, areas, content, figures, source

from compliance import texts
from compliance.access import ACTS, ROLES, AccessDenied, Act, Role, User, local_user, require
from compliance.errors import ComplianceError, ImportDataError
from compliance.storage import recovery
from compliance.storage.importer import import_source, import_sources
from compliance.storage.store import Store

# What the issue says: viewer reads, editor imports, corrects and undoes his own, admin does the rest.
MAY: dict[Role, set[Act]] = {
    "viewer": set(),
    "editor": {"import", "correct", "undo_own", "redo"},
    "admin": {"import", "correct", "undo_own", "undo_any", "redo", "set_up", "definitions", "backup", "restore"},
}
TWO_STREETS = (
    "area_id,name,level,parent_id\nS1,南街道,subdistrict,\nS2,北街道,subdistrict,\nC1,一社区,community,S1\nC2,二社区,community,S1\nC3,三社区,community,S2\n"
)
BOUND = User("李四", "editor", frozenset({"S1"}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "d.duckdb", STANDARD) as store:
        import_source(store, source("areas.csv", TWO_STREETS), user=User("Ann", "admin"))
        import_source(store, figures("2025Q1", "C1,100,60,95,3,0.5"), user=User("王芳", "editor"))
        yield store


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", ACTS)
def test_what_each_role_may(role: Role, act: Act) -> None:
    user = User("王芳", role)
    assert user.may(act) == (act in MAY[role])
    if act in MAY[role]:
        require(user, act)
        return
    with pytest.raises(AccessDenied) as denied:
        require(user, act)
    assert [problem.key for problem in denied.value.problems] == ["access.denied"]


def test_a_refusal_says_who_what_and_which_role_is_needed() -> None:
    with pytest.raises(AccessDenied) as denied:
        require(User("王芳", "editor"), "undo_any")
    problem = denied.value.problems[0]
    assert texts.words("zh").problem(problem) == "“王芳”是填报员，不能撤销他人的导入：需要管理员权限，请联系管理员"
    assert (
        texts.words("en").problem(problem)
        == "'王芳' is an editor and may not undo other people's imports: this takes an admin; ask whoever runs this dashboard"
    )


@pytest.mark.parametrize("act", ACTS)
def test_who_is_bound_to_areas_does_nothing_that_concerns_all(act: Act) -> None:
    bound = User("赵五", "admin", frozenset({"S1"}))
    assert bound.may(act) == (act not in {"set_up", "definitions", "restore"})
    if not bound.may(act):
        with pytest.raises(AccessDenied) as denied:
            require(bound, act)
        said = texts.words("zh").problem(denied.value.problems[0])
        assert said.endswith("涉及所有单位，而“赵五”（管理员）只负责部分单位：请交给负责所有单位的管理员")


def test_the_local_user_is_an_admin_of_everything() -> None:
    user = local_user()
    assert user.role == "admin" and user.areas is None and user.name


WRITES: dict[str, tuple[Callable[[Store, User], object], set[Role]]] = {
    "import": (lambda store, user: import_source(store, figures("2025Q2", "C1,100,60,95,3,0.5"), user=user), {"editor", "admin"}),
    "dry run": (lambda store, user: import_sources(store, [figures("2025Q2", "C1,1,,,,")], user=user, dry_run=True), {"editor", "admin"}),
    "undo own": (lambda store, user: store.undo(2, user=User("王芳", user.role)), {"editor", "admin"}),
    "undo any": (lambda store, user: store.undo(2, user=user), {"admin"}),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("write", WRITES)
def test_each_role_and_each_write_of_the_store(store: Store, role: Role, write: str) -> None:
    act, allowed = WRITES[write]
    before = content(store)
    if role in allowed:
        act(store, User("someone", role))
        assert (content(store) == before) == (write == "dry run")
        return
    with pytest.raises(AccessDenied):
        act(store, User("someone", role))
    assert content(store) == before


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_an_admin_rebuilds(store: Store, role: Role) -> None:
    store.close()
    before = sorted(file.name for file in store.path.parent.iterdir())
    with pytest.raises(AccessDenied):
        recovery.rebuild(store.path, STANDARD, user=User("someone", role))
    assert sorted(file.name for file in store.path.parent.iterdir()) == before


def refusals(act: Callable[[], object], kind: type[ComplianceError] = AccessDenied) -> list[tuple[str, str | None, int | None, str | None]]:
    with pytest.raises(kind) as refused:
        act()
    return [(problem.key, problem.file, problem.line, problem.subject) for problem in refused.value.problems]


def test_who_is_bound_to_a_subdistrict_reports_for_it_and_its_communities_only(store: Store) -> None:
    assert import_source(store, figures("2025Q2", "C1,100,60,95,3,0.5", "C2,50,,,,"), user=BOUND).accepted == 2
    own = source("own.csv", "area_id,period,meetings\nS1,2025Q2,3\n")
    assert import_source(store, own, user=BOUND).accepted == 1
    before = content(store)
    assert refusals(lambda: import_source(store, figures("2025Q3", "C3,1,,,,", "C1,2,,,,"), user=BOUND)) == [
        ("access.other_area", "metrics_2025Q3.csv", 2, "C3")
    ]
    exemptions = source("e.csv", "area_id,indicator,from,to,reason\nC1,2.1,2025Q1,,无楼道\nC3,2.1,2025Q1,,无楼道\nS2,1.1,2025Q1,,无机构\n")
    assert refusals(lambda: import_source(store, exemptions, user=BOUND)) == [
        ("access.other_area", "e.csv", 3, "C3"),
        ("access.other_area", "e.csv", 4, "S2"),
    ]
    both = [figures("2025Q3", "C3,1,,,,"), exemptions]
    assert len(refusals(lambda: import_sources(store, both, user=BOUND, dry_run=True))) == 3
    faulty = figures("2025Q4", "C1,many,,,,")
    told = refusals(lambda: import_sources(store, [*both, faulty], user=BOUND, dry_run=True), ImportDataError)
    assert len(told) == 4 and sum(key == "access.other_area" for key, *_ in told) == 3
    assert content(store) == before


def test_who_is_bound_leaves_areas_and_parameters_to_others(store: Store) -> None:
    admin_of_one = User("赵五", "admin", frozenset({"S1"}))
    for user in (BOUND, admin_of_one):
        assert refusals(lambda user=user: import_source(store, areas(), user=user)) == [("access.bound", "areas.csv", None, None)]
        parameters = source("p.csv", "period,city_rate\n2025Q1,0.5\n")
        assert refusals(lambda user=user, file=parameters: import_source(store, file, user=user)) == [("access.bound", "p.csv", None, None)]
    with pytest.raises(AccessDenied) as denied:
        store.undo(1, user=admin_of_one)
    assert [problem.key for problem in denied.value.problems] == ["access.bound"]


def test_who_is_bound_undoes_nothing_beyond_his_areas(store: Store) -> None:
    reach = import_source(store, figures("2025Q2", "C1,100,,,,", "C3,100,,,,"), user=User("王芳", "editor"))
    bound_since = User("王芳", "editor", frozenset({"S1"}))
    with pytest.raises(AccessDenied) as denied:
        store.undo(reach.id or 0, user=bound_since)
    assert [(problem.key, problem.subject) for problem in denied.value.problems] == [("access.other_area", "C3")]
    store.undo(2, user=bound_since)
    assert district.value(store, "households", "C1", 2025 * 4) is None
