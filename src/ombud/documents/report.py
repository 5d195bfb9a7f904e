"""What a report is about: a typed mapping that the doors fill in. Documents know law, evidence and status only."""

from collections.abc import Mapping
from typing import Any

from attrs import asdict, field, frozen

from ombud.documents.sentence import summary_of
from ombud.status.finding import Finding, RequirementStatus


@frozen(kw_only=True)
class GateLine:
    """One thing in the release set, as a reader meets it.

    Attributes:
        kind: limit, law or approval; name: what it is; verdict: may, may not, cannot tell.
        because: why; owner: the role that can do something; waived: an accepted deviation; blocks: stops the release.
    """

    kind: str
    name: str
    verdict: str
    because: str
    owner: str
    waived: bool
    blocks: bool


@frozen(kw_only=True)
class TradeOff:
    """One threshold tried in the search for a less discriminatory alternative: agreement with the label, and ratio."""

    threshold: float
    agreement: float
    ratio: float


@frozen(kw_only=True)
class Alternatives:
    """The search for a less discriminatory alternative, told.

    Attributes:
        protected: the protected column; limit: the ratio asked for, where a limit is set.
        tried: every threshold, in order; present: the one in use; chosen: those chosen by fold.
        told: sentences for the reader, computed.
    """

    protected: str
    limit: float | None
    tried: tuple[TradeOff, ...]
    present: float
    chosen: tuple[float, ...]
    told: tuple[str, ...]


@frozen(kw_only=True)
class Report:
    """Everything that a report on one system shows.

    Attributes:
        system, purpose, notice: what it is; `notice` is shown first ("the bank is fictional").
        as_of, known_at: ISO; release: composite digest.
        verdict: of the gate; headline: "2 you can fix · 3 block release · 187 wait for others"; gate: the release set.
        findings: one a planned check; requirements: one a row of law.
        frameworks: framework id → title; facts: what was declared; declared_by: who signed it.
        remarks: sentences that a reader must not miss ("the label is a past human decision ...").
        not_looked_at: what no check of this version asks, so that silence is not taken for a pass.
        alternatives: the search for a less discriminatory alternative, where one was made.
        log: size, root, checkpoint and origin of the log, where there is one; pack: digest of the law pack.
        texts: requirement id → what it asks, in a sentence or two of our own.
        verify: commands by which a reader repeats and verifies all this.
        manifest: path of the system's manifest, as a code-scanning tool would show it; "" where there is none.
    """

    system: str
    purpose: str
    notice: str = ""
    as_of: str
    known_at: str
    release: str | None
    verdict: str
    headline: str
    gate: tuple[GateLine, ...]
    findings: tuple[Finding, ...]
    requirements: tuple[RequirementStatus, ...]
    frameworks: Mapping[str, str] = field(factory=dict)
    facts: Mapping[str, tuple[str, ...]] = field(factory=dict)
    declared_by: str = ""
    remarks: tuple[str, ...] = ()
    not_looked_at: tuple[str, ...] = ()
    alternatives: Alternatives | None = None
    log: Mapping[str, Any] = field(factory=dict)
    pack: str = ""
    software: str = ""
    texts: Mapping[str, str] = field(factory=dict)
    verify: tuple[str, ...] = ()
    manifest: str = ""

    def summary(self, finding: Finding) -> str:
        """The sentence of a finding: the one it came with, else computed."""
        return finding.summary or summary_of(finding)

    def owner_of(self, finding: Finding) -> str:
        """The role that can do something about a finding."""
        lines = (line for line in self.gate if line.name.partition(":")[0] == finding.check)
        return next((line.owner for line in lines), "ml")

    def requirement(self, id: str) -> RequirementStatus | None:
        """The status of a requirement by its id; None if the law pack has no such row."""
        return next((row for row in self.requirements if row.id == id), None)

    def to_json(self) -> dict[str, Any]:
        """The published form: `findings` and `status` as the contract names them, and the rest beside."""
        return {
            "system": self.system, "purpose": self.purpose, "notice": self.notice, "as_of": self.as_of,
            "known_at": self.known_at, "release": self.release, "verdict": self.verdict, "headline": self.headline,
            "findings": [finding.to_json() | {"summary": self.summary(finding)} for finding in self.findings],
            "status": [row.to_json() for row in self.requirements],
            "gate": [asdict(line) for line in self.gate],
            "facts": {fact: list(values) for fact, values in self.facts.items()}, "declared_by": self.declared_by,
            "remarks": list(self.remarks), "not_looked_at": list(self.not_looked_at),
            "alternatives": asdict(self.alternatives) if self.alternatives else None,
            "log": dict(self.log), "law_pack": self.pack, "software": self.software,
        }  # fmt: skip
