"""The shape of `ombud.yaml`, as it is checked and as its JSON Schema is published."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from ombud.law.vocabulary import CHECKS, FACTS, LAWFUL_BASES, PARTS, ROLES, USE_CASES
from ombud.system.border import Border
from ombud.system.declarable import FactsFile
from ombud.system.secrets import is_reference
from ombud.system.words import (
    Age,
    Column,
    Day,
    Exact,
    Function,
    Mapped,
    Place,
    Several,
    Share,
    Span,
    Text,
    Value,
    YesNo,
    nearest,
    one_of,
    plain,
    quoted,
    whole,
    words,
    wrong,
)  # fmt: skip

MEASUREMENTS: Final = words(
    "selection_rate impact_ratio selection_rate_difference true_positive_rate false_positive_rate "
    "positive_predictive_value true_positive_rate_difference true_positive_rate_ratio false_positive_rate_difference "
    "false_positive_rate_ratio positive_predictive_value_difference positive_predictive_value_ratio "
    "mantel_haenszel_odds_ratio auc calibration_error k_anonymity l_diversity entropy_l_diversity t_closeness psi "
    "ks people_without_decision"
)
"""Published names of measurements; a check may have others, which a policy then names in full."""

_IDENTITY_KIND: Final = r"[a-z][a-z0-9_.]{0,62}"

BASES: Final = tuple(f"art-9-2-{letter}" for letter in "abcdefghij")
"""Conditions of GDPR Art. 9(2) for special categories."""

_DECISIONS: Final = FACTS["decision"] or frozenset()
_LABELS: Final = FACTS["label_is"] or frozenset()


def system_name(value: Any) -> str:
    """A name that is fit for files, addresses and statements."""
    found = plain(value).strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", found):
        raise wrong(f"{quoted(found)} is no name; use letters, digits, `-`, `_` and `.`, 64 at most")
    return found


def check_name(value: Any) -> str:
    """The name of a check: one of ours, or one that a package adds and that resembles none of ours."""
    return _known_or_foreign(value, sorted(CHECKS), r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", "check")


def measurement_name(value: Any) -> str:
    """The name of a measurement: a published one, or another that resembles none of them."""
    return _known_or_foreign(value, MEASUREMENTS, r"[a-z][a-z0-9_]*", "measurement")


def identity_kind(value: Any) -> str:
    """A kind of identity, as the map of data names it."""
    found = plain(value).strip()
    if not re.fullmatch(_IDENTITY_KIND, found):
        raise wrong(f"{quoted(found)} is no kind of identity; write it in small letters, like customer_id")
    return found


def age_name(value: Any) -> str:
    """What a greatest age is set for: `default`, a check, or a document, attestation or process by its name."""
    return _known_or_foreign(value, ["default", *sorted(CHECKS), *_parts()], r"[a-z][a-z0-9_.:-]*", "kind of evidence")


def _parts() -> list[str]:
    return sorted(f"{kind}:{name}" for kind, names in PARTS.items() if kind != "check" for name in names)


def _known_or_foreign(value: Any, known: Sequence[str], form: str, what: str) -> str:
    found = plain(value).strip()
    if found in known:
        return found
    meant = nearest(found, known, cutoff=0.8)
    if meant or not re.fullmatch(form, found):
        raise wrong(f"{quoted(found)} is no {what}", meant or nearest(found, known, cutoff=0.5))
    return found


def _default_age(value: Any) -> Any:
    return {"default": value} if isinstance(value, str) else value


IdentityKind = Annotated[
    str, PlainValidator(identity_kind), WithJsonSchema({"type": "string", "pattern": f"^{_IDENTITY_KIND}$"})
]
RoleWord = Annotated[
    str, PlainValidator(one_of(ROLES, "role")), WithJsonSchema({"type": "string", "enum": sorted(ROLES)})
]
UseCase = Annotated[
    str, PlainValidator(one_of(USE_CASES, "use case")), WithJsonSchema({"type": "string", "enum": sorted(USE_CASES)})
]
Decision = Annotated[
    str,
    PlainValidator(one_of(_DECISIONS, "kind of decision")),
    WithJsonSchema({"type": "string", "enum": sorted(_DECISIONS)}),
]
LabelIs = Annotated[
    str, PlainValidator(one_of(_LABELS, "kind of label")), WithJsonSchema({"type": "string", "enum": sorted(_LABELS)})
]
LawfulBasis = Annotated[
    str,
    PlainValidator(one_of(LAWFUL_BASES, "lawful basis")),
    WithJsonSchema({"type": "string", "enum": sorted(LAWFUL_BASES)}),
]
SpecialBasis = Annotated[
    str,
    PlainValidator(one_of(BASES, "condition of GDPR Art. 9(2)")),
    WithJsonSchema({"type": "string", "enum": list(BASES)}),
]
Doubt = Annotated[
    str,
    PlainValidator(one_of(("hold", "review"), "way to meet doubt")),
    WithJsonSchema({"type": "string", "enum": ["hold", "review"]}),
]
Demand = Annotated[
    str,
    PlainValidator(one_of(("policy", "binding-before-use"), "part of a release set")),
    WithJsonSchema({"type": "string", "enum": ["binding-before-use", "policy"]}),
]
Approvals = Annotated[int, PlainValidator(whole(1, 9)), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 9})]
SmallestGroup = Annotated[int, PlainValidator(whole(10, 1_000_000)), WithJsonSchema({"type": "integer", "minimum": 10})]
Way = Annotated[
    str,
    PlainValidator(one_of(("any", "up", "down"), "direction")),
    WithJsonSchema({"type": "string", "enum": ["any", "down", "up"]}),
]
WindowLength = Annotated[
    str,
    PlainValidator(one_of(("day", "week", "month"), "length of a window")),
    WithJsonSchema({"type": "string", "enum": ["day", "month", "week"]}),
]
SystemName = Annotated[
    str,
    PlainValidator(system_name),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}),
]
CheckName = Annotated[str, PlainValidator(check_name), WithJsonSchema({"type": "string"})]
MeasurementName = Annotated[str, PlainValidator(measurement_name), WithJsonSchema({"type": "string"})]
AgeName = Annotated[str, PlainValidator(age_name), WithJsonSchema({"type": "string"})]
Ground = Annotated[
    str,
    PlainValidator(system_name),
    WithJsonSchema({"type": "string"}),
]


class OwnerFile(Border):
    """Who answers for the system: a function, never a person's name."""

    role: Function


