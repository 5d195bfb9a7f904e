"""Whatever somebody does, and in whatever order: an incident ends only when what it asks for was done."""

import shutil
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from happened import Alarm, desk, happened
from ombud.cases import NotAllowed, cases_of
from ombud.errors import Misused
from ombud.incidents.clocks import clocks, incidents
from ombud.incidents.incident import CATEGORIES, INCIDENTS, SEVERITIES, Assessed
from ombud.incidents.opening import open_from_alarm

MEMORY = Path("/dev/shm")
DUTIES = ("eu-breach-authority", "eu-breach-people", "eu-breach-controller", "eu-ai-incident", "eu-ai-deployer",
          "eu-ai-incident-death", "eu-cra-early-warning")  # fmt: skip
duty = st.sampled_from(DUTIES)
kinds = st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=2, unique=True)
action = st.sampled_from(("A1", "A2"))
words = st.sampled_from(("It was seen.", ""))


class OneIncident(RuleBasedStateMachine):
    """One incident; beside it, plainly kept, what was really done."""

    @initialize(kinds=kinds, drill=st.booleans())
    def begin(self, kinds: list[str], drill: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ombud-incident-", dir=MEMORY if MEMORY.is_dir() else None))
        self.who, self.clock = desk(self.folder)
        self.drill = drill
        self.number = happened(self.who, *kinds, severity="not-assessed", drill=drill)
        self.told: dict[str, list[str]] = {}
        self.excused: set[str] = set()
        self.actions: dict[str, str] = {}
        self.caused = False

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder, ignore_errors=True)

    @rule(kinds=kinds, severity=st.sampled_from(SEVERITIES), because=words)
    def assess(self, kinds: list[str], severity: str, because: str) -> None:
        with suppress(NotAllowed):
            self.who.classify(self.number, Assessed(categories=tuple(kinds), severity=severity), because)

    @rule(duty=duty, phase=st.sampled_from(("first", "further", "final")), because=words)
    def notify(self, duty: str, phase: str, because: str) -> None:
        with suppress(NotAllowed):
            self.who.notify(self.number, duty, phase, late_reasons=because)
            assert not self.drill and "final" not in self.told.get(duty, [])
            self.told.setdefault(duty, []).append(phase)

    @rule(duty=duty)
    def rehearse(self, duty: str) -> None:
        with suppress(NotAllowed):
            self.who.rehearse(self.number, duty)
            assert self.drill
            self.told.setdefault(duty, []).append("final")

    @rule(duty=duty, ground=st.sampled_from(("does-not-apply", "encrypted", "no-causal-link")), because=words)
    def excuse(self, duty: str, ground: str, because: str) -> None:
        with suppress(NotAllowed, Misused):
            self.who.not_notifiable(self.number, duty, ground, because)
            assert because and duty not in self.told
            self.excused.add(duty)

    @rule(because=words)
    def find_the_cause(self, because: str) -> None:
        with suppress(NotAllowed):
            self.who.cause(self.number, "model-error", because)
            assert because
            self.caused = True

    @rule()
    def set_an_action(self) -> None:
        with suppress(NotAllowed, Misused):
            self.who.set_action(self.number, "retrain", "ml", self.clock.now().date() + timedelta(days=5))
            self.actions[f"A{len(self.actions) + 1}"] = "set"

    @rule(action=action)
    def do_an_action(self, action: str) -> None:
        with suppress(NotAllowed):
            self.who.action_done(self.number, action)
            assert self.actions.get(action) == "set"
            self.actions[action] = "done"

    @rule(action=action)
    def verify_an_action(self, action: str) -> None:
        with suppress(NotAllowed):
            self.who.verify_action(self.number, action, "tested")
            assert self.actions.get(action) == "done"
            self.actions[action] = "verified"

    @rule(hours=st.integers(1, 100))
    def wait(self, hours: int) -> None:
        self.clock.pass_by(hours * 3600)

    @rule()
    def an_alarm_comes_in(self) -> None:
        """About something else: it opens its own, and never touches this one."""
        open_from_alarm(self.who.workspace, Alarm(since=self.clock.now()), self.who.holder)

    @rule()
    def go_straight_to_the_end(self) -> None:
        case = self.who.case(self.number)
        if case.ended:
            return
        categories = tuple(case.last("opened", "classified").details["categories"])  # type: ignore[union-attr]
        self.assess(list(categories), "serious", "It was seen.")
        self.find_the_cause("It was seen.")
        self.set_an_action()
        for name in sorted(self.actions):
            self.do_an_action(name)
            self.verify_an_action(name)
        for one in clocks(self.who.case(self.number)):
            if one.runs or self.told.get(one.duty.key):
                self.rehearse(one.duty.key) if self.drill else self.notify(one.duty.key, "final", "It was seen.")
        self.close()

    @rule()
    def close(self) -> None:
        with suppress(NotAllowed):
            case = self.who.close(self.number)
            owed = [one.duty.key for one in clocks(case) if one.applies in ("yes", "cannot-tell")]
            assert self.caused and self.actions and set(self.actions.values()) == {"verified"}
            assert all(one in self.told or one in self.excused for one in owed)
            assert self.drill or all("final" in phases for phases in self.told.values())
            assert case.last("opened", "classified").details["severity"] != "not-assessed"  # type: ignore[union-attr]

    @invariant()
    def the_log_says_what_happened_and_drills_are_apart(self) -> None:
        if not hasattr(self, "number"):
            return
        case = self.who.case(self.number)
        assert not case.ignored
        assert len(list(case.all("notified"))) == (0 if self.drill else sum(map(len, self.told.values())))
        real = {one.case.id for one in incidents(self.who.workspace, ended=True)}
        assert (self.number in real) != self.drill
        assert len(cases_of(self.who.workspace.ledger.log(), INCIDENTS)) <= 2


TestOneIncident = OneIncident.TestCase
TestOneIncident.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
