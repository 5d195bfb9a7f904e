"""`ombud law`: what the law asks, of whom, since when, what changed, and what is coming."""

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ombud.cli import law_alarm
from ombud.cli.law_facts import gather
from ombud.cli.law_text import applies_text, changes_text, clock_text, clocks_text, list_text, show_text, turns_text
from ombud.cli.options import AsFormat, AsOf, Format, KnownAt, LawFolders, a_day
from ombud.errors import Misused
from ombud.law.calendar import WEEKENDS_ONLY, Calendar, calendar, read_calendar
from ombud.law.clock import Notice, run_clock, zone
from ombud.law.clockrules import ClockRule, clock_rule, clock_rules
from ombud.law.counting import Pause
from ombud.law.diff import difference
from ombud.law.load import load_pack
from ombud.law.model import Requirement
from ombud.law.pack import Pack
from ombud.law.plain import limit_to_json, period_to_json, value_to_json, version_to_json
from ombud.law.upcoming import upcoming
from ombud.law.view import LawView
from ombud.law.vocabulary import Facts

app = typer.Typer(no_args_is_help=True, help="What the law asks, of whom, since when, and what changed.")

ManifestOrNone = Annotated[
    Path | None, typer.Argument(metavar="MANIFEST", help="A system's manifest, ombud.yaml; or give --fact.")
]
app.command("alarm")(law_alarm.command)

FactsGiven = Annotated[
    list[str] | None,
    typer.Option("--fact", metavar="FACT=VALUE", help="Declare a fact (role=provider,deployer); may be repeated."),
]


@app.command("list")
def list_(
    framework: Annotated[str | None, typer.Option("--framework", help="Only this law or standard (eu-ai-act).")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only rows of this role.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    format: AsFormat = Format.TEXT,
    law: LawFolders = None,
) -> None:
    """List every requirement, and say how many of them a check can move.

    \b
    ombud law list
    ombud law list --framework eu-ai-act --as-of 2027-12-02
    ombud law list --law our-rules --format json
    """
    pack = load_pack(law or ())
    view = _view(pack, as_of, known_at)
    rows = [row for row in view.requirements if framework in (None, row.framework) and owner in (None, row.owner)]
    if not rows:
        known = ", ".join(sorted({row.framework for row in view.requirements}))
        raise Misused(f"no requirement is listed for this as of {view.as_of}", f"Frameworks: {known}.")
    if format is Format.TEXT:
        typer.echo(list_text(view, rows, _moved(rows)))
        return
    said = {"requirements": [_requirement(row) for row in rows], "moved_by_checks": len(_moved(rows))}
    _print(_head(pack, view) | said)


@app.command()
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="For example GDPR.22.1.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    format: AsFormat = Format.TEXT,
    law: LawFolders = None,
) -> None:
    """Show one requirement with its source, its history and what would show it.

    \b
    ombud law show GDPR.22.1
    ombud law show AIA.9 --known-at 2026-07-01
    """
    pack = load_pack(law or ())
    view = _view(pack, as_of, known_at)
    requirement = view.requirement(id)
    versions = view.versions(id)
    proposals = [one.version for one in view.proposals if one.id == id]
    if format is Format.TEXT:
        typer.echo(show_text(requirement, versions, proposals, _checks()))
        return
    history = {
        "versions": [version_to_json(version) for version in versions],
        "proposals": [version_to_json(version) for version in proposals],
    }
    _print(_head(pack, view) | {"requirement": _requirement(requirement) | history})


@app.command()
def applies(
    manifest: ManifestOrNone = None,
    fact: FactsGiven = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what does not apply, with the reason.")] = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    format: AsFormat = Format.TEXT,
    law: LawFolders = None,
) -> None:
    """Say which requirements bind a system, which will, and which facts are missing to tell.

    \b
    ombud law applies ombud.yaml
    ombud law applies ombud.yaml --as-of 2026-08-03 --known-at 2026-07-01
    ombud law applies --fact jurisdiction=US-CA --fact role=business --fact ccpa_threshold=yes
    """
    facts = gather(manifest, fact or ())
    pack = load_pack(law or ())
    view = _view(pack, as_of, known_at)
    answers = view.applicability(facts)
    if format is Format.TEXT:
        typer.echo(applies_text(view, answers, everything))
        return
    found = [answer.to_json() | _label(answer.requirement) for answer in answers]
    _print(_head(pack, view) | {"facts": _plain(facts), "requirements": found})


