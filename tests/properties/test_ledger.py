"""The ledger against a naive oracle: a Python list, the recursive definition of the tree, and no cleverness."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledgers import Clock
from ombud.evidence.dsse import Envelope
from ombud.evidence.entry import CLOCK_BEHIND, Entry
from ombud.evidence.errors import Refused
from ombud.evidence.statement import Statement, Subject
from ombud.evidence.tree import extends, includes
from ombud.store.workspace import Workspace, create_workspace, open_workspace


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


class LedgerMachine(RuleBasedStateMachine):
    """Appends, clocks, keys, revocations, second processes; after each step everything must still add up."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ombud-ledger-"))
        self.clock = Clock()
        holders = {"ml": (("ml",), None), "dpo": (("dpo",), None)}
        self.workspace: Workspace = create_workspace(self.folder, holders, clock=self.clock)
        self.model: list[bytes] = [entry.leaf for entry in self.workspace.ledger.log().entries]
        self.held: list[tuple[int, bytes]] = []
        self.believed: list[tuple[str, tuple[Entry, ...]]] = []
        self.counter = 0

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def statement(self, kind: str, **said: object) -> Statement:
        self.counter += 1
        predicate = {
            "observed_at": self.workspace.now(), "system": "m", "software": {"ombud": "0"}, "n": self.counter, **said,
        }  # fmt: skip
        return Statement((Subject("m"),), kind, predicate)

    def measured(self, holder: str = "ml") -> Envelope:
        return self.workspace.sign(self.statement("measurement", check="c", measurements=[]), holder)

    def take(self, entries: Sequence[Entry]) -> None:
        self.model += [entry.leaf for entry in entries]

    @rule(count=st.integers(1, 9))
    def append(self, count: int) -> None:
        self.take(self.workspace.ledger.append([self.measured() for _ in range(count)]))

    @rule(bad=st.sampled_from(["not granted", "forged", "twice"]))
    def append_what_is_refused(self, bad: str) -> None:
        good = self.measured()
        batch = {
            "not granted": [good, self.workspace.sign(self.statement("approval", release="r"), "ml")],
            "forged": [good, Envelope(self.measured().payload, good.key_id, good.signature)],
            "twice": [good, good],
        }[bad]
        try:
            self.workspace.ledger.append(batch)
        except Refused:
            return
        raise AssertionError(f"{bad} was taken")

    @rule(seconds=st.integers(-86_400, 86_400))
    def move_the_clock(self, seconds: int) -> None:
        self.clock.pass_by(seconds)

    @rule()
    def rotate(self) -> None:
        self.take([self.workspace.rotate_key("ml")])

    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        entries = self.workspace.ledger.log().entries
        named = data.draw(st.lists(st.sampled_from(entries), min_size=1, max_size=3))
        reason = data.draw(st.sampled_from(["mistaken", "withdrawn", "key compromised"]))
        said = self.statement("revocation", entries=[entry.digest for entry in named], reason=reason)
        self.take(self.workspace.ledger.append([self.workspace.sign(said, "dpo")]))

    @rule()
    def remember(self) -> None:
        """Hold a checkpoint, and what may be believed now."""
        ledger = self.workspace.ledger
        self.held.append((ledger.size, ledger.root()))
        log = ledger.log()
        self.believed.append((log.entries[-1].received_at, log.trusted()))

    @rule()
    def another_process(self) -> None:
        self.workspace = open_workspace(self.folder, clock=self.clock)

    @precondition(lambda self: self.held)
    @rule()
    def prove(self) -> None:
        ledger = self.workspace.ledger
        root = ledger.root()
        for old, before in self.held:
            size, proof = ledger.consistency(old)
            assert extends(old, before, size, root, proof)
        for index in (0, len(self.model) // 2, len(self.model) - 1):
            size, proof = ledger.inclusion(index)
            assert includes(hashlib.sha256(b"\x00" + self.model[index]).digest(), index, size, proof, root)

    @invariant()
    def the_log_is_the_list(self) -> None:
        if not hasattr(self, "model"):
            return
        ledger = self.workspace.ledger
        assert ledger.size == len(self.model)
        assert [entry.leaf for entry in ledger.log().entries] == self.model
        assert ledger.root() == mth(self.model)

    @invariant()
    def time_rises_and_lies_are_flagged(self) -> None:
        if not hasattr(self, "model"):
            return
        entries = self.workspace.ledger.log().entries
        times = [entry.received_at for entry in entries]
        assert times == sorted(set(times))
        assert all(set(entry.flags) <= {CLOCK_BEHIND} for entry in entries)
        assert not any(entry.flags for entry in entries if entry.received_at == entry.statement.observed_at)

    @invariant()
    def the_past_is_as_it_was(self) -> None:
        for known_at, then in getattr(self, "believed", []):
            again = self.workspace.ledger.log().until(known_at).trusted()
            assert again == then
            assert [(e.signer, e.withdrawn_from) for e in again] == [(e.signer, e.withdrawn_from) for e in then]

    @invariant()
    def the_anchor_is_the_newest_checkpoint(self) -> None:
        if hasattr(self, "model"):
            anchored = self.workspace.ledger.check_anchor()
            assert anchored is not None and (anchored.size, anchored.root) == (len(self.model), mth(self.model))


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(
    max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
