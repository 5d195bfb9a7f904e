"""Whatever somebody does, and in whatever order: nobody is told of a review that no reviewer with authority made."""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contested import OFFICER, OTHER, PLATFORM, REVIEWER, SYSTEM, as_, contest, made, office, told
from ombud.cases import NotAllowed, cases_of
from ombud.decisions.contest import CONTESTS
from ombud.decisions.contest_guards import becomes
from ombud.decisions.contest_reviewers import authority
from ombud.decisions.intake import find
from ombud.errors import Misused, NotFound

MEMORY = Path("/dev/shm")
MAKER = REVIEWER
"""Who made the second decision: as S-17, a number that only the record of the reviewer joins to the key."""

somebody = st.sampled_from((REVIEWER, OTHER, PLATFORM, OFFICER, "robot"))
outcome = st.sampled_from(("upheld", "changed", "new-decision"))
words = st.sampled_from(("The income was read wrongly.", " "))
saw = st.sampled_from((("inputs",), ()))


class OneContest(RuleBasedStateMachine):
    """One contest; beside it, plainly kept, what was really done."""

    @initialize(by_staff=st.booleans(), agent=st.booleans(), timed=st.booleans())
    def begin(self, by_staff: bool, agent: bool, timed: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ombud-contest-", dir=MEMORY if MEMORY.is_dir() else None))
        self.who, self.clock = office(self.folder)
        self.id = "A-2" if by_staff else "A-1"
        self.by_staff, self.speaks, self.timed = by_staff, not agent, timed
        if timed:
            told(self.who)
        self.number = contest(self.who, self.id, agent="agent" if agent else None)
        self.given: str | None = None
        self.review: str | None = None
        self.changes = 0
        self.refused = self.told = self.over = False

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder, ignore_errors=True)

    @rule()
    def show_authority(self) -> None:
        with suppress(NotAllowed):
            self.who.show_authority(self.number, "signed-permission")
            self.speaks = True

    @rule(to=somebody)
    def assign(self, to: str) -> None:
        with suppress(NotAllowed, Misused):
            self.who.assign(self.number, to)
            assert self.speaks and to in (REVIEWER, OTHER) and not (self.by_staff and to == MAKER)
            assert not (self.refused or self.told or self.over or self.changes)
            self.given, self.review = to, None

    @rule(by=somebody)
    def start(self, by: str) -> None:
        with suppress(NotAllowed, Misused):
            as_(self.who, by).begin(self.number)
            assert self.timed and by == self.given and self.review is None

    @rule(by=somebody, outcome=outcome, saw=saw, because=words)
    def decide(self, by: str, outcome: str, saw: tuple[str, ...], because: str) -> None:
        self._decide(by, outcome, saw, because)

    def _decide(self, by: str, outcome: str, saw: tuple[str, ...], because: str) -> None:
        new = "A-3" if outcome == "new-decision" else None
        with suppress(NotAllowed, Misused, NotFound):
            as_(self.who, by).review(self.number, made(outcome, saw=saw, reasons=because, becomes=new))
            assert by == self.given and self.review is None and saw and because.strip()
            assert not (self.refused or self.told or self.over)
            self.review = outcome
            self.changes += outcome == "changed"

    @rule(ground=st.sampled_from(("excessive", "authority-not-shown")), because=words)
    def refuse(self, ground: str, because: str) -> None:
        with suppress(NotAllowed):
            self.who.refuse(self.number, ground, because)
            assert because.strip() and self.review is None and not (self.refused or self.told or self.over)
            assert ground == "excessive" or not self.speaks
            self.refused = True

    @rule()
    def tell(self) -> None:
        with suppress(NotAllowed, Misused):
            self.who.tell(self.number, "mail")
            assert (self.review or self.refused) and not (self.told or self.over)
            self.told = True

    @rule()
    def close(self) -> None:
        with suppress(NotAllowed):
            self.who.close(self.number)
            assert self.told and not self.over
            self.over = True

    @rule()
    def withdraw(self) -> None:
        with suppress(NotAllowed):
            self.who.withdraw(self.number)
            assert not (self.refused or self.told or self.over)
            self.over = True

    @rule(outcome=outcome)
    def go_straight_to_the_end(self, outcome: str) -> None:
        self.show_authority()
        self.assign(OTHER)
        self._decide(OTHER, outcome, ("inputs",), "The income was read wrongly.")
        self.tell()
        self.close()

    @rule(seconds=st.integers(1, 500_000))
    def wait(self, seconds: int) -> None:
        self.clock.pass_by(seconds)

    @invariant()
    def what_was_told_rests_on_a_reviewer_with_authority_and_the_first_decision_stays(self) -> None:
        if not hasattr(self, "number"):
            return
        case, log = self.who.case(self.number), self.who.workspace.ledger.log()
        assert not case.ignored and len(cases_of(log, CONTESTS)) == 1
        assert case.ended == self.over and (case.state in ("told", "closed")) == self.told
        assert find(self.who.workspace, SYSTEM, self.id).commitment == case.opened["decision"]
        if self.told and not self.refused:
            named = authority(log, case)
            assert named is not None and named.name == self.given and named.by != named.name
        assert bool(becomes(case)) == (self.review in ("changed", "new-decision"))
        assert self.timed or not any("seconds" in step.details for step in case.steps)
        assert len(list(case.all("carried-out"))) == self.changes <= 1


TestOneContest = OneContest.TestCase
TestOneContest.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