@app.command()
def diff(
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="As published by this day.")],
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="As published by that day.")],
    manifest: ManifestOrNone = None,
    as_of: AsOf = None,
    fact: FactsGiven = None,
    format: AsFormat = Format.TEXT,
    law: LawFolders = None,
) -> None:
    """Say what changed between two states of the published law, and which instrument changed it.

    Both are looked at for the same day; with a manifest or facts, only what concerns them.

    \b
    ombud law diff --from 2026-07-01 --to 2026-07-28 --as-of 2026-08-03
    ombud law diff --from 2026-07-01 --to 2026-07-28 --as-of 2026-08-03 ombud.yaml
    """
    facts = gather(manifest, fact or ()) if manifest or fact else None
    pack = load_pack(law or ())
    before, after = _view(pack, as_of, from_), _view(pack, as_of, to)
    changes = difference(before, after, facts)
    if format is Format.TEXT:
        typer.echo(changes_text(before, after, changes))
        return
    said = {"from": before.known_at.isoformat(), "to": after.known_at.isoformat()}
    _print(_head(pack, after) | said | {"changes": [change.to_json() for change in changes]})


@app.command("upcoming")
def upcoming_(
    manifest: ManifestOrNone = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Only up to this day.")] = None,
    fact: FactsGiven = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    format: AsFormat = Format.TEXT,
    law: LawFolders = None,
) -> None:
    """Say what begins to bind, changes or ends after a day, by what is published; proposals apart.

    \b
    ombud law upcoming
    ombud law upcoming ombud.yaml --until 2027-12-31
    """
    facts = gather(manifest, fact or ()) if manifest or fact else None
    pack = load_pack(law or ())
    view = _view(pack, as_of, known_at)
    turns = upcoming(view, facts, a_day(until) if until else None)
    if format is Format.TEXT:
        typer.echo(turns_text(view, turns))
        return
    proposals = [{"id": one.id, "status": one.version.status, "instrument": one.version.instrument,
                  "note": one.version.note} for one in view.proposals]  # fmt: skip
    _print(_head(pack, view) | {"upcoming": [turn.to_json() for turn in turns], "proposals": proposals})


@app.command()
def clocks(
    id: Annotated[str | None, typer.Argument(metavar="CLOCK", help="For example eu-rights-request.")] = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="INSTANT", help="The event: 2026-11-23T10:00+01:00.")
    ] = None,
    timezone: Annotated[str, typer.Option("--timezone", help="Whose days count, for example Europe/Berlin.")] = "UTC",
    place: Annotated[
        str | None, typer.Option("--calendar", metavar="PLACE|FILE", help="Whose holidays count: DE, US-CA, a file.")
    ] = None,
    extended_on: Annotated[
        str | None, typer.Option("--extended-on", metavar="DATE", help="When notice of an extension was given.")
    ] = None,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="The reasons in that notice.")] = "",
    pause: Annotated[
        list[str] | None,
        typer.Option("--pause", metavar="FROM/TO=GROUND", help="It stood still; TO may be left out. Repeatable."),
    ] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """List the clocks that law starts, or say when one runs out.

    \b
    ombud law clocks
    ombud law clocks eu-breach-authority --start 2026-11-27T16:30+01:00 --timezone Europe/Berlin
    ombud law clocks eu-rights-request --start 2026-11-23T10:00+01:00 --timezone Europe/Berlin --calendar DE
    """
    if id is None:
        rules = clock_rules()
        typer.echo(clocks_text(rules) if format is Format.TEXT else _json([_clock_rule(rule) for rule in rules]))
        return
    if start is None:
        raise Misused("when did it start?", "Give the event with --start 2026-11-23T10:00+01:00.")
    began = _instant(start, timezone)
    rule = clock_rule(id, began.astimezone(zone(timezone)).date())
    notice = Notice(a_day(extended_on), because) if extended_on else None
    result = run_clock(rule, began, timezone, _calendar(place), [_pause(one) for one in pause or ()], notice)
    typer.echo(clock_text(result) if format is Format.TEXT else _json(result.to_json()))


