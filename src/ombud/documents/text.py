"""The report as text for a terminal: what failed, who is worse off, what to do, who can do it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from shutil import get_terminal_size
from typing import Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ombud.documents import words
from ombud.documents.meaning import (
    OUTCOMES,
    STATES,
    VERDICTS,
    Wanted,
    by_framework,
    by_subject,
    evidence_wanted,
    facts_wanted,
    next_step,
    of_outcome,
    open_by_owner,
    why,
)
from ombud.documents.report import GateLine, Report
from ombud.documents.sentence import summary_of
from ombud.status.finding import Finding, State
from ombud.status.rule import Outcome

WIDTH: Final = 80
WIDEST: Final = 100
MOST: Final = 6
"""How many of a long list a terminal shows; the HTML report and JSON hold all."""

_TIE: Final = "\ue000"
"""A space that Rich does not break lines at (it does at U+00A0); a private character, replaced at the end."""

STYLES: Final = {Outcome.FAIL: "bold red", Outcome.UNKNOWN: "yellow", Outcome.PASS: "green", Outcome.MEASURED: "cyan"}
MARKS: Final = {Outcome.FAIL: "✗", Outcome.UNKNOWN: "?", Outcome.PASS: "✓", Outcome.MEASURED: "·"}
VERDICT_STYLES: Final = {"may": "bold green", "may not": "bold red", "cannot tell": "bold yellow"}
SHORT: Final = ("shown", "partly", "not shown", "unknown", "stale", "coming", "n/a")


def text(report: Report, *, colour: bool = False, width: int | None = None) -> str:
    """The report as text, with terminal colours if `colour`."""
    columns = width or (min(WIDEST, get_terminal_size((WIDTH, 24)).columns) if colour else WIDTH)
    to = StringIO()
    console = Console(
        file=to, width=columns, force_terminal=colour, no_color=not colour, highlight=False, legacy_windows=False,
        color_system="standard" if colour else None, emoji=False, markup=False,
    )  # fmt: skip
    _Writer(console).write(report)
    return "\n".join(line.rstrip() for line in to.getvalue().replace(_TIE, " ").splitlines()) + "\n"


class _Writer:
    """Puts a report on a console, part by part."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def write(self, report: Report) -> None:
        self._head(report)
        self._gate(report)
        self._findings(report)
        self._remarks(report)
        self._coverage(report)
        self._wanted(report)
        self._list("Not looked at", report.not_looked_at)
        self._foot(report)

    # --- small parts --------------------------------------------------------------------------------------------------

    def _say(self, said: str, style: str = "", indent: int = 0) -> None:
        self.console.print(Padding(Text(_flowing(said), style=style, overflow="fold"), (0, 0, 0, indent)))

    def _heading(self, said: str) -> None:
        self.console.print()
        self._say(said.upper(), "bold")

    def _named(self, label: str, said: str) -> None:
        """A label, and beside it what is said, wrapped in its own column."""
        if not said:
            return
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=8, no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(Text(label, style="dim"), Text(_flowing(said), overflow="fold"))
        self.console.print(Padding(grid, (0, 0, 0, 4)))

    def _list(self, heading: str, lines: Sequence[str], more: int = 0) -> None:
        if not lines:
            return
        self._heading(heading)
        for line in lines:
            self._bullet(line)
        if more:
            self._say(f"and {more} more: see --format html or json", "dim", 2)

    def _bullet(self, said: str, mark: str = "-", style: str = "") -> None:
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=1, no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(Text(mark, style=style), Text(_flowing(said), overflow="fold"))
        self.console.print(Padding(grid, (0, 0, 0, 2)))

    # --- the report ---------------------------------------------------------------------------------------------------

    def _head(self, report: Report) -> None:
        self._say(words.name(report.system), "bold")
        self._say(report.purpose)
        self._say(report.notice)
        self._say(f"as of {words.instant(report.as_of)}, by what was known on {report.known_at}", "dim")
        self.console.print()
        verdict = VERDICTS.get(report.verdict, report.verdict)
        self._say(f"{verdict}.", VERDICT_STYLES.get(report.verdict, "bold"))
        self._say(report.headline, "bold")

    def _gate(self, report: Report) -> None:
        blocking = [line for line in report.gate if line.blocks]
        waived = [line for line in report.gate if line.waived]
        self._list("What blocks the release", [_blocks(one) for one in blocking])
        self._list("Accepted deviations", [f"{_line(one.name)}: {one.because}" for one in waived])

    def _findings(self, report: Report) -> None:
        for outcome, heading in ((Outcome.FAIL, "Fails"), (Outcome.UNKNOWN, "Unknown")):
            found = of_outcome(report, outcome)
            if found:
                self._heading(heading)
            for finding in found:
                self._card(report, finding)
        for outcome, heading in (
            (Outcome.PASS, "Passes"),
            (Outcome.MEASURED, "Measured; neither law nor policy sets a limit"),
        ):
            found = of_outcome(report, outcome)
            if found:
                self._heading(heading)
            for finding in found:
                self._bullet(f"{words.name(finding.check)}: {_brief(report, finding)}", MARKS[outcome], STYLES[outcome])

    def _card(self, report: Report, finding: Finding) -> None:
        outcome = finding.outcome
        self._say(f"{MARKS[outcome]} {words.name(finding.check)}", STYLES[outcome])
        self._say(report.summary(finding), indent=4)
        self._named("why", why(finding.check) if outcome is Outcome.FAIL else "")
        self._named("law", _serves(report, finding))
        self._named("do", next_step(finding))
        self._named("who", words.owner(report.owner_of(finding)))
        if finding.attempts > 1:
            self._named("tries", f"measured {finding.attempts} times with the same parameters; this is the newest")

    def _remarks(self, report: Report) -> None:
        self._list("What a reader must not miss", report.remarks)
        if report.alternatives:
            self._list("A less discriminatory alternative", report.alternatives.told)

    def _coverage(self, report: Report) -> None:
        self._heading("Coverage")
        rows = {words.SUBJECTS.get(name, name): counts for name, counts in by_subject(report).items()}
        self._table("checks by subject", ("fail", "unknown", "pass", "measured"), rows, OUTCOMES[:4])
        self._laws(report)
        owned = open_by_owner(report.requirements)
        if owned:
            self.console.print()
            said = " · ".join(f"{words.owner(role)} {len(rows)}" for role, rows in owned.items())
            self._say(f"Open requirements by owner: {said}")

    def _laws(self, report: Report) -> None:
        """The laws of which anything applies in a table, the others by name."""
        laws = {report.frameworks.get(name, name): counts for name, counts in by_framework(report).items()}
        reach = {title: counts for title, counts in laws.items() if set(counts) - {State.NOT_APPLICABLE}}
        if reach:
            self.console.print()
            self._table("requirements by law", SHORT, reach, STATES)
        idle = [f"{words.name(title)} ({laws[title][State.NOT_APPLICABLE]})" for title in laws if title not in reach]
        if idle:
            self.console.print()
            self._say(f"Nothing applies here of: {', '.join(idle)}.", "dim")

    def _table(
        self, what: str, heads: Sequence[str], rows: Mapping[str, Mapping[Any, int]], columns: Sequence[Any]
    ) -> None:
        table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False, header_style="dim")
        table.add_column(what, overflow="fold")
        for head in heads:
            table.add_column(head, justify="right", no_wrap=True)
        for label, counts in rows.items():
            shown = [str(counts.get(column, 0) or "·") for column in columns]
            table.add_row(Text(words.name(label, 200), overflow="fold"), *shown)
        self.console.print(table)

    def _wanted(self, report: Report) -> None:
        for heading, wanted in (
            ("Facts to declare", facts_wanted(report)),
            ("Evidence to put on record", evidence_wanted(report)),
        ):
            self._list(heading, [_want(one) for one in wanted[:MOST]], max(0, len(wanted) - MOST))

    def _foot(self, report: Report) -> None:
        self._heading("Evidence")
        size = report.log.get("size")
        if size is not None:
            self._say(f"log of {size} entries, root {str(report.log.get('root', ''))[:16]}…", indent=2)
        self._say(
            f"release {(report.release or 'none')[:16]} · law pack {report.pack[:16]} · {report.software}", indent=2
        )
        unread = sum(1 for row in report.requirements if not row.certainty.startswith("read by"))
        self._say(f"{unread} of {len(report.requirements)} requirements are not yet read by a person", indent=2)
        for command in report.verify:
            self._say(f"verify: {command}", indent=2)


