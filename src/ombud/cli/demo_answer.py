"""The person in `ombud demo decisions`: refused by a broken feed, told why, and heard."""

from pathlib import Path
from typing import Final

from attrs import frozen

from ombud.cli.decisions.contest_text import listed
from ombud.cli.decisions.explain import writer_of
from ombud.cli.decisions.explain_text import told
from ombud.cli.workbench import Workbench
from ombud.decisions.contest import Contest, receive_contest, stands
from ombud.decisions.contest_letter import outcome_letter
from ombud.decisions.contest_review import Contests, Review
from ombud.decisions.contest_reviewers import appoint
from ombud.decisions.decision import UNFAVOURABLE
from ombud.decisions.exact import exact_model
from ombud.decisions.explain import Explanation, explain_decision
from ombud.decisions.intake import between, find
from ombud.decisions.population import explainer
from ombud.decisions.served import Served, serve
from ombud.demo import living
from ombud.demo.history import INJECTED, History
from ombud.documents.decisions import Form
from ombud.errors import Misused

FORMS: Final[tuple[Form, ...]] = ("gdpr-15-1-h", "adverse-action")
LIVES: Final = "DE"
WORDS: Final = "My credit history meets your guidelines; I enclose the report. Please have somebody look at it."
REASONS: Final = (
    "The report that you sent shows that your credit history meets our guidelines. Our records said otherwise, because "
    "a feed was broken. We have decided again, and accept your application."
)
SAW: Final = ("score", "inputs", "documents", "person-statement")


@frozen
class Answered:
    """What became of the person's decision: its number, and what was said of it."""

    number: str
    lines: tuple[str, ...]


def explain(bench: Workbench, made: History, into: Path) -> Answered:
    """Explain the newest refusal that the broken feed caused and that may be explained by letter."""
    said = _newest(bench, made)
    writer = writer_of(bench)
    served = [serve(bench.workspace, said, writer, form, into / "letters", living.OFFICER) for form in FORMS]
    lines = [line for line in told(said) if not line.startswith("note:")]
    return Answered(said.decision.id, (*lines, *(_written(one, into) for one in served)))


def _written(one: Served, into: Path) -> str:
    """A letter in one line: where it is, which law it follows, and what is still missing in it."""
    (paper,) = (path for path, _ in one.files if path.suffix == ".pdf")
    law = f"{one.laws[0].cite}, {one.laws[0].certainty}"
    holes = f"; {len(one.holes)} things only the bank can say are missing, and marked" if one.holes else ""
    return f"{paper.relative_to(into)} ({law}){holes}"


def _newest(bench: Workbench, made: History) -> Explanation:
    """By the exact model, with the approved population read once."""
    ours = [one.decision for one in between(bench.workspace, bench.system.name, made.broken)]
    refused = [one for one in ours if one.id.startswith(INJECTED) and one.outcome == UNFAVOURABLE]
    base = explainer(bench.system, exact_model(bench.system, bench.workspace.root, refused[-1].model))
    for one in reversed(refused):
        said = explain_decision(bench.workspace, bench.system, one.id, prepared=lambda _model: base)
        if said.may_be_sent and said.searched.ask == "found":
            return said
    raise Misused("no refusal of the demo may be explained by letter", "Please report this.")


def contest(bench: Workbench, number: str, into: Path) -> tuple[str, ...]:
    """Contest that decision as the person would, and review it as somebody named before, who did not make it."""
    appoint(bench.workspace, living.REVIEWER, living.OWNER, system=bench.system.name)
    officer, reviewer = (Contests(bench.workspace, who, bench.system) for who in (living.OFFICER, living.REVIEWER))
    asked = Contest(lives=(LIVES,), channel="mail", words=WORDS)
    case = receive_contest(bench.workspace, find(bench.workspace, bench.system.name, number), asked, living.OFFICER)
    officer.assign(case.id, living.REVIEWER)
    received = _stands(officer, case.id)
    reviewer.review(case.id, Review(outcome="changed", saw=SAW, seconds=25 * 60, reasons=REASONS))
    letter = outcome_letter(officer, case.id, "pdf", bench.organisation)
    (into / "letters" / "outcome.pdf").write_bytes(letter.content)
    officer.tell(case.id, "mail", [letter.digest])
    officer.close(case.id)
    return (*received, *_stands(officer, case.id), "written: letters/outcome.pdf")


def _stands(who: Contests, number: str) -> list[str]:
    return listed((stands(who.case(number), who.workspace.context.clock.now()),)).splitlines()