def _view(pack: Pack, as_of: str | None, known_at: str | None) -> LawView:
    day = a_day(as_of) if as_of else None
    known = a_day(known_at) if known_at else None
    return pack.view(day or _today(), known or _today())


def _today() -> date:
    from ombud.store.clock import SystemClock

    return SystemClock().now().date()


def _instant(written: str, timezone: str) -> datetime:
    """An instant; one without an offset is taken in the timezone that was named."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Misused(f"{written!r} is not an instant", "Write it as 2026-11-23T10:00+01:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone(timezone))


def _calendar(place: str | None) -> Calendar:
    if place is None:
        return WEEKENDS_ONLY
    return read_calendar(Path(place)) if place.endswith((".yaml", ".yml")) else calendar(place)


def _pause(written: str) -> Pause:
    days, equals, ground = written.partition("=")
    first, _, until = days.partition("/")
    if not equals:
        raise Misused(f"{written!r} names no ground", "Write it as 2026-12-01/2026-12-05=identity.")
    return Pause(a_day(first), a_day(until) if until else None, ground)


def _checks() -> frozenset[str]:
    from ombud.checks import known_checks

    return known_checks()


def _moved(rows: list[Requirement]) -> tuple[Requirement, ...]:
    """The rows that at least one check that exists here helps to show."""
    known = _checks()
    return tuple(row for row in rows if any(part.name in known for part in row.parts("check")))


def _head(pack: Pack, view: LawView) -> dict[str, Any]:
    counted = Counter(row.framework for row in view.requirements)
    return {
        "as_of": view.as_of.isoformat(),
        "known_at": view.known_at.isoformat(),
        "law_pack": pack.digest,
        "frameworks": dict(counted),
    }


def _label(row: Requirement) -> dict[str, Any]:
    return {
        "title": row.title, "cite": row.cite, "href": row.href, "framework": row.framework, "binding": row.binding,
        "owner": row.owner, "due": row.due, "status": row.status, "instrument": row.instrument,
        "certainty": row.certainty_words, "context": row.context,
    }  # fmt: skip


def _requirement(row: Requirement) -> dict[str, Any]:
    shown_by = row.shown_by
    return {"id": row.id} | _label(row) | {
        "text": row.text, "certainty_code": row.certainty, "read_by": row.read_by, "when": row.when.to_json(),
        "published": _iso(row.published), "applies_from": _iso(row.applies_from), "bites_from": _iso(row.bites_from),
        "applies_to": _iso(row.applies_to), "in_pack_since": row.in_pack_since.isoformat(),
        "periods": [period_to_json(period) for period in row.periods],
        "shown_by": {shown_by.mode: [{part.kind: part.name, "strength": part.strength} for part in shown_by.parts]}
        if shown_by else None,
        "limits": [limit_to_json(limit) for limit in row.limits],
        "values": [value_to_json(value) for value in row.values],
    }  # fmt: skip


def _clock_rule(rule: ClockRule) -> dict[str, Any]:
    return {
        "id": rule.id, "title": rule.title, "requirement": rule.requirement, "starts": rule.starts,
        "since": rule.since.isoformat(), "length": str(rule.length) if rule.length else None,
        "extension": str(rule.extension) if rule.extension else None, "pauses": list(rule.pauses),
        "roll": rule.roll, "back": rule.back, "counting": rule.counting, "note": rule.note,
        "certainty": "not yet read" if rule.certainty == "V" else "not yet read, unchecked",
    }  # fmt: skip


def _plain(facts: Facts) -> dict[str, list[str]]:
    return {fact: sorted(values) for fact, values in sorted(facts.items())}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


def _print(data: Any) -> None:
    typer.echo(_json(data))
