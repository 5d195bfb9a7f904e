"""The system's manifest, as the documentation shows it."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from ombud.errors import Invalid
from ombud.evidence.canonical import digest
from ombud.system.duration import Duration
from ombud.system.manifest import load_system, read_system
from ombud.system.spec import System
from ombud.system.yaml_lines import Written, parse_yaml
from ombud.tables.needs import Role

FULL = """\
system: mortgage-approval
purpose: Decide on applications for a home mortgage
owner: {role: lending}
jurisdictions: [DE, US-CA, US-NYC]   # where the people are
roles: [controller, provider, deployer, creditor]
use_case: mortgage
decision: automated
significant: true
lawful_basis: {training: legitimate-interests, decisions: contract}
label_is: past-human-decision
in_use_since: 2026-11-01
design_changed: null
exempt: {US-CA: glba}
model: {artifact: model.txt, threshold: 0.5, version: "2026.11"}
data:
  training:   {table: data/train.parquet, collected: 1990-01-01, retention: 10y}
  evaluation: {table: data/test.parquet}
  decisions:  {table: "${env:DECISIONS_URL}"}
columns: {subject: applicant_id, time: decided_at, decision: approved, favourable: 1, score: p_approve, label: approve,
          protected: [race, sex, age_band], condition_on: [loan_type], quasi_identifiers: [zip3, birth_year, sex],
          special: {race: {basis: art-9-2-g, bias_testing: records/bias.pdf}}, features: [income, debt]}
