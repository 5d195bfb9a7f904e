"""Repeat every number that comes from counts, and its verdict, from a bundle alone: no database, no data."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from itertools import groupby
from math import isclose
from typing import Any

from attrs import asdict, evolve, frozen

from ombud.checks import all_checks
from ombud.checks.check import Check
from ombud.errors import OmbudError, Unreadable
from ombud.evidence.bundle import LAW_PACK, Bundle
from ombud.evidence.entry import Entry
from ombud.evidence.log import Log
from ombud.law import Applicability, Pack
from ombud.release.measure import fitting
from ombud.release.statements import told
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement
from ombud.status.rule import Judgement
from ombud.status.select import declared, rules_for
from ombud.status.shape import well_shaped
from ombud.status.status import judgements_of

CLOSE = 1e-9
"""Relative difference below which two floating-point results count as the same number."""


@frozen(kw_only=True)
class Recomputed:
    """What became of one measurement statement.

    Attributes:
        index: of the entry in the log; check: its check.
        numbers: how many numbers were repeated.
        verdicts: how many verdicts were repeated, from these numbers, the declared policy and the law pack.
        differing: what came out otherwise: "name (group): said a, is b".
        why_not: why the numbers could not be repeated; None if they were.
        unjudged: why the verdicts could not be repeated; None if they were, or if there were none.
    """

    index: int
    check: str
    numbers: int = 0
    verdicts: int = 0
    differing: tuple[str, ...] = ()
    why_not: str | None = None
    unjudged: str | None = None


@frozen
class Recomputation:
    """What became of every measurement of a bundle."""

    statements: tuple[Recomputed, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing came out otherwise. What could not be repeated is listed, and is no contradiction."""
        return not any(one.differing for one in self.statements)

    def lines(self) -> list[str]:
        """In words: what was repeated, what differs, and by name what could not be repeated."""
        numbers = sum(one.numbers for one in self.statements)
        verdicts = sum(one.verdicts for one in self.statements)
        told = [f"repeated from counts alone: {numbers} numbers and {verdicts} verdicts"]
        told += [
            f"DIFFERS, entry {one.index}, {one.check}: {what}" for one in self.statements for what in one.differing
        ]
        told += [
            f"not repeated, entry {one.index}, {one.check}: {one.why_not}" for one in self.statements if one.why_not
        ]
        told += [
            f"verdicts not repeated, entry {one.index}, {one.check}: {one.unjudged}"
            for one in self.statements
            if one.unjudged
        ]
        return told

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        return {"ok": self.ok, "statements": [asdict(one) for one in self.statements]}


def recompute_bundle(bundle: Bundle, root: str | None = None) -> Recomputation:
    """Repeat the arithmetic and the verdicts of every measurement of a bundle that may be believed.

    Args:
        bundle: one whose signatures and hashes were verified already.
        root: id of the root key that the reader trusts; None: the one that the bundle names.

    Raises:
        Unreadable: a cube or the law pack in it is not what it should be.
    """
    log = bundle.log(root)
    return Recomputation(recompute(log, bundle.cubes(), law_in(bundle)))


def law_in(bundle: Bundle) -> Pack | None:
    """The law pack that a bundle carries; None if it carries none.

    Raises:
        Unreadable: it is not a law pack.
    """
    carried = bundle.attachments.get(LAW_PACK)
    if carried is None:
        return None
    try:
        return Pack.from_json(json.loads(carried))
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{bundle.where}: {LAW_PACK}", f"this is not a law pack ({type(error).__name__})") from None


def recompute(log: Log, cubes: Mapping[str, Cube], pack: Pack | None) -> tuple[Recomputed, ...]:
    """Repeat the arithmetic of every trusted measurement of a log, and its verdicts under a law pack."""
    known = {check.name: check for check in all_checks()[0]}
    judges = _Judges(log, pack)
    believed = [entry for entry in judges.believed if entry.statement.kind == "measurement"]
    return tuple(_one(entry, known, cubes, judges) for entry in believed)


class _Judges:
    """Judge measurements as of when they were made, by what the log then held; a law is resolved once a declaration."""

    def __init__(self, log: Log, pack: Pack | None) -> None:
        self.log, self.pack = log, pack
        self.believed = well_shaped(log.trusted())
        self._revoked = any(entry.statement.kind == "revocation" for entry in self.believed)
        self._applicability: dict[tuple[str, date], tuple[Applicability, ...]] = {}

    def judgements(self, entry: Entry, pack: Pack) -> tuple[Judgement, ...]:
        """The verdicts on one measurement, at the time and under the declaration that it was made under."""
        said = entry.statement.predicate
        moment, held = datetime.fromisoformat(said["observed_at"]), self._until(entry)
        now = declared(held, said["system"], moment)
        if now is None:
            return ()
        key = (now.entry.digest, moment.date())
        if key not in self._applicability:
            self._applicability[key] = pack.view(key[1], key[1]).applicability(now.facts)
        taken = [Measurement.from_json(one) for one in said["measurements"]]
        policy = rules_for(entry, held, said["system"], now)
        return judgements_of(said["check"], taken, policy, self._applicability[key], now)

    def _until(self, entry: Entry) -> Sequence[Entry]:
        """What was believed when the entry had just been written; only revocations make that more than a slice."""
        if self._revoked:
            return well_shaped(self.log.first(entry.index + 1).trusted())
        return [one for one in self.believed if one.index <= entry.index]


