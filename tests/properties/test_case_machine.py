"""Any sequence of steps, allowed or not, with races: a request never gets where it must not; the log is the truth."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from asked import ANN, BUSINESS, OFFICER, asked, office, take
from ombud import __version__
from ombud.cases import Case, NotAllowed, cases_of, fold, the_case
from ombud.evidence.statement import Statement, Subject
from ombud.law.requests import RIGHTS
from ombud.rights.request import REQUESTS
from ombud.rights.request_guards import TELLS_NOTHING

BEFORE_PROOF = frozenset(("received", "identity-asked", "unverified", "withdrawn", "refused"))
MEMORY = Path("/dev/shm")
"""Where stores are quick: each example makes one, and writes to it some fifty times."""

PLACES = ("core.people", "core.orders", "files.mail")
STATES = ("erased and verified", "nothing found", "not erasable", "failed")

places = st.lists(st.sampled_from(PLACES), unique=True, max_size=3)
grounds = st.sampled_from(("identity-not-verified", "excessive", "legal-obligation", "data-accurate"))


@st.composite
def outcomes(draw: st.DrawFn) -> list[dict[str, Any]]:
    told = []
    for place in draw(places):
        state = draw(st.sampled_from(STATES))
        kept = {"ground": "legal-obligation"} if state == "not erasable" and draw(st.booleans()) else {}
        told.append({"collection": place, "state": state, **kept})
    return told


def decided(laws: tuple[str, ...]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Decisions: for each law, for all but one, or for one twice."""
    some = st.sampled_from((laws, laws, laws, laws[1:], (*laws, laws[0])))
    row = st.fixed_dictionaries({
        "decision": st.sampled_from(("grant", "partly", "refuse")), "ground": st.none() | grounds,
    })  # fmt: skip
    return st.tuples(some, row).map(lambda drawn: [{"law": law, **drawn[1]} for law in drawn[0]])


def details_of(event: str, laws: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """What somebody might say in a step: often right, often not."""
    day, ground = st.just("2026-11-25"), st.sampled_from(("identity", "scope"))
    found = places.map(lambda named: [{"collection": one, "rows": 1} for one in named])
    kept = st.none() | grounds.map(lambda key: [{"law": law, "collection": PLACES[0], "ground": key} for law in laws])
    refused = grounds.map(lambda key: [{"law": law, "decision": "refuse", "ground": key} for law in laws])
    said: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "acknowledged": {"on": day},
        "withdrawn": {"on": day},
        "extended": {"laws": st.sampled_from([[one] for one in ("gdpr", "ccpa")]), "on": day,
                     "because": st.just(["complexity"])},
        "paused": {"ground": ground, "since": day},
        "resumed": {"ground": ground, "on": day},
        "identity-asked": {"wanted": st.just(["attested"])},
        "authority-shown": {"shown": st.just("court-order")},
        "verified": {"method": st.sampled_from(("attested", "not-required"))},
        "found": {"found": found, "unreached": places},
        "reviewed": {"decisions": decided(laws), "kept": kept},
        "refused": {"decisions": refused | decided(laws), "grounds": grounds.map(lambda one: [one]),
                    "reasons": st.sampled_from((True, True, True, False)),
                    "remedies": st.sampled_from((["court"], ["court"], ["court"], []))},
        "acted": {"outcomes": outcomes()},
        "fulfilled": {"outcomes": st.none() | outcomes()},
        "recipients-told": {"recipients": st.just([{"recipient": "Carrier", "state": "told"}])},
        "model-decided": {"model": st.just("scoring"), "choice": st.just("retrain")},
        "delivered": {"how": st.just("mail")},
        "closed": {"untold": st.none() | st.just("no-contact")},
    }  # fmt: skip
    return st.fixed_dictionaries(said.get(event, {}))


