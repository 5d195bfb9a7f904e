"""A system as its manifest describes it: frozen objects, checked and typed, with the place of every key kept."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from attrs import field, frozen

from ombud.errors import Invalid
from ombud.evidence.canonical import digest
from ombud.system import secrets
from ombud.system.columns import match, refuse_misspelt
from ombud.system.duration import Duration
from ombud.system.yaml_lines import Key, Written
from ombud.tables.needs import Role
from ombud.tables.roles import Columns

NEVER: Final = "never"
LAW_GRACE_DAYS: Final = 30
"""Where the manifest is silent: our own rule, no law's. A declaration names the days only where they are others."""


def _frozen_map(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@frozen(kw_only=True)
class ModelSpec:
    """The declared model.

    Attributes:
        artifact: the model's file.
        threshold: scores of at least this are decided favourably; exact; None where the model decides by itself.
        version: what its makers call it.
    """

    artifact: Path
    threshold: Fraction | None = None
    version: str | None = None


@frozen(kw_only=True)
class TableSpec:
    """A declared table.

    Attributes:
        table: its address as written; may refer to the environment, never holds a secret.
        collected: since when the data was collected.
        retention: how long it is kept.
        fold: column that says which fold a row was scored in.
    """

    table: str
    collected: date | None = None
    retention: Duration | None = None
    fold: str | None = None

    def address(self, environ: Mapping[str, str] | None = None) -> str:
        """The address with the environment's values in it: for opening the table, never for writing down.

        Raises:
            NotFound: a variable that it refers to is not set.
        """
        return secrets.resolve(self.table, environ)


@frozen(kw_only=True)
class Special:
    """A column with a special category of personal data (GDPR Art. 9).

    Attributes:
        basis: condition of Art. 9(2) by which it is held.
        bias_testing: file that records why it is needed to test for bias.
    """

    basis: str | None = None
    bias_testing: Path | None = None


@frozen(kw_only=True)
class Changeable:
    """How far a person can change one column.

    Attributes:
        direction: any, up or down.
        low, high: the range it may move in, in the column's unit; None: no bound.
        step: it moves in multiples of this from where it stands; None: freely.
        at_most: a column that it may not exceed.
    """

    direction: str = "any"
    low: Fraction | None = None
    high: Fraction | None = None
    step: Fraction | None = None
    at_most: str | None = None


@frozen(kw_only=True)
class People:
    """What a person can change, for recourse.

    Attributes:
        fixed: columns nobody can change; only_increase, only_decrease: columns that only move one way.
        can: column → how far it can be changed. Where this names any, no other column can be changed.
    """

    fixed: tuple[str, ...] = ()
    only_increase: tuple[str, ...] = ()
    only_decrease: tuple[str, ...] = ()
    can: Mapping[str, Changeable] = field(factory=dict, converter=_frozen_map)


@frozen(kw_only=True)
class PolicyLimit:
    """A limit that the organisation sets itself.

    Attributes:
        check, measurement: what it limits.
        op: at least (">=") or at most ("<=").
        value: the limit, exact.
        borrowed_from: the text whose number it borrows.
        protected: only for this protected column or combination, if set.
        reference: protected column → group that others are compared with.
    """

    check: str
    measurement: str
    op: Literal[">=", "<="]
    value: Fraction
    borrowed_from: str | None = None
    protected: str | None = None
    reference: Mapping[str, str] = field(factory=dict, converter=_frozen_map)

    def to_json(self) -> dict[str, Any]:
        """The form in which a declaration carries it."""
        return {
            "check": self.check,
            "measurement": self.measurement,
            "op": self.op,
            "value": str(self.value),
            "borrowed_from": self.borrowed_from,
            "protected": self.protected,
            "reference": dict(self.reference),
        }


@frozen(kw_only=True)
class EvidenceSettings:
    """What counts as evidence.

    Attributes:
        max_age: for how long, by check or kind of evidence; `default` for all others.
        assessed_share: share of people that has to be in groups large enough to be assessed, 0 to 1.
        minimum_group: groups of fewer people are left out of everything that is published or signed.
        on_uncertain: `hold`, or `review` which opens a review as well.
    """

    max_age: Mapping[str, Duration] = field(factory=lambda: {"default": Duration(90, "d")}, converter=_frozen_map)
    assessed_share: Fraction = Fraction(95, 100)
    minimum_group: int = 10
    on_uncertain: str = "hold"


@frozen(kw_only=True)
class ReleaseSettings:
    """What a release needs: how many people approve, and which limits and laws are judged."""

    approvals: int = 2
    set: tuple[str, ...] = ("policy", "binding-before-use")


@frozen
class Injected:
    """Decisions that were made up or changed by hand, for show or for a test: since which day, and what was done."""

    since: date
    what: str


@frozen(kw_only=True)
class MonitoringSettings:
    """How the released system is watched.

    Attributes:
        window: day, week or month, in UTC.
        wait: how long after its end a window is judged, for rows that come late.
        trailing: over how long windows are pooled for what status reads.
        alarm_rate: highest probability that a system that never changes raises any alarm in its whole life.
        practical: kind of series → the smallest change that is worth an alarm; what is left out has our default.
        challenger: a model that is scored on the same rows.
        notify: where alarms are told; references to the environment, since such addresses hold secrets.
        law_grace: how long a running release is let run after new law began to bind.
        injected: what was made up or changed by hand; said wherever the figures are shown.
    """

    window: str = "day"
    wait: Duration = field(factory=lambda: Duration(1, "h"))
    trailing: Duration = field(factory=lambda: Duration(90, "d"))
    alarm_rate: Fraction = Fraction(1, 100)
    practical: Mapping[str, Fraction] = field(factory=dict, converter=_frozen_map)
    challenger: Path | None = None
    notify: tuple[str, ...] = field(default=(), repr=False)
    law_grace: Duration = field(factory=lambda: Duration(LAW_GRACE_DAYS, "d"))
    injected: Injected | None = None

    def address(self, reference: str, environ: Mapping[str, str] | None = None) -> str:
        """One of the addresses, with the environment's value in it: for telling, never for writing down.

        Raises:
            NotFound: the variable that it refers to is not set.
        """
        return secrets.resolve(reference, environ)


@frozen(kw_only=True)
class System:
    """A machine-learning system as declared. What the manifest leaves out is None or empty: not known, never "no".

    Attributes:
        name: short name, fit for files and statements.
        purpose: what it decides or produces.
        owner: the function that answers for it.
        jurisdictions: where the people are.
        roles: what the organisation is to it (`controller`, `provider`, ...).
        use_case, decision, significant: words that decide which law applies.
        basis_training, basis_decisions: lawful bases of GDPR Art. 6(1).
        label_is: outcome, past-human-decision or proxy.
        in_use_since: first day of use; design_changed: day of the last significant design change, or "never".
        exempt: place → grounds on which a law of that place does not apply.
        declared: facts from `facts:`.
        subject_kind: kind of identity in the subject column; None: the one that the column is called.
        model, data, columns, special, people, reasons: the model, its tables, and what their columns mean.
        policy: limits the organisation sets; references for checks are in `reference_groups`.
        evidence, release, monitoring: settings.
        retention: what Ombud keeps ("decisions") → how long.
        written: the manifest itself, with lines.
    """

    name: str
    purpose: str | None = None
    owner: str | None = None
    jurisdictions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    use_case: str | None = None
    decision: str | None = None
    significant: bool | None = None
    basis_training: tuple[str, ...] = ()
    basis_decisions: tuple[str, ...] = ()
    label_is: str | None = None
    in_use_since: date | None = None
    design_changed: date | Literal["never"] | None = None
    exempt: Mapping[str, tuple[str, ...]] = field(factory=dict, converter=_frozen_map)
    declared: Mapping[str, frozenset[str]] = field(factory=dict, converter=_frozen_map)
    model: ModelSpec | None = None
    data: Mapping[str, TableSpec] = field(factory=dict, converter=_frozen_map)
    columns: Columns = field(factory=lambda: Columns({}, "", ""))
    subject_kind: str | None = None
    special: Mapping[str, Special] = field(factory=dict, converter=_frozen_map)
    people: People = field(factory=People)
    reasons: Mapping[str, str] = field(factory=dict, converter=_frozen_map)
    policy: tuple[PolicyLimit, ...] = ()
    reference_groups: Mapping[str, Mapping[str, str]] = field(factory=dict, converter=_frozen_map)
    evidence: EvidenceSettings = field(factory=EvidenceSettings)
    release: ReleaseSettings = field(factory=ReleaseSettings)
    monitoring: MonitoringSettings = field(factory=MonitoringSettings)
    retention: Mapping[str, Duration] = field(factory=dict, converter=_frozen_map)
    written: Written = field(eq=False, repr=False)

    @property
    def path(self) -> Path:
        """The manifest's file."""
        return self.written.path

    @property
    def content(self) -> dict[str, Any]:
        """The manifest as declared: plain JSON of the text that stands there, references to the environment as such."""
        return self.written.content

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form of `content`; comments and layout do not enter."""
        return digest(self.content)

    def settings(self) -> dict[str, Any]:
        """What a declaration says of evidence and release, as plain JSON."""
        return {
            "max_age": {name: str(age) for name, age in self.evidence.max_age.items()},
            "max_age_days": {name: age.days for name, age in self.evidence.max_age.items()},
            "assessed_share": str(self.evidence.assessed_share),
            "minimum_group": self.evidence.minimum_group,
            "on_uncertain": self.evidence.on_uncertain,
            "approvals": self.release.approvals,
            "set": list(self.release.set),
            **({"grace_days": grace} if (grace := self.monitoring.law_grace.days) != LAW_GRACE_DAYS else {}),
        }

    def references(self, check: str) -> Mapping[str, str]:
        """Protected column → group that others are compared with, where the policy names one for this check."""
        return self.reference_groups.get(check, MappingProxyType({}))

    def invalid(self, key: Key, problem: str, nearest: str | None = None) -> Invalid:
        """An error at a key of the manifest, with its line."""
        return self.written.invalid(key, problem, nearest)

    def columns_for(self, table_columns: Collection[str], may_lack: Iterable[Role] = ()) -> Columns:
        """What the columns of one table mean: checked against the table, and the features filled in if left out.

        Args:
            table_columns: the table's columns.
            may_lack: roles whose columns this table need not have (a table of decisions has no label yet).

        Raises:
            Invalid: a declared column is not in the table; names the nearest that is.
        """
        matched = match(self.written, self.columns, table_columns, frozenset(may_lack))
        refuse_misspelt(self.written, self._named_features(), table_columns)
        return matched

    def _named_features(self) -> Iterator[tuple[Key, str]]:
        ways = {"fixed": self.people.fixed, "only_increase": self.people.only_increase}
        ways["only_decrease"] = self.people.only_decrease
        ways["can"] = tuple(self.people.can)
        yield from ((("people", way), name) for way, names in ways.items() for name in names)
        yield from ((("reasons", name), name) for name in self.reasons)
