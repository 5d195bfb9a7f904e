"""Reads `ombud.yaml` and `organisation.yaml`: what a system and its organisation declare of themselves."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from ombud.system.border import understand
from ombud.system.columns import check_features, check_limits, read_columns
from ombud.system.declarable import DECLARABLE, declared_facts
from ombud.system.organisation import Organisation, load_organisation
from ombud.system.schema import (
    EvidenceFile,
    LimitFile,
    ModelFile,
    MonitoringFile,
    PeopleFile,
    ReleaseFile,
    SpecialFile,
    SystemFile,
    TableFile,
)  # fmt: skip
from ombud.system.secrets import refuse_secrets
from ombud.system.spec import (
    NEVER,
    Changeable,
    EvidenceSettings,
    Injected,
    ModelSpec,
    MonitoringSettings,
    People,
    PolicyLimit,
    ReleaseSettings,
    Special,
    System,
    TableSpec,
)  # fmt: skip
from ombud.system.yaml_lines import Written, read_yaml

__all__ = ["Organisation", "PolicyLimit", "System", "load_organisation", "load_system", "read_system"]


def load_system(path: str | Path) -> System:
    """Read a system's manifest.

    Raises:
        NotFound: there is no such file.
        Invalid: the first mistake, with file, line, key and the nearest right one; a secret is never repeated.
    """
    return read_system(read_yaml(Path(path)))


def read_system(written: Written) -> System:
    """Understand a manifest that was read already, from a file or from a declaration in the log.

    Raises:
        Invalid: as `load_system`.
    """
    refuse_secrets(written)
    file = understand(SystemFile, written)
    columns = read_columns(written, file.columns, file.data)
    check_features(written, columns, file.people, file.reasons)
    check_limits(written, columns, file.policy)
    base = written.path.parent
    return System(
        name=file.system,
        purpose=file.purpose,
        owner=file.owner.role if file.owner else None,
        jurisdictions=tuple(file.jurisdictions),
        roles=tuple(file.roles),
        use_case=file.use_case,
        decision=file.decision,
        significant=file.significant,
        basis_training=tuple(file.lawful_basis.training),
        basis_decisions=tuple(file.lawful_basis.decisions),
        label_is=file.label_is,
        in_use_since=file.in_use_since,
        design_changed=file.design_changed or (NEVER if "design_changed" in file.model_fields_set else None),
        exempt={place: tuple(grounds) for place, grounds in file.exempt.items()},
        declared=declared_facts(file.facts, DECLARABLE),
        model=_model(file.model, base) if file.model else None,
        data=_tables({name: getattr(file.data, name) for name in type(file.data).model_fields}),
        columns=columns,
        subject_kind=file.columns.subject_kind,
        special={name: _special(said, base) for name, said in (file.columns.special or {}).items()},
        people=_people(file.people),
        reasons=file.reasons,
        policy=tuple(limit for check, limits in file.policy.items() for one in limits for limit in _limits(check, one)),
        reference_groups=_references(file.policy),
        evidence=_evidence(file.evidence),
        release=_release(file.release),
        monitoring=_monitoring(file.monitoring, base),
        retention={"decisions": file.retention.decisions} if file.retention.decisions else {},
        written=written,
    )


def _model(file: ModelFile, base: Path) -> ModelSpec:
    return ModelSpec(artifact=base / file.artifact, threshold=file.threshold, version=file.version)


def _tables(files: Mapping[str, TableFile | None]) -> dict[str, TableSpec]:
    return {
        name: TableSpec(table=file.table, collected=file.collected, retention=file.retention, fold=file.fold)
        for name, file in files.items()
        if file is not None
    }


def _special(file: SpecialFile | None, base: Path) -> Special:
    said = file or SpecialFile()
    return Special(basis=said.basis, bias_testing=base / said.bias_testing if said.bias_testing else None)


def _people(file: PeopleFile) -> People:
    can = {
        name: Changeable(
            direction=said.direction or "any", low=said.min, high=said.max, step=said.step, at_most=said.at_most
        )
        for name, said in file.can.items()
    }
    return People(
        fixed=tuple(file.fixed), only_increase=tuple(file.only_increase), only_decrease=tuple(file.only_decrease),
        can=can,
    )  # fmt: skip


def _limits(check: str, file: LimitFile) -> list[PolicyLimit]:
    bounds: tuple[tuple[Literal[">=", "<="], Fraction | None], ...] = ((">=", file.min), ("<=", file.max))
    return [
        PolicyLimit(
            check=check,
            measurement=file.measurement or check.partition(".")[2],
            op=op,
            value=value,
            borrowed_from=file.borrowed_from,
            protected=file.protected,
            reference=file.reference,
        )
        for op, value in bounds
        if value is not None
    ]


def _references(policy: Mapping[str, list[LimitFile]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for check, limits in policy.items():
        for limit in limits:
            found.setdefault(check, {}).update(limit.reference)
    return {check: groups for check, groups in found.items() if groups}


def _evidence(file: EvidenceFile) -> EvidenceSettings:
    held = EvidenceSettings()
    return EvidenceSettings(
        max_age={**held.max_age, **file.max_age},
        assessed_share=_or(file.assessed_share, held.assessed_share),
        minimum_group=_or(file.minimum_group, held.minimum_group),
        on_uncertain=_or(file.on_uncertain, held.on_uncertain),
    )


def _release(file: ReleaseFile) -> ReleaseSettings:
    held = ReleaseSettings()
    return ReleaseSettings(
        approvals=_or(file.approvals, held.approvals), set=held.set if file.set is None else tuple(file.set)
    )


def _monitoring(file: MonitoringFile, base: Path) -> MonitoringSettings:
    held = MonitoringSettings()
    return MonitoringSettings(
        window=_or(file.window, held.window),
        wait=_or(file.wait, held.wait),
        trailing=_or(file.trailing, held.trailing),
        alarm_rate=_or(file.alarm_rate, held.alarm_rate),
        practical=dict(file.practical),
        challenger=base / file.challenger if file.challenger else None,
        notify=tuple(file.notify),
        law_grace=_or(file.law_grace, held.law_grace),
        injected=None if file.injected is None else Injected(file.injected.since, file.injected.what),
    )


def _or(said: Any, otherwise: Any) -> Any:
    return otherwise if said is None else said