def _flowing(said: str) -> str:
    return words.tied(words.clean(said), _TIE)


def _brief(report: Report, finding: Finding) -> str:
    if finding.outcome is not Outcome.MEASURED:
        return report.summary(finding)
    more = len(finding.judgements) - 1
    said = summary_of(finding, alone=False)
    return f"{said} And {words.counted(more, 'more number')}." if more else said


def _line(text: str) -> str:
    return words.name(text, 160)


def _blocks(line: GateLine) -> str:
    return f"{_line(line.name)}: {line.verdict}; {words.once(line.because)} ({words.owner(line.owner)})"


def _serves(report: Report, finding: Finding) -> str:
    rows = [row for id in finding.requirements if (row := report.requirement(id))]
    said = [f"{row.id} {row.title} ({row.certainty})" for row in rows[:MOST]]
    more = [f"{len(rows) - MOST} more"] if len(rows) > MOST else []
    return "; ".join([*said, *more]) or "none that applies here sets a duty on this number"


def _want(wanted: Wanted) -> str:
    roles = Counter(row.owner for row in wanted.rows)
    who = "" if wanted.kind == "fact" else f" ({words.listed([words.owner(role) for role, _ in roles.most_common(2)])})"
    kind = "" if wanted.kind == "fact" else f"{wanted.kind} "
    return (
        f"{kind}{words.name(wanted.what)}{who}: {words.counted(len(wanted.rows), 'requirement')} ({_ids(wanted.rows)})"
    )


def _ids(rows: Iterable[object]) -> str:
    ids = [str(getattr(row, "id", row)) for row in rows]
    return ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
