"""The system of the demo once it is in use: its manifest with the lower threshold, and a release people accepted."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from attrs import frozen

from ombud.demo.data import Applications
from ombud.demo.train import Trained
from ombud.demo.workspace import THRESHOLD, write_workspace
from ombud.evidence.entry import Entry
from ombud.law import Pack
from ombud.release import sign
from ombud.release.assess import picture_of
from ombud.release.composite import composite
from ombud.release.gate import GateReport, judge_release
from ombud.release.publish import publish
from ombud.store.workspace import Rights, Workspace
from ombud.system.manifest import System

LOWER: Final = 0.26
"""The highest threshold at which every race passes the bank's rule; the search of `ombud demo` names it."""
DAYS: Final = 30
OWNER, OFFICER, OPERATIONS, REVIEWER = "lending-owner", "data-protection-officer", "it-operations", "loan-officer"
HOLDERS: Final[dict[str, Rights]] = {
    "ml-engineer": (("ml",), None),
    OFFICER: (("dpo",), None),
    OWNER: (("owner",), None),
    OPERATIONS: (("platform",), None),
    REVIEWER: (("business",), None),
}
"""Role names with test keys; no such people exist."""

IN_USE: Final = """\
monitoring:
  window: week
  trailing: 90d
  alarm_rate: "0.01"
  injected: {since: BROKEN, what: "credit records of one group, falsified by this demonstration"}
"""
CAN: Final = """\
people:
  fixed: [dep]
  can:                               # what an applicant can change, for "what would have changed it"
    obrat: {direction: down, min: 0, step: 1}                    # monthly obligations, percent of income
    hrat: {direction: down, min: 0, step: 1, at_most: obrat}     # housing is one of them
    liq: {direction: up, max: 500, step: 1}                      # liquid assets, thousand dollars
    cosign: {direction: up, min: 0, max: 1, step: 1}             # somebody signs with them
"""

LETTERS: Final = """\
# What only the bank can say in letters about decisions. What it leaves out is a marked hole.
significance: The decision settles whether you get this mortgage from us.
consequences: Without it we do not finance the home. You can apply again at any time, here or elsewhere.
role: The model calculates a score. From the threshold on an application is accepted, below it is refused.
labels:
  {gdlin: Credit history meets our guidelines, obrat: Monthly obligations (% of income),
  hrat: Housing expense (% of income), liq: Liquid assets (thousand dollars), cosign: Somebody signs with you,
  loanamt: Amount of the loan (thousand dollars), price: Price of the home (thousand dollars),
  apr: Appraised value (thousand dollars), loanprc: Loan as a share of the price, occ: Kind of occupancy,
  suffolk: The home is in Suffolk County, appinc: Yearly income (thousand dollars), unit: Units in the building,
  dep: Dependents, emp: Years in this line of work, yjob: Years in this job, self: Self-employed,
  atotinc: Monthly income, cototinc: Monthly income of the co-applicant, hexp: Proposed housing expense,
  other: Other financing (thousand dollars), rep: Credit reports, lines: Credit lines on the reports,
  mortg: History of paying mortgages (code), cons: History of paying consumer credit (code),
  pubrec: A bankruptcy is on record, fixadj: Kind of interest rate (code), term: Length of the loan (months),
  prop: Kind of property (code), inss: Mortgage insurance was sought, gift: A gift is part of the down payment,
  netw: Net worth (thousand dollars), unem: Unemployment in the industry (%), bd: Share of boarded-up homes is high,
  mi: Income of the neighbourhood is high, vr: Share of empty homes is high, sch: More than 12 years of school,
  mortno: No mortgage before, mortperf: No late mortgage payments, mortlat1: One or two late mortgage payments,
  mortlat2: More than two late mortgage payments, chist: No accounts 60 days behind, multi: Two or more units,
  thick: More than two credit reports}
"""


def write_living(root: Path, people: Applications, trained: Trained, since: str, broken: str) -> Path:
    """Write the workspace of `ombud demo` as it is once the system is in use; the path of the manifest.

    Args:
        since: first day of use; broken: day from which the demo falsifies what a feed says.

    Raises:
        AssertionError: the manifest of `ombud demo` no longer has what is changed here.
    """
    manifest = write_workspace(root, people, trained)
    text = manifest.read_text(encoding="utf-8")
    for old, new in _changes(since):
        assert text.count(old) == 1, f"the demo's manifest has no line {old!r}"
        text = text.replace(old, new)
    manifest.write_text(text + IN_USE.replace("BROKEN", broken), encoding="utf-8")
    (root / "letters.yaml").write_text(LETTERS, encoding="utf-8")
    return manifest


def _changes(since: str) -> Iterator[tuple[str, str]]:
    yield f"threshold: {THRESHOLD}", f"threshold: {LOWER}"
    yield "in_use_since: 2026-11-01", f"in_use_since: {since}"
    yield "people: {fixed: [dep]}\n", CAN


@frozen
class Live:
    """A release that was declared live. accepted: what two people accepted until a day, although it is open."""

    entry: Entry
    accepted: tuple[str, ...]
    until: str


def go_live(workspace: Workspace, system: System, pack: Pack) -> Live:
    """Accept what stands in the way for some days, approve, and declare the release live, as two people would."""
    digest = composite(system).digest
    until = (workspace.context.clock.now() + timedelta(days=DAYS)).isoformat()
    judged = _judge(workspace, system, pack)
    open_now = tuple(sorted({one.target for one in judged().items if one.blocks and one.may_be_waived}))
    for person in (OWNER, OFFICER):
        for target in open_now:
            sign.waive(workspace, system.name, digest, person, target, "open in this demonstration", until)
        sign.approve(workspace, system.name, digest, person)
    entry = sign.release(workspace, judged(), composite(system).to_json(), OWNER)
    publish(workspace, pack)
    return Live(entry, open_now, until[:10])


def _judge(workspace: Workspace, system: System, pack: Pack) -> Callable[[], GateReport]:
    def judged() -> GateReport:
        return judge_release(picture_of(workspace, pack, system.name), workspace.ledger.log().trusted())

    return judged