class BasisFile(Border):
    """Lawful bases of GDPR Art. 6(1), for each use of the data."""

    training: Annotated[list[LawfulBasis], Several] = Field(default_factory=list)
    decisions: Annotated[list[LawfulBasis], Several] = Field(default_factory=list)


class ModelFile(Border):
    """The model; without it a table of decisions is judged."""

    artifact: Text
    threshold: Exact | None = None
    version: Text | None = None


class TableFile(Border):
    """A table by its address: a path from the manifest's folder, a glob, or a database address."""

    table: Text
    collected: Day | None = None
    retention: Span | None = None
    fold: Column | None = None


class DataFile(Border):
    """The three tables a system may have."""

    training: TableFile | None = None
    evaluation: TableFile | None = None
    decisions: TableFile | None = None


class SpecialFile(Border):
    """A special category of personal data: by which condition it is held, and where its use for bias tests is kept."""

    basis: SpecialBasis | None = None
    bias_testing: Text | None = None


class ColumnsFile(Border):
    """What the columns mean."""

    subject: Column | None = None
    subject_kind: IdentityKind | None = None
    time: Column | None = None
    decision: Column | None = None
    favourable: Value | None = None
    score: Column | None = None
    label: Column | None = None
    label_favourable: Value | None = None
    unfavourable: Annotated[list[Value], Several] = Field(default_factory=list)
    label_unfavourable: Annotated[list[Value], Several] = Field(default_factory=list)
    fold: Column | None = None
    id: Column | None = None
    human: Column | None = None
    human_changed: Column | None = None
    human_seconds: Column | None = None
    protected: Annotated[list[Column], Several] = Field(default_factory=list)
    condition_on: Annotated[list[Column], Several] = Field(default_factory=list)
    quasi_identifiers: Annotated[list[Column], Several] = Field(default_factory=list)
    special: Annotated[dict[Column, SpecialFile | None] | None, Mapped] = None
    features: Annotated[list[Column], Several] = Field(default_factory=list)


class CanFile(Border):
    """How far a person can change one column."""

    direction: Way | None = None
    min: Exact | None = None
    max: Exact | None = None
    step: Exact | None = None
    at_most: Column | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> "CanFile":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise wrong(f"min {self.min} is above max {self.max}")
        if self.step is not None and self.step <= 0:
            raise wrong(f"a step of {self.step} leads nowhere")
        return self