people: {fixed: [age], only_increase: [education]}
reasons: {obrat: "Your monthly obligations are high for your income"}
policy: {fairness.impact_ratio: {min: "4/5", borrowed_from: "29 CFR 1607.4(D), US hiring"}}
evidence: {max_age: {default: 90d}, assessed_share: 0.95, minimum_group: 10, on_uncertain: hold}
release: {approvals: 2, set: [policy, binding-before-use]}
"""


def system(text: str, path: str = "bank/ombud.yaml") -> System:
    return read_system(parse_yaml(text.encode(), Path(path)))


def test_every_key_of_the_design_is_understood() -> None:
    read = system(FULL)
    assert (read.name, read.owner, read.use_case, read.decision) == (
        "mortgage-approval",
        "lending",
        "mortgage",
        "automated",
    )
    assert read.significant is True
    assert (read.in_use_since, read.design_changed) == (date(2026, 11, 1), "never")
    assert read.exempt == {"US-CA": ("glba",)}
    assert read.basis_training == ("legitimate-interests",)
    assert read.data["training"].retention == Duration(10, "y")
    assert read.data["training"].collected == date(1990, 1, 1)
    assert read.people.only_increase == ("education",)
    assert read.reasons == {"obrat": "Your monthly obligations are high for your income"}
    assert read.release.set == ("policy", "binding-before-use")
    assert read.special["race"].basis == "art-9-2-g"


def test_the_subject_column_may_hold_a_kind_of_another_name() -> None:
    assert system(FULL).subject_kind is None
    said = FULL.replace("subject: applicant_id", "subject: applicant_id, subject_kind: customer_id")
    assert system(said).subject_kind == "customer_id"


@pytest.mark.parametrize("kind", ["Customer", "customer id", "7th", "''", "a" * 64])
def test_a_kind_of_identity_is_written_in_small_letters(kind: str) -> None:
    with pytest.raises(Invalid, match=r"columns\.subject_kind"):
        system(FULL.replace("subject: applicant_id", f"subject: applicant_id, subject_kind: {kind}"))


def test_paths_start_from_the_manifests_folder() -> None:
    read = system(FULL)
    assert read.model is not None
    assert read.model.artifact == Path("bank/model.txt")
    assert read.special["race"].bias_testing == Path("bank/records/bias.pdf")


def test_an_unquoted_decimal_is_exact() -> None:
    read = system("system: a\nmodel: {artifact: m.txt, threshold: 0.1}\npolicy: {fairness.impact_ratio: {min: 0.8}}\n")
    assert read.model is not None and read.model.threshold == Fraction(1, 10)
    assert read.policy[0].value == Fraction(4, 5)


def test_a_limit_is_on_the_measurement_that_the_check_is_named_after() -> None:
    [limit] = system(FULL).policy
    assert (limit.check, limit.measurement, limit.op) == ("fairness.impact_ratio", "impact_ratio", ">=")
    assert limit.to_json() == {
        "check": "fairness.impact_ratio", "measurement": "impact_ratio", "op": ">=", "value": "4/5",
        "borrowed_from": "29 CFR 1607.4(D), US hiring", "protected": None, "reference": {},
    }  # fmt: skip


def test_a_check_may_have_several_limits_with_bounds_on_both_sides() -> None:
    read = system(
        "system: a\n"
        "columns: {decision: ok, favourable: 1, protected: [race, sex]}\n"
        "policy:\n"
        "  fairness.error_rates:\n"
        "    - {min: -0.1, max: 0.1, measurement: true_positive_rate_difference, protected: sex}\n"
        "    - {max: 5 %, measurement: false_positive_rate_difference, reference: {race: white}}\n"
    )
    assert [(limit.measurement, limit.op, str(limit.value), limit.protected) for limit in read.policy] == [
        ("true_positive_rate_difference", ">=", "-1/10", "sex"),
        ("true_positive_rate_difference", "<=", "1/10", "sex"),
        ("false_positive_rate_difference", "<=", "1/20", None),
    ]
    assert read.references("fairness.error_rates") == {"race": "white"}
    assert read.references("fairness.impact_ratio") == {}


def test_a_reference_group_may_be_named_without_a_limit() -> None:
    read = system("system: a\npolicy: {fairness.impact_ratio: {reference: {race: white}}}\n")
    assert read.policy == ()
    assert read.references("fairness.impact_ratio") == {"race": "white"}


def test_a_limit_may_speak_of_a_combination_of_protected_columns() -> None:
    read = system(
        "system: a\ncolumns: {decision: ok, favourable: 1, protected: [race, sex]}\n"
        "policy: {fairness.impact_ratio: {min: 0.8, protected: race × sex}}\n"
    )
    assert read.policy[0].protected == "race × sex"


def test_checks_of_other_packages_may_have_limits() -> None:
    assert system("system: a\npolicy: {safety.braking: {max: 3}}\n").policy[0].check == "safety.braking"


def test_a_column_may_have_several_roles() -> None:
    by_role = system(FULL).columns.by_role
    assert "sex" in by_role[Role.PROTECTED] and "sex" in by_role[Role.QUASI_IDENTIFIER]
    assert by_role[Role.SPECIAL] == ("race",)


def test_the_favourable_value_is_text_as_it_stands() -> None:
    columns = system("system: a\ncolumns: {decision: ok, favourable: yes, label: y, label_favourable: 0}\n").columns
    assert (columns.favourable, columns.label_favourable) == ("yes", "0")


def test_a_name_alone_is_a_manifest_that_says_nothing_else() -> None:
    read = system("system: a\n")
    assert (read.significant, read.decision, read.design_changed, read.model) == (None, None, None, None)
    assert (read.jurisdictions, dict(read.data), dict(read.columns.by_role)) == ((), {}, {})


def test_settings_have_the_declared_values_as_plain_json() -> None:
    settings = system(FULL).settings()
    assert settings == json.loads(json.dumps(settings))
    assert settings == {
        "max_age": {"default": "90d"}, "max_age_days": {"default": 90}, "assessed_share": "19/20", "minimum_group": 10,
        "on_uncertain": "hold", "approvals": 2, "set": ["policy", "binding-before-use"],
    }  # fmt: skip


def test_ages_of_evidence_may_differ_by_check_and_document() -> None:
    read = system("system: a\nevidence: {max_age: {monitoring.drift: 7d, document:dpia: 1y}}\n")
    assert {name: str(age) for name, age in read.evidence.max_age.items()} == {
        "default": "90d", "monitoring.drift": "7d", "document:dpia": "1y",
    }  # fmt: skip


def test_the_content_is_what_was_declared_with_references_unresolved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECISIONS_URL", "postgresql://me:hunter2@db/x")
    read = system(FULL)
    assert read.content["data"]["decisions"]["table"] == "${env:DECISIONS_URL}"
    assert read.digest == digest(read.content)
    assert "hunter2" not in json.dumps(read.content)


def test_the_digest_knows_neither_comments_nor_layout_but_every_value() -> None:
    one = system("system: a\nroles: [provider] # a remark\nsignificant: yes\n")
    same = system('{"system": "a", "significant": "yes", "roles": ["provider"]}')
    other = system("system: a\nroles: [provider]\nsignificant: no\n")
    assert one.digest == same.digest != other.digest


def test_a_declaration_in_the_log_is_read_like_the_file_it_came_from() -> None:
    first = system(FULL)
    again = read_system(Written(first.path, json.loads(json.dumps(first.content)), {}))
    assert again == first


def test_a_file_is_loaded_from_disk(tmp_path: Path) -> None:
    (tmp_path / "ombud.yaml").write_text(FULL, encoding="utf-8")
    read = load_system(tmp_path / "ombud.yaml")
    assert read.path == tmp_path / "ombud.yaml"
    assert load_system(str(tmp_path / "ombud.yaml")) == read