def _one(entry: Entry, known: Mapping[str, Check], cubes: Mapping[str, Cube], judges: _Judges) -> Recomputed:
    said = entry.statement.predicate
    check = known.get(said["check"])
    verdicts, otherwise = _verdicts(entry, judges)
    unjudged = _why_not_judged(said, judges.pack)
    blank = Recomputed(
        index=entry.index, check=said["check"], verdicts=verdicts, differing=otherwise, unjudged=unjudged
    )
    why_not = _why_not(said, check)
    if check is None or why_not is not None:
        return evolve(blank, why_not=why_not)
    try:
        again = [
            measured
            for call in _calls(said["inputs"], cubes)
            for measured in check(*call, **fitting(check, said["parameters"], call))
        ]
    except (OmbudError, KeyError) as error:
        return evolve(blank, why_not=f"its counts are not usable: {error}")
    stated = [Measurement.from_json(one) for one in said["measurements"]]
    return evolve(blank, numbers=len(stated), differing=(*_differences(stated, again), *otherwise))


def _verdicts(entry: Entry, judges: _Judges) -> tuple[int, tuple[str, ...]]:
    """How many verdicts were repeated, and which came out otherwise than the copy says that was made at the time."""
    said, pack = entry.statement.predicate, judges.pack
    if pack is None or pack.digest != said.get("law_pack") or "judgement" not in said:
        return 0, ()
    again = [told(one) for one in judges.judgements(entry, pack) if one.rule is not None]
    copies = [_without_source(one) for one in said["judgement"]]
    same = copies == [_without_source(one) for one in again]
    return len(again), () if same else ("its verdicts come out otherwise",)


def _why_not_judged(said: Mapping[str, Any], pack: Pack | None) -> str | None:
    if not said.get("judgement") or (pack is not None and pack.digest == said.get("law_pack")):
        return None
    held = f"is {pack.digest[:16]}" if pack else "is not in the bundle"
    return f"they were made under law pack {str(said.get('law_pack'))[:16]}; the one to judge by {held}"


def _without_source(copy: Mapping[str, Any]) -> Any:
    return {**copy, "rule": {**copy["rule"], "source": None}}


def _why_not(said: Mapping[str, Any], check: Check | None) -> str | None:
    if said.get("unmet"):
        return f"nothing was measured: {said['unmet']}"
    if check is None:
        return "this check is not installed here"
    if not said.get("recomputable"):
        return "its numbers need rows or a model, not only counts"
    if said.get("check_digest") != check.digest:
        return "it was measured by another version of this check"
    return None


def _calls(inputs: Sequence[Mapping[str, Any]], cubes: Mapping[str, Cube]) -> list[tuple[Any, ...]]:
    counted = [one for one in inputs if "cube" in one]
    calls = []
    for _, of_call in groupby(counted, key=lambda one: one["call"]):
        answers: list[Any] = []
        for _, of_need in groupby(of_call, key=lambda one: one["need"]):
            given = list(of_need)
            taken = [cubes[one["cube"]] for one in given]
            answers.append(tuple(taken) if given[0]["many"] else taken[0])
        calls.append(tuple(answers))
    return calls


def _differences(told: Sequence[Measurement], again: Sequence[Measurement]) -> list[str]:
    if len(told) != len(again):
        return [f"{len(told)} numbers were stated, {len(again)} come out"]
    return [_said(one, other) for one, other in zip(told, again, strict=True) if not _same(one, other)]


def _same(one: Measurement, other: Measurement) -> bool:
    left, right = one.to_json(), other.to_json()
    return all(_close(left[key], right[key]) for key in left)


def _close(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return isclose(left, right, rel_tol=CLOSE, abs_tol=CLOSE)
    return bool(left == right)


def _said(one: Measurement, other: Measurement) -> str:
    group = f" ({one.protected}: {one.group})" if one.group else ""
    return f"{one.name}{group}: said {_text(one.value)}, is {_text(other.value)}"


def _text(value: Fraction | float | int | None) -> str:
    return "nothing" if value is None else f"{float(value):.6g}"