class PeopleFile(Border):
    """What a person can change, for recourse."""

    can: Annotated[dict[Column, Annotated[CanFile, Mapped]], Mapped] = Field(default_factory=dict)
    fixed: Annotated[list[Column], Several] = Field(default_factory=list)
    only_increase: Annotated[list[Column], Several] = Field(default_factory=list)
    only_decrease: Annotated[list[Column], Several] = Field(default_factory=list)


class LimitFile(Border):
    """A limit that the organisation sets itself, and the group that others are compared with."""

    min: Exact | None = None
    max: Exact | None = None
    measurement: MeasurementName | None = None
    protected: Column | None = None
    reference: dict[Column, Value] = Field(default_factory=dict)
    borrowed_from: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "LimitFile":
        if self.min is None and self.max is None and not self.reference:
            raise wrong("sets no limit; write `min:`, `max:` or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise wrong(f"min {self.min} is above max {self.max}")
        return self


class EvidenceFile(Border):
    """What counts as evidence, and for how long."""

    max_age: Annotated[dict[AgeName, Age], BeforeValidator(_default_age)] = Field(default_factory=dict)
    assessed_share: Share | None = None
    minimum_group: SmallestGroup | None = None
    on_uncertain: Doubt | None = None


class ReleaseFile(Border):
    """What a release needs."""

    approvals: Approvals | None = None
    set: Annotated[list[Demand], Several] | None = None


def only_reference(value: Any) -> str:
    """Where alarms are told: always a reference, because such an address nearly always holds a secret."""
    found = plain(value).strip()
    if not is_reference(found):
        raise wrong("an address that alarms are told to stands in the environment; write ${env:NAME}")
    return found


Told = Annotated[
    str,
    PlainValidator(only_reference),
    WithJsonSchema({"type": "string", "pattern": r"^\$\{env:[A-Za-z_][A-Za-z0-9_]*\}$"}),
]


class InjectedFile(Border):
    """Decisions that were made up or changed by hand, for show or for a test."""

    since: Day
    what: Text


class MonitoringFile(Border):
    """How the released system is watched."""

    window: WindowLength | None = None
    wait: Span | None = None
    trailing: Age | None = None
    alarm_rate: Share | None = None
    practical: Annotated[dict[Text, Exact], Mapped] = Field(default_factory=dict)
    challenger: Text | None = None
    notify: Annotated[list[Told], Several] = Field(default_factory=list)
    law_grace: Age | None = None
    injected: InjectedFile | None = None

    @model_validator(mode="after")
    def _can_be_wrong_at_all(self) -> "MonitoringFile":
        if self.alarm_rate is not None and not 0 < self.alarm_rate < 1:
            raise wrong(f"alarm_rate {self.alarm_rate} is not between 0 and 1; no test is never wrong")
        return self


class RetentionFile(Border):
    """How long what Ombud itself keeps is kept."""

    decisions: Span | None = None


class SystemFile(Border):
    """A machine-learning system: what it is for, where, on which data, and by which limits."""

    system: SystemName
    purpose: Text | None = None
    owner: OwnerFile | None = None
    jurisdictions: Annotated[list[Place], Several] = Field(default_factory=list)
    roles: Annotated[list[RoleWord], Several] = Field(default_factory=list)
    use_case: UseCase | None = None
    decision: Decision | None = None
    significant: YesNo | None = None
    lawful_basis: Annotated[BasisFile, Mapped] = Field(default_factory=BasisFile)
    label_is: LabelIs | None = None
    in_use_since: Day | None = None
    design_changed: Day | None = None
    exempt: Annotated[dict[Place, Annotated[list[Ground], Several]], Mapped] = Field(default_factory=dict)
    facts: FactsFile | None = None  # type: ignore[valid-type]
    model: ModelFile | None = None
    data: Annotated[DataFile, Mapped] = Field(default_factory=DataFile)
    columns: Annotated[ColumnsFile, Mapped] = Field(default_factory=ColumnsFile)
    people: Annotated[PeopleFile, Mapped] = Field(default_factory=PeopleFile)
    reasons: Annotated[dict[Column, Text], Mapped] = Field(default_factory=dict)
    policy: Annotated[dict[CheckName, Annotated[list[LimitFile], Several]], Mapped] = Field(default_factory=dict)
    evidence: Annotated[EvidenceFile, Mapped] = Field(default_factory=EvidenceFile)
    release: Annotated[ReleaseFile, Mapped] = Field(default_factory=ReleaseFile)
    monitoring: Annotated[MonitoringFile, Mapped] = Field(default_factory=MonitoringFile)
    retention: Annotated[RetentionFile, Mapped] = Field(default_factory=RetentionFile)
