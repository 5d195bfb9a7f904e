"""The gate: may this release go live? It judges the declared release set, and nothing else blocks.

The set holds limits that law or policy sets, what applicable binding law demands before use, and approvals. Within it
nothing passes on a failure, on doubt, on stale evidence, or on an empty set. A pure function of a picture and the log.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from attrs import evolve, field, frozen

from ombud.evidence.entry import Entry
from ombud.status.finding import Finding, RequirementStatus, State
from ombud.status.rule import Judgement, Origin, Outcome
from ombud.status.select import moment
from ombud.status.shape import well_shaped
from ombud.status.status import Picture, withdrawn_or_kept

POLICY: Final = "policy"
BEFORE_USE: Final = "binding-before-use"
BREAK_GLASS_HOURS: Final = 72
"""Longest time for which two people may let a release run against the gate: our own rule, no law's."""
RELEASE: Final = "release"
"""Target of the doubt whether the evidence is of this release at all."""
OPEN_STATES: Final = frozenset((State.NOT_SHOWN, State.UNKNOWN, State.STALE, State.PARTLY_SHOWN))


class Verdict(StrEnum):
    """What the gate says."""

    MAY = "may"
    MAY_NOT = "may not"
    CANNOT_TELL = "cannot tell"

    @property
    def exit_code(self) -> int:
        """0 may, 1 may not, 3 cannot tell."""
        return {Verdict.MAY: 0, Verdict.MAY_NOT: 1, Verdict.CANNOT_TELL: 3}[self]


@frozen(kw_only=True)
class Item:
    """One thing in the release set.

    Attributes:
        kind: limit, justification, law or approval.
        name: what it is: "fairness.impact_ratio: impact_ratio (race: black)", a requirement id, "approvals".
        target: what a waiver of it would have to name.
        verdict: may (it stands), may not, or cannot tell.
        because: why.
        owner: the role that can do something about it.
        waived: accepted deviation: owner and DPO have signed for it, and it has not expired.
    """

    kind: str
    name: str
    target: str
    verdict: Verdict
    because: str
    owner: str
    waived: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it keeps the release from going live."""
        return self.verdict is not Verdict.MAY and not self.waived

    @property
    def may_be_waived(self) -> bool:
        """Whether owner and DPO may accept it as it is; people's approvals and an unassessed release stay wanted."""
        return self.kind in ("limit", "law") and self.target != RELEASE

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        return {
            "kind": self.kind, "name": self.name, "target": self.target, "verdict": str(self.verdict),
            "because": self.because, "owner": self.owner, "waived": self.waived, "blocks": self.blocks,
        }  # fmt: skip


@frozen(kw_only=True)
class GateReport:
    """The gate's answer for one release.

    Attributes:
        system, release: what was asked about.
        items: the release set.
        open_by_owner: open requirements by the role that owns them, whether they block or not.
        break_glass: until when two people let it go live nevertheless; None otherwise.
    """

    system: str
    release: str | None
    items: tuple[Item, ...]
    open_by_owner: Mapping[str, int] = field(factory=dict)
    break_glass: str | None = None

    @property
    def verdict(self) -> Verdict:
        """May not if anything fails; else cannot tell if anything is in doubt or the set is empty; else may."""
        if self.break_glass is not None:
            return Verdict.MAY
        blocking = {item.verdict for item in self.items if item.blocks}
        if Verdict.MAY_NOT in blocking:
            return Verdict.MAY_NOT
        judged = any(item.kind in ("limit", "law") for item in self.items)
        return Verdict.CANNOT_TELL if blocking or not judged else Verdict.MAY

    @property
    def deviations(self) -> tuple[Item, ...]:
        """What was accepted although it does not stand."""
        return tuple(item for item in self.items if item.waived)

    def headline(self, role: str = "ml") -> str:
        """The first line of every answer: what the reader can do, what blocks, what waits for others."""
        blocking = [item for item in self.items if item.blocks]
        mine = self.open_by_owner.get(role, 0)
        others = sum(self.open_by_owner.values()) - mine
        return f"{mine} you can fix · {len(blocking)} block release · {others} wait for others"

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        return {
            "system": self.system, "release": self.release, "verdict": str(self.verdict),
            "exit_code": self.verdict.exit_code, "items": [item.to_json() for item in self.items],
            "deviations": [item.target for item in self.deviations], "break_glass": self.break_glass,
            "open_by_owner": dict(sorted(self.open_by_owner.items())),
        }  # fmt: skip