class Requests(RuleBasedStateMachine):
    """One request, taken through whatever somebody might do; a naive model beside it knows what must be so."""

    @initialize(
        right=st.sampled_from(RIGHTS),
        lives=st.sampled_from(("DE", "US-CA", "DE US-CA", "GB")),
        agent=st.sampled_from((False, False, False, True)),
        ahead=st.integers(0, 5),
    )
    def begin(self, right: str, lives: str, agent: bool, ahead: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ombud-case-", dir=MEMORY if MEMORY.is_dir() else None))
        self.workspace, self.clock = office(self.folder)
        place = lives if any(right in rights for rights in _rights_of(lives)) else "US-CA"
        place = place if any(right in rights for rights in _rights_of(place)) else "DE"
        more = {"agent": "lawyer"} if agent else {}
        self.case: Case = asked(self.workspace, right, place, facts=BUSINESS, **more).case
        self.events: list[str] = ["received"]
        for _ in range(ahead):  # so that late states are tried as often as early ones
            self.go_on()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def attempt(self, event: str, **details: Any) -> None:
        """Take the step; whatever is refused must have changed nothing."""
        self.clock.pass_by(60)
        size = self.workspace.ledger.size
        allowed = self.case.why_not(event, {k: v for k, v in details.items() if v is not None}) is None
        try:
            after = take(self.workspace, self.case, event, **details)
        except NotAllowed:
            assert not allowed and self.workspace.ledger.size == size
            return
        assert allowed
        self.events.append(event)
        self.case = after

    # --- what people do -----------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def do_what_the_table_knows_here(self, data: st.DataObject) -> None:
        """A step of this state's lines, with whatever somebody might say in it: the guards have to tell."""
        here = [line for line in REQUESTS.table.values() if line.state == self.case.state]
        often = [line.event for line in here for _ in range(1 if line.to in (line.state, "withdrawn") else 5)]
        event = data.draw(st.sampled_from(often or ["closed"]), "event")
        self.attempt(event, **data.draw(details_of(event, tuple(self.case.opened["laws"])), "details"))

    @rule(data=st.data(), event=st.sampled_from(sorted(REQUESTS.events)))
    def do_something_out_of_turn(self, data: st.DataObject, event: str) -> None:
        self.attempt(event, **data.draw(details_of(event, tuple(self.case.opened["laws"])), "details"))

    @rule(far=st.integers(1, 5))
    def go_straight_on(self, far: int) -> None:
        """The way on that an honest office takes, so that late states are reached often."""
        for _ in range(far):
            self.go_on()

    def go_on(self) -> None:
        laws = self.case.opened["laws"]
        grant = [{"law": law, "decision": "grant"} for law in laws]
        search = self.case.last("found")
        said = search.details if search else {}
        owed = [row["collection"] for row in said.get("found") or ()] + list(said.get("unreached") or ())
        erased = [{"collection": one, "state": "erased and verified"} for one in dict.fromkeys(owed or PLACES)]
        way: dict[str, tuple[str, dict[str, Any]]] = {
            "received": ("verified", {"method": "attested"}), "identity-asked": ("verified", {"method": "attested"}),
            "unverified": ("verified", {"method": "attested"}),
            "verified": ("found", {"found": [{"collection": "core.people", "rows": 2}]}),
            "found": ("reviewed", {"decisions": grant}), "reviewed": ("acting", {}),
            "acting": ("fulfilled", {"outcomes": erased}), "fulfilled": ("delivered", {"how": "mail"}),
            "delivered": ("closed", {}), "refused": ("delivered", {"how": "mail"}),
        }  # fmt: skip
        if self.case.state in way:
            event, details = way[self.case.state]
            self.attempt(event, **details)

    @rule(event=st.sampled_from(sorted(REQUESTS.events)), stale=st.booleans())
    def forge(self, event: str, stale: bool) -> None:
        """A signed statement past every service: from an old head it loses; from the head it counts only if it may."""
        self.clock.pass_by(60)
        after = (
            self.case.steps[0].digest if stale and len(self.case.steps) > 1 else ("0" * 64 if stale else self.case.head)
        )
        details: dict[str, Any] = {"method": "attested"} if event == "verified" else {}
        may = not stale and self.case.why_not(event, details) is None
        predicate = {
            "case": self.case.id, "matter": REQUESTS.matter, "event": event, "alias": "f" * 32, "after": after,
            "details": details, "organisation": True, "observed_at": self.workspace.now(),
            "software": {"ombud": __version__},
        }  # fmt: skip
        statement = Statement((Subject(self.case.id),), "case", predicate)
        self.workspace.ledger.append([self.workspace.sign(statement, OFFICER)])
        read = the_case(self.workspace.ledger.log(), REQUESTS, self.case.id)
        assert (read.steps != self.case.steps) == may
        self.events += [event] if may else []
        self.case = read

    # --- what must be so ----------------------------------------------------------------------------------------------

    @invariant()
    def the_fold_of_the_log_is_the_model(self) -> None:
        if not hasattr(self, "case"):
            return
        (read,) = cases_of(self.workspace.ledger.log(), REQUESTS)
        assert [step.event for step in read.steps] == self.events
        assert (read.state, read.steps, read.alias) == (
            self.case.state,
            self.case.steps,
            self.workspace.people.alias_of(ANN),
        )
        (again,) = fold(REQUESTS, self.workspace.ledger.log().trusted("case"))
        assert again == read

    @invariant()
    def nothing_is_done_without_proof_of_identity(self) -> None:
        if not hasattr(self, "case"):
            return
        proofs = [step.details["method"] for step in self.case.all("verified")]
        assert proofs or self.case.state in BEFORE_PROOF or self.case.last("refused")
        assert proofs or not self.case.last("found", "reviewed", "acting", "fulfilled")
        waived = proofs == ["not-required"]
        assert not waived or self.case.opened["identity"] == "not-required"
        refused = self.case.last("refused")
        assert proofs or refused is None or set(refused.details["grounds"]) <= TELLS_NOTHING

    @invariant()
    def an_agent_who_showed_nothing_gets_nothing(self) -> None:
        if hasattr(self, "case") and self.case.opened.get("authority") == "not-shown" and self.case.last("reviewed"):
            assert self.case.last("authority-shown")

    @invariant()
    def what_is_kept_names_its_ground(self) -> None:
        for step in self.case.all("acted", "fulfilled") if hasattr(self, "case") else ():
            told = step.details.get("outcomes") or ()
            assert all(row.get("ground") for row in told if row["state"] == "not erasable")

    @invariant()
    def nothing_is_fulfilled_or_closed_while_a_place_failed_or_is_unknown(self) -> None:
        if not hasattr(self, "case") or self.case.state not in ("fulfilled", "delivered", "closed"):
            return
        newest = {row["collection"]: row for step in self.case.all("acted", "fulfilled")
                  for row in step.details.get("outcomes") or ()}  # fmt: skip
        assert "failed" not in {row["state"] for row in newest.values()}
        search = self.case.last("found")
        if search and self.case.last("fulfilled"):
            assert set(search.details.get("unreached") or ()) <= newest.keys()
            if self.case.opened["right"] == "erasure":
                assert {row["collection"] for row in search.details["found"]} <= newest.keys()

    @invariant()
    def a_refusal_has_a_ground_under_each_law_its_reasons_and_its_remedies(self) -> None:
        refused = self.case.last("refused") if hasattr(self, "case") else None
        if refused:
            assert {row["decision"] for row in refused.details["decisions"]} == {"refuse"}
            assert sorted(row["law"] for row in refused.details["decisions"]) == sorted(self.case.opened["laws"])
            assert all(row["ground"] for row in refused.details["decisions"])
            assert refused.details["reasons"] is True and refused.details["remedies"]

    @invariant()
    def a_review_decides_each_law_once_after_the_search_that_the_right_needs(self) -> None:
        review = self.case.last("reviewed") if hasattr(self, "case") else None
        if review:
            rows = review.details["decisions"]
            assert sorted(row["law"] for row in rows) == sorted(self.case.opened["laws"])
            assert {row["decision"] for row in rows} != {"refuse"}
            keeps = {row["law"] for row in review.details.get("kept") or ()}
            assert all(row["decision"] != "partly" or row["law"] in keeps for row in rows)
            assert all(row["decision"] != "refuse" or row.get("ground") for row in rows)
            assert self.case.opened["right"] not in ("access", "erasure") or self.case.last("found")

    @invariant()
    def it_is_closed_only_once_somebody_was_told_or_cannot_be(self) -> None:
        closed = self.case.last("closed") if hasattr(self, "case") else None
        assert closed is None or self.case.last("delivered") or closed.details.get("untold")

    @invariant()
    def it_is_prolonged_once_and_stands_still_on_one_ground_at_a_time(self) -> None:
        if not hasattr(self, "case"):
            return
        laws = [law for step in self.case.all("extended") for law in step.details["laws"]]
        assert len(list(self.case.all("acknowledged"))) <= 1
        assert len(laws) == len(set(laws)) and set(laws) <= set(self.case.opened["laws"])
        still = None
        for step in self.case.all("paused", "resumed", "verified"):
            if step.event == "paused":
                assert still is None
                still = step.details["ground"]
            elif step.event == "resumed":
                assert still == step.details["ground"]
                still = None
            elif still == "identity":
                still = None


def _rights_of(lives: str) -> list[frozenset[str]]:
    from ombud.law.requests import book

    of = {"DE": "gdpr", "GB": "uk-gdpr", "US-CA": "ccpa"}
    return [
        frozenset(r for r, d in book().laws[of[one]].duties.items() if d.since.year < 2027) for one in lives.split()
    ]


Requests.TestCase.settings = settings(
    max_examples=80,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # every run opens a store: shrinking takes many minutes
)
TestRequests = Requests.TestCase
