"""What columns mean: the roles that a manifest gives them, and their agreement with a table."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Final

from attrs import evolve

from ombud.errors import Invalid
from ombud.system.schema import ColumnsFile, DataFile, LimitFile, PeopleFile
from ombud.system.words import nearest, quoted
from ombud.system.yaml_lines import Key, Written
from ombud.tables.needs import Role
from ombud.tables.roles import Columns

SINGLE: Final = (
    Role.SUBJECT, Role.TIME, Role.DECISION, Role.SCORE, Role.LABEL, Role.FOLD,
    Role.ID, Role.HUMAN, Role.HUMAN_CHANGED, Role.HUMAN_SECONDS,
)  # fmt: skip
"""Roles that one column has, and that exclude each other and `features`."""


def read_columns(written: Written, file: ColumnsFile, data: DataFile) -> Columns:
    """The roles of columns.

    Raises:
        Invalid: two roles exclude each other, folds disagree, or nothing says which outcome is favourable.
    """
    fold = _fold(written, file, data)
    alone = {role: getattr(file, role) for role in SINGLE} | {Role.FOLD: fold}
    by_role: dict[Role, tuple[str, ...]] = {role: (name,) for role, name in alone.items() if name}
    by_role |= {role: tuple(getattr(file, role)) for role in (Role.PROTECTED, Role.CONDITION_ON, Role.FEATURE)}
    by_role |= {Role.QUASI_IDENTIFIER: tuple(file.quasi_identifiers), Role.SPECIAL: tuple(file.special or {})}
    _refuse_conflicts(written, by_role)
    favourable, label_favourable = _favourable(written, file)
    return Columns(by_role, favourable, label_favourable, tuple(file.unfavourable), tuple(file.label_unfavourable))


def _favourable(written: Written, file: ColumnsFile) -> tuple[str, str]:
    favourable = file.favourable or ""
    label_favourable = file.label_favourable or favourable
    if file.decision and not favourable:
        raise written.invalid(("columns", "favourable"), "is missing: say which decision is good for the person")
    if file.label and not label_favourable:
        raise written.invalid(("columns", "label_favourable"), "is missing: say which label is good for the person")
    return favourable, label_favourable


def _fold(written: Written, file: ColumnsFile, data: DataFile) -> str | None:
    tables = {name: getattr(data, name) for name in DataFile.model_fields}
    named: dict[Key, str] = {
        ("data", name, "fold"): table.fold for name, table in tables.items() if table and table.fold
    }
    named |= {("columns", "fold"): file.fold} if file.fold else {}
    if len(set(named.values())) > 1:
        raise written.invalid(list(named)[-1], "folds are in one column; another key names another")
    return next(iter(named.values()), None)


def _refuse_conflicts(written: Written, by_role: Mapping[Role, tuple[str, ...]]) -> None:
    alone = [(role, by_role[role][0]) for role in SINGLE if role in by_role]
    for (first, name), (second, other) in combinations(alone, 2):
        if name == other:
            raise written.invalid(("columns", second), f"{quoted(name)} is already the column of `{first}`")
    for role in (Role.FEATURE, Role.PROTECTED):
        for single, name in alone:
            if name in by_role[role]:
                raise written.invalid(("columns", role), f"{quoted(name)} is already the column of `{single}`")


def check_limits(written: Written, columns: Columns, policy: Mapping[str, list[LimitFile]]) -> None:
    """Hold the columns that a policy names against the declared protected ones.

    Raises:
        Invalid: a policy speaks of a column that is not protected; where none is declared, nothing can be said.
    """
    known = columns.of(Role.PROTECTED)
    for check, limits in policy.items() if known else ():
        for at, limit in enumerate(limits):
            for key, name in _protected_in(limit, ("policy", check, at)):
                if name not in known and not set(name.split(" × ")) <= set(known):
                    problem = f"{quoted(name)} is not a protected column"
                    raise written.invalid(_written_key(written, key), problem, nearest(name, known))


def _protected_in(limit: LimitFile, at: Key) -> Iterator[tuple[Key, str]]:
    if limit.protected:
        yield (*at, "protected"), limit.protected
    yield from (((*at, "reference", name), name) for name in limit.reference)


def _written_key(written: Written, key: Key) -> Key:
    single = (*key[:2], *key[3:])  # one limit, not written as a list
    return key if key in written.lines else single


def check_features(written: Written, columns: Columns, people: PeopleFile, reasons: Mapping[str, str]) -> None:
    """Hold the features that `people` and `reasons` name against the declared ones.

    Raises:
        Invalid: they misspell a column; where features are left out, a table decides (`System.columns_for`).
    """
    if columns.of(Role.FEATURE):
        refuse_misspelt(written, _people_and_reasons(people, reasons), columns.declared)


def _people_and_reasons(people: PeopleFile, reasons: Mapping[str, str]) -> Iterator[tuple[Key, str]]:
    for way in ("fixed", "only_increase", "only_decrease"):
        yield from ((("people", way, at), name) for at, name in enumerate(getattr(people, way)))
    for name, can in people.can.items():
        yield ("people", "can", name), name
        if can.at_most:
            yield ("people", "can", name, "at_most"), can.at_most
    yield from ((("reasons", name), name) for name in reasons)


def match(written: Written, columns: Columns, table: Collection[str], may_lack: frozenset[Role]) -> Columns:
    """The declared columns as one table has them, with the features filled in if they were left out.

    Raises:
        Invalid: a declared column is not in the table, and its role may not be lacking.
    """
    there = frozenset(table)
    by_role: dict[Role, tuple[str, ...]] = {}
    for role, names in columns.by_role.items():
        for position, name in enumerate(names):
            if name not in there and role not in may_lack:
                raise _absent(written, role, position, name, there)
        by_role[role] = tuple(name for name in names if name in there)
    if Role.FEATURE not in by_role:
        by_role[Role.FEATURE] = tuple(name for name in table if name not in columns.declared)
    return evolve(columns, by_role=by_role)


def _absent(written: Written, role: Role, position: int, name: str, there: frozenset[str]) -> Invalid:
    key: Key = ("columns", role, position)
    if key not in written.lines:
        key = ("columns", role, name) if role is Role.SPECIAL else ("columns", role)
    return written.invalid(key, f"the table has no column {quoted(name)}", nearest(name, sorted(there)))


def refuse_misspelt(written: Written, named: Iterable[tuple[Key, str]], known: Collection[str]) -> None:
    """Refuse names that resemble a known column without being one; others may be features that a model makes itself.

    Raises:
        Invalid: the first such name.
    """
    for key, name in named:
        meant = None if name in known else nearest(name, sorted(known), cutoff=0.75)
        if meant:
            raise written.invalid(key, f"there is no column {quoted(name)}", meant)