def judge_release(picture: Picture, log: Sequence[Entry]) -> GateReport:
    """Judge the release that a picture is about.

    Args:
        picture: status as of the instant of release.
        log: the trusted entries that the picture was made from.
    """
    log = well_shaped(log)
    wanted = frozenset(_names(picture.settings.get("set"), (POLICY, BEFORE_USE)))
    items = [*_limits(picture, log, POLICY in wanted)]
    if BEFORE_USE in wanted:
        items += [_of_law(row) for row in picture.requirements if _demanded_before_use(row)]
    items.append(_approvals(picture, log))
    waived = _waived(picture, log)
    return GateReport(
        system=picture.system,
        release=picture.release,
        items=tuple(
            evolve(i, waived=i.verdict is not Verdict.MAY and i.may_be_waived and i.target in waived) for i in items
        ),
        open_by_owner=_open_by_owner(picture),
        break_glass=break_glass(picture, log),
    )


def _names(value: object, default: Iterable[str]) -> Iterable[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else default


def _open_by_owner(picture: Picture) -> dict[str, int]:
    counted: dict[str, int] = {}
    for row in picture.requirements:
        if row.state in OPEN_STATES:
            counted[row.owner] = counted.get(row.owner, 0) + 1
    return counted


# --- limits -----------------------------------------------------------------------------------------------------------


def _limits(picture: Picture, log: Sequence[Entry], with_policy: bool) -> Iterable[Item]:
    justified = _justified(picture, log)
    for finding in picture.findings:
        assessed = {judgement.rule for judgement in finding.judgements if judgement.measurement.is_assessed}
        for judgement in finding.judgements:
            rule = judgement.rule
            if rule is None or (rule.origin is Origin.POLICY and not with_policy):
                continue
            # a group too small does not speak for a limit, unless the limit has nobody else to speak for it
            if judgement.measurement.is_assessed or rule not in assessed:
                yield _limit(finding, judgement, justified)


def _limit(finding: Finding, judgement: Judgement, justified: frozenset[tuple[str, ...]]) -> Item:
    measured = judgement.measurement
    about = ": ".join(part for part in (measured.protected, measured.group) if part)
    named = f"{finding.check}: {measured.name}"
    verdict, because = _verdict_of(judgement), judgement.because
    if finding.stale:
        verdict, because = Verdict.CANNOT_TELL, f"stale: measured {finding.observed_at}"
    elif finding.unmet:
        verdict, because = Verdict.CANNOT_TELL, finding.unmet
    elif judgement.attention and _key(finding.check, measured) not in justified:
        verdict, because = Verdict.CANNOT_TELL, "within the limit but significantly unequal: a justification is wanted"
    return Item(
        kind="limit", name=f"{named} ({about})" if about else named, target=f"{finding.check}:{measured.name}",
        verdict=verdict, because=because, owner="ml",
    )  # fmt: skip


def _verdict_of(judgement: Judgement) -> Verdict:
    return {Outcome.PASS: Verdict.MAY, Outcome.FAIL: Verdict.MAY_NOT}.get(judgement.outcome, Verdict.CANNOT_TELL)


def _key(check: str, measured: Any) -> tuple[str, ...]:
    return (check, measured.name, str(measured.protected), str(measured.group))


def _justified(picture: Picture, log: Sequence[Entry]) -> frozenset[tuple[str, ...]]:
    said = [e.statement.predicate for e in withdrawn_or_kept(log, "justification", picture.system, picture.as_of)]
    return frozenset(
        (one["check"], one["measurement"], str(one.get("protected")), str(one.get("group")))
        for one in said
        if one.get("release") == picture.release and str(one.get("reason", "")).strip()
    )


# --- law --------------------------------------------------------------------------------------------------------------


def _demanded_before_use(row: RequirementStatus) -> bool:
    closed = (State.NOT_APPLICABLE, State.UPCOMING)
    return row.binding == "law" and row.due == "before_use" and row.state not in closed


def _of_law(row: RequirementStatus) -> Item:
    verdict = {State.SHOWN: Verdict.MAY, State.NOT_SHOWN: Verdict.MAY_NOT}.get(row.state, Verdict.CANNOT_TELL)
    because = f"{row.state}: {row.because}"
    return Item(kind="law", name=row.id, target=row.id, verdict=verdict, because=because, owner=row.owner)


# --- people -----------------------------------------------------------------------------------------------------------


def _approvals(picture: Picture, log: Sequence[Entry]) -> Item:
    wanted = int(str(picture.settings.get("approvals", 2)))
    people = approvers(picture, log)
    verdict = Verdict.MAY if len(people) >= wanted else Verdict.CANNOT_TELL
    because = f"{len(people)} of {wanted} people have approved this release" + (
        f": {', '.join(people)}" if people else ""
    )
    return Item(
        kind="approval", name="approvals", target="approvals", verdict=verdict, because=because, owner="business"
    )


def approvers(picture: Picture, log: Sequence[Entry]) -> tuple[str, ...]:
    """The people who approved this release: each counted once, never who measured or declared it, never a CI key.

    An approval counts only if there was something to see: once the release had been declared, and every check that was
    measured for it had been measured at least once.
    """
    about = [entry for entry in log if _is_about(entry, picture)]
    authored = [entry for entry in about if entry.statement.kind in ("measurement", "declaration")]
    authors = {entry.holder for entry in authored}
    first = {entry.statement.predicate.get("check"): entry.index for entry in reversed(authored)}
    if not first:
        return ()
    approvals = withdrawn_or_kept(log, "approval", picture.system, picture.as_of)
    counting = (e for e in approvals if _is_about(e, picture) and e.index > max(first.values()) and "ci" not in e.roles)
    return tuple(dict.fromkeys(entry.holder for entry in counting if entry.holder not in authors))


def _is_about(entry: Entry, picture: Picture) -> bool:
    said = entry.statement.predicate
    return said.get("system") == picture.system and said.get("release") == picture.release


def _waived(picture: Picture, log: Sequence[Entry]) -> frozenset[str]:
    """Targets for which an owner and a DPO, two people, have signed an unexpired waiver."""
    signed: dict[str, list[Entry]] = {}
    for entry in withdrawn_or_kept(log, "waiver", picture.system, picture.as_of):
        if picture.as_of < moment(entry.statement.predicate["expires"]):
            signed.setdefault(entry.statement.predicate["target"], []).append(entry)
    return frozenset(target for target, entries in signed.items() if _two_people(entries, "owner", "dpo"))


def _two_people(entries: Iterable[Entry], first: str, second: str) -> bool:
    held = list(entries)
    firsts = {entry.holder for entry in held if first in entry.roles}
    seconds = {entry.holder for entry in held if second in entry.roles}
    return any(one != other for one in firsts for other in seconds)


def break_glass(picture: Picture, log: Sequence[Entry]) -> str | None:
    """Until when two people let this release go live whatever the gate says: at most 72 hours, and it is evidence."""
    running = [
        entry
        for entry in withdrawn_or_kept(log, "break-glass", picture.system, picture.as_of)
        if entry.statement.predicate.get("release") == picture.release and picture.as_of < _until(entry)
    ]
    if len({entry.holder for entry in running}) < 2:
        return None
    return min(_until(entry) for entry in running).isoformat().replace("+00:00", "Z")


def _until(entry: Entry) -> datetime:
    longest = moment(entry.statement.predicate["observed_at"]) + timedelta(hours=BREAK_GLASS_HOURS)
    return min(moment(entry.statement.predicate["until"]), longest)
