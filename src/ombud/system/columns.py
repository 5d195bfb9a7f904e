"""What columns mean: the roles that a manifest gives them, and their agreement with a table."""

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from typing import Final

from attrs import evolve

from ombud.system.schema import ColumnsFile, DataFile, LimitFile, PeopleFile
from ombud.system.spec import System
from ombud.system.words import nearest, quoted
from ombud.system.yaml_lines import Key, Written
from ombud.tables.needs import Role
from ombud.tables.roles import Columns

SINGLE: Final = (Role.SUBJECT, Role.TIME, Role.DECISION, Role.SCORE, Role.LABEL, Role.FOLD)
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

    A name that resembles none of them may be a group of one-hot features or one the model makes itself, and stands.

    Raises:
        Invalid: they misspell a feature; where features are left out, a table decides (`columns_for`).
    """
    known = columns.of(Role.FEATURE)
    for key, name in _people_and_reasons(people, reasons) if known else ():
        _refuse_misspelt(written, key, name, columns.declared)


def _refuse_misspelt(written: Written, key: Key, name: str, known: Collection[str]) -> None:
    meant = None if name in known else nearest(name, sorted(known), cutoff=0.75)
    if meant:
        raise written.invalid(key, f"there is no column {quoted(name)}", meant)


def _people_and_reasons(people: PeopleFile, reasons: Mapping[str, str]) -> Iterator[tuple[Key, str]]:
    for way in PeopleFile.model_fields:
        yield from ((("people", way, at), name) for at, name in enumerate(getattr(people, way)))
    yield from ((("reasons", name), name) for name in reasons)


def columns_for(system: System, table_columns: Collection[str], may_lack: frozenset[Role]) -> Columns:
    """See `System.columns_for`."""
    there = frozenset(table_columns)
    by_role: dict[Role, tuple[str, ...]] = {}
    for role, names in system.columns.by_role.items():
        for position, name in enumerate(names):
            if name not in there and role not in may_lack:
                raise _absent(system, role, position, name, there)
        by_role[role] = tuple(name for name in names if name in there)
    if Role.FEATURE not in by_role:
        taken = {name for names in system.columns.by_role.values() for name in names}
        by_role[Role.FEATURE] = tuple(name for name in table_columns if name not in taken)
    _check_named_features(system, there)
    return evolve(system.columns, by_role=by_role)


def _absent(system: System, role: Role, position: int, name: str, there: frozenset[str]) -> Exception:
    key: Key = ("columns", role, position)
    if key not in system.written.lines:
        key = ("columns", role, name) if role is Role.SPECIAL else ("columns", role)
    return system.invalid(key, f"the table has no column {quoted(name)}", nearest(name, sorted(there)))


def _check_named_features(system: System, there: frozenset[str]) -> None:
    named = [(("people", way), name) for way in PeopleFile.model_fields for name in getattr(system.people, way)]
    named += [(("reasons", name), name) for name in system.reasons]
    for key, name in named:
        _refuse_misspelt(system.written, key, name, there)
