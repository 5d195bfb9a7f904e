"""Grace: what would stop a release if it were new, and until when one that runs may go on regardless.

New law and aged evidence stop new releases at once; what runs already gets a dated time to answer them. How long is
the organisation's own rule (`monitoring.law_grace` in the manifest, else thirty days), and no law's: where a law
gives a time of its own, that time is in the day from which it binds, and it is over when the grace begins. A number
that was measured beyond its limit has no grace: it is neither new law nor age.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from attrs import evolve

from ombud.evidence.entry import Entry
from ombud.evidence.log import Log
from ombud.law import Pack
from ombud.law.view import LawView
from ombud.living.released import Grace, Release, Releases, State
from ombud.release.gate import Item
from ombud.release.standing import Judged, judge_now
from ombud.status.finding import Finding, RequirementStatus
from ombud.status.rule import Origin
from ombud.status.select import DEFAULT_MAX_AGE_DAYS, moment
from ombud.status.status import Picture
from ombud.system.spec import LAW_GRACE_DAYS


def grace_of(before: Judged, after: Judged, view: LawView, log: Sequence[Entry] = ()) -> tuple[Grace, ...]:
    """What blocks a release now, why, since when, and until when one that runs may go on.

    Args:
        before: the release as it was judged when it was released; after: as it is judged now.
        view: the law now, for the day on which a row became known.
        log: the trusted entries, for the day on which evidence became too old.
    """
    blocking = [item for item in after.report.items if item.blocks]
    found = [_grace(item, *_cause(item, before, after, view, log), before, after) for item in blocking]
    return tuple({(one.target, one.cause): one for one in found}.values())


def _grace(item: Item, cause: str, since: date | None, before: Judged, after: Judged) -> Grace:
    """Counted from the cause, but never from before the release: what was known then was judged then."""
    begun = None if since is None else max(since, before.picture.as_of.date())
    until = None if begun is None or cause == "other" else begun + timedelta(days=_days(after.picture))
    return Grace(
        target=item.target, cause=cause, since=_iso(begun), until=_iso(until), because=f"{item.name}: {item.because}"
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def grace_now(log: Log, pack: Pack, release: Release, now: datetime) -> tuple[Grace, ...]:
    """The grace of a release that was declared live, from the log and the law."""
    if release.released_at is None:
        return ()
    then = moment(release.released_at)
    after = judge_now(log, pack, release, now)
    if not any(item.blocks for item in after.report.items):
        return ()
    before = judge_now(log, pack, release, then, then)
    return grace_of(before, after, pack.view(now.date(), now.date()), log.trusted())


def with_grace(found: Releases, log: Log, pack: Pack, now: str) -> Releases:
    """The same releases; the current ones with what would stop them if they were new."""
    told = tuple(
        evolve(one, grace=grace_now(log, pack, one, moment(now))) if _runs(one, now) else one for one in found.of
    )
    return Releases(told, found.at, found.size)


def _runs(release: Release, now: str) -> bool:
    return release.current and release.state(now) is State.RELEASED


def _days(picture: Picture) -> int:
    said = picture.settings.get("grace_days", LAW_GRACE_DAYS)
    return said if isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= 366 else LAW_GRACE_DAYS


def _cause(item: Item, before: Judged, after: Judged, view: LawView, log: Sequence[Entry]) -> tuple[str, date | None]:
    if item.kind == "law":
        return _of_law(item, before, after, view, log)
    check = item.target.partition(":")[0]
    finding = after.picture.finding(check)
    if item.kind != "limit" or finding is None:
        return "other", None
    if finding.stale:
        return "age", _grown_old([finding.entry], after.picture, log)
    return _of_limit(item, finding, before, view)


def _of_law(item: Item, before: Judged, after: Judged, view: LawView, log: Sequence[Entry]) -> tuple[str, date | None]:
    row, earlier = after.picture.requirement(item.target), _item(before, item)
    if row is None:
        return "other", None
    stale = [part.entry for part in row.parts if part.state == "stale"]
    if stale:
        return "age", _grown_old(stale, after.picture, log)
    if earlier is None:
        return "new law", _known(row, view)
    if earlier.verdict is item.verdict or _begun(view, row.id) <= before.picture.as_of.date():
        return "other", None  # it blocked then too and was accepted, or the evidence changed
    return "changed law", _known(row, view)


def _of_limit(item: Item, finding: Finding, before: Judged, view: LawView) -> tuple[str, date | None]:
    """A limit of law that was set or tightened since, on the same measurement; everything else has no grace."""
    then = before.picture.finding(finding.check)
    new = [
        judged.rule.source
        for judged in finding.judgements
        if judged.rule
        and judged.rule.origin is not Origin.POLICY
        and f"{finding.check}:{judged.measurement.name}" == item.target
        and _begun(view, judged.rule.source) > before.picture.as_of.date()
    ]
    if not new or then is None or then.entry != finding.entry:
        return "other", None
    return "new law", max(_begun(view, source) for source in new)


def _item(judged: Judged, item: Item) -> Item | None:
    """What the gate said of the same thing then."""
    return next((one for one in judged.report.items if (one.kind, one.name) == (item.kind, item.name)), None)


def _known(row: RequirementStatus, view: LawView) -> date | None:
    bites = [date.fromisoformat(row.bites_from)] if row.bites_from else []
    return max([*bites, _begun(view, row.id)], default=None)


def _begun(view: LawView, id: str) -> date:
    """Since when the row binds as it does now and could be known here: its days of effect, publication and entry."""
    rules = view.ruling(id, view.as_of) if view.versions(id) else None
    if rules is None:
        return date.min
    starts = [period.bites for period in rules.applies if period.bites and period.bites <= view.as_of]
    return max(day for day in (*starts, rules.published, rules.in_pack_since) if day is not None)


def _grown_old(digests: Iterable[str | None], picture: Picture, log: Sequence[Entry]) -> date | None:
    """The first day on which one of some statements no longer counted."""
    wanted = {digest for digest in digests if digest}
    ends = [_end(entry.statement.predicate, picture.settings) for entry in log if entry.digest in wanted]
    return min(ends, default=None)


def _end(said: Mapping[str, Any], settings: Mapping[str, Any]) -> date:
    expires = said.get("expires")
    if expires is not None:
        return moment(expires).date()
    ages = settings.get("max_age_days", {})
    name = str(said.get("check", "attestation"))
    return (
        moment(said["observed_at"]) + timedelta(days=ages.get(name, ages.get("default", DEFAULT_MAX_AGE_DAYS)))
    ).date()
