"""What `ombud law` says to people: plain lines, most pressing first."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from ombud.law.clock import ClockResult
from ombud.law.clockrules import ClockRule
from ombud.law.condition import in_words
from ombud.law.diff import Change
from ombud.law.model import Period, Requirement, Version
from ombud.law.upcoming import Turn
from ombud.law.view import Applicability, LawView

WIDTH = 110
MANY = 30
UNREAD = "No row was read against the official text by a person yet; each says how far it was checked."


def heading(view: LawView) -> str:
    """What is looked at: in force on, as published by."""
    return f"Law in force on {view.as_of}, as published by {view.known_at}"


def list_text(view: LawView, rows: Sequence[Requirement], moved: Sequence[Requirement]) -> str:
    """Every row on a line, by framework, and how many a check can move."""
    lines = [heading(view), ""]
    for title, group in groupby(rows, key=lambda row: row.framework_title):
        listed = list(group)
        lines += [f"{title} ({len(listed)}; {listed[0].binding})", *map(_listed, listed), ""]
    duties = sum(not row.context for row in rows)
    lines.append(f"{len(rows)} rows, {duties} of them requirements. A check measures something for {len(moved)};")
    lines.append("all others are shown by documents, attestations and processes alone.")
    if not any(row.read_by for row in rows):
        lines.append(UNREAD)
    return "\n".join(lines)


def _listed(row: Requirement) -> str:
    kind = "context" if row.context else row.owner
    return f"  {row.id:<24} {row.title}\n  {'':<24} {dates(row)} · {kind} · {row.certainty_words}"


def dates(row: Requirement) -> str:
    """Its status with the days that matter."""
    words = [row.status.replace("_", " ")]
    if row.applies_from:
        words.append(f"applies from {row.applies_from}")
    if row.bites_from and row.bites_from != row.applies_from:
        words.append(f"binds nobody before {row.bites_from}")
    if row.applies_to:
        words.append(f"until {row.applies_to}")
    return ", ".join(words)


def show_text(
    row: Requirement, versions: Sequence[Version], proposals: Sequence[Version], checks: frozenset[str]
) -> str:
    """One requirement in full."""
    lines = [f"{row.id}  {row.title}", *_wrapped(row.text, "  "), ""]
    facts = {
        "source": f"{row.cite} ({row.framework_title})",
        "link": row.href,
        "reading": row.certainty_words,
        "force": row.binding,
        "owner": row.owner,
        "due": row.due.replace("_", " "),
        "who": in_words(row.when),
        "now": f"{dates(row)} ({row.instrument})",
    }
    for name, said in facts.items():
        first, *rest = _wrapped(said, "")
        lines += [f"  {name:<9} {first}", *(f"  {'':<9} {line}" for line in rest)]
    lines += ["", *_shown_by(row, checks), *_numbers(row), "  history", *map(_version, versions)]
    if proposals:
        lines += ["  proposed; changes nothing until it is law", *map(_version, proposals)]
    return "\n".join(lines)


def _shown_by(row: Requirement, checks: frozenset[str]) -> Iterator[str]:
    if row.shown_by is None:
        yield "  for orientation only: it has no status"
        return
    yield f"  shown by {row.shown_by.mode.replace('_', ' ')}"
    for part in row.shown_by.parts:
        absent = "; no such check is installed here" if part.kind == "check" and part.name not in checks else ""
        yield f"    {part.kind} {part.name} ({part.strength}{absent})"


def _numbers(row: Requirement) -> Iterator[str]:
    for limit in row.limits:
        yield f"  limit {limit.measurement} {limit.op} {limit.value} ({limit.origin}), judged by {limit.check}"
    for value in row.values:
        for day, number in value.since:
            yield f"  value {value.name.replace('_', ' ')}: {number} {value.unit} since {day} ({value.origin})"


def _version(version: Version) -> str:
    published = f"published {version.published}" if version.published else "publication date not recorded"
    said = f"    {version.instrument}: {version.status.replace('_', ' ')}, {published}"
    corrects = f"; corrects version {version.corrects} of this row" if version.corrects else ""
    periods = "".join(f"\n      {_period(period)}" for period in version.applies)
    note = f"\n      {version.note}" if version.note else ""
    return said + corrects + periods + note


def _period(period: Period) -> str:
    bites = f", binds nobody before {period.bites}" if period.bites != period.start else ""
    end = f" until {period.end}" if period.end else ""
    legacy = "; in use before: only on a significant design change" if period.legacy else ""
    return f"from {period.start or 'no fixed date'}{bites}{end}: {in_words(period.when)}{legacy}"


def applies_text(view: LawView, answers: Sequence[Applicability], everything: bool) -> str:
    """What binds, what will, what cannot be told and, if asked, what does not."""
    duties = [answer for answer in answers if not answer.requirement.context]
    kinds = {
        "applies": [a for a in duties if a.applies == "yes"],
        "upcoming": sorted((a for a in duties if a.upcoming), key=lambda a: str(a.bites_from)),
        "cannot tell": [a for a in duties if a.applies == "cannot tell"],
        "does not apply": [a for a in duties if a.applies == "no" and not a.upcoming],
    }
    lines = [heading(view), " · ".join(f"{len(found)} {kind}" for kind, found in kinds.items()), ""]
    for kind, found in kinds.items():
        if found and (everything or kind != "does not apply"):
            told = _undecided(found) if kind == "cannot tell" else (line for one in found for line in _answer(one))
            lines += [f"{kind}:", *told, ""]
    if not everything:
        lines.append("What does not apply, and why: add --all")
    return "\n".join(lines)


def _undecided(answers: Sequence[Applicability]) -> Iterator[str]:
    """What cannot be told, by the facts that would decide it, those that decide most first."""
    by_facts: dict[tuple[str, ...], list[Requirement]] = {}
    for answer in answers:
        by_facts.setdefault(answer.missing_facts, []).append(answer.requirement)
    for facts, rows in sorted(by_facts.items(), key=lambda group: (-len(group[1]), group[0])):
        yield f"  not declared: {', '.join(facts)} ({len(rows)})"
        yield from _wrapped("  ".join(_named(rows)), "      ")


def _named(rows: Sequence[Requirement]) -> Iterator[str]:
    """The ids; of very many, how many of which framework."""
    if len(rows) <= MANY:
        yield from (row.id for row in rows)
        return
    for framework, count in Counter(row.framework for row in rows).items():
        yield f"{framework} ({count})"


def _answer(answer: Applicability) -> Iterator[str]:
    row = answer.requirement
    yield f"  {row.id}  {row.title} [{row.owner}; {row.binding}; {row.certainty_words}]"
    yield from _wrapped(answer.because, "      ")


def changes_text(before: LawView, after: LawView, changes: Sequence[Change]) -> str:
    """Each changed row with the act that changed it."""
    title = f"Law in force on {after.as_of}: published by {before.known_at} → by {after.known_at}"
    if not changes:
        return f"{title}\nNothing differs."
    lines = [title, f"{len(changes)} rows differ", ""]
    for change in changes:
        lines.append(f"{change.id}  {change.title} ({change.kind}) — {'; '.join(change.instruments)}")
        for one in change.differences:
            said = f"{one.what}: {one.before or '—'} → {one.after or '—'}"
            lines += _wrapped(said, "    ")
    return "\n".join(lines)


def turns_text(view: LawView, turns: Sequence[Turn]) -> str:
    """A calendar of what is coming."""
    lines = [f"After {view.as_of}, as published by {view.known_at}", ""]
    if not turns:
        lines += ["Nothing is scheduled.", ""]
    for (day, what, instrument), group in groupby(turns, key=lambda turn: (turn.day, turn.what, turn.instrument)):
        lines.append(f"{day}  {what} ({instrument})")
        for turn in group:
            row, parts = turn.requirement, turn.requirement.shown_by.parts if turn.requirement.shown_by else ()
            lines.append(f"  {row.id}  {row.title} [{row.owner}; {row.certainty_words}]")
            lines += _wrapped(turn.whom, "      ")
            lines += _wrapped(f"shown by: {', '.join(part.item for part in parts)}", "      ") if parts else []
        lines.append("")
    if view.proposals:
        lines.append("Proposed; changes nothing until it is law:")
        lines += [f"  {one.id}  {one.version.instrument} ({one.version.status})" for one in view.proposals]
    return "\n".join(lines).rstrip()


def clocks_text(rules: Sequence[ClockRule]) -> str:
    """Every clock on two lines."""
    lines = []
    for rule in rules:
        length = (
            f"{rule.length} {'before' if rule.back else 'from'} {rule.starts}" if rule.length else "no number in law"
        )
        extension = f"; may be prolonged {rule.extension}" if rule.extension else ""
        pauses = f"; stands still for {', '.join(rule.pauses)}" if rule.pauses else ""
        lines += [f"{rule.id}  {rule.title} [{rule.requirement or 'outside the pack'}, since {rule.since}]"]
        lines += _wrapped(f"{length}{extension}{pauses}", "    ")
    return "\n".join(lines)


def clock_text(result: ClockResult) -> str:
    """When one clock runs out."""
    rule = result.rule
    lines = [
        f"{rule.title} ({rule.requirement or rule.id})",
        f"  started   {result.start.isoformat()} {result.timezone}: {rule.starts}",
        f"  target    {result.target or 'none'} (earliest reading)",
        f"  last day  {result.legal or 'open'} (by the rule)",
    ]
    if result.rolled:
        lines.append(f"  not relied on: {result.rolled}")
    lines.append(f"  counted   {rule.counting}; calendar {result.calendar} ({result.calendar_version})")
    lines += [f"  paused    {p.start} to {p.until or 'now'}: {p.reason}" for p in result.pauses]
    lines += [f"  no pause  {p.start} to {p.until or 'now'}: {p.reason}; {why}" for p, why in result.pauses_refused]
    lines += [line for note in result.notes for line in _wrapped(f"note: {note}", "  ")]
    return "\n".join(lines)


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
