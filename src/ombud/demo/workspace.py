"""The workspace of the demo: manifests, table and model, written where a user would write their own."""

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from ombud.demo.data import Applications
from ombud.demo.train import FOLDS, PARAMETERS, ROUNDS, Trained, write_models

THRESHOLD: Final = 0.5

ORGANISATION: Final = """\
# Who answers for the systems here. This bank does not exist.
name: Example Savings Bank (fictional)
establishment: [US-MA, DE]
adopted: []                          # voluntary standards count only where they are adopted
people: {ml: data-science, dpo: data-protection-office, owner: lending, business: lending, platform: it-operations}
contact: {write_to: privacy@bank.example, address: 1 Example Street, officer: dpo@bank.example}
authorities: [{name: The data protection authority of the person's own country, laws: [gdpr]}]
facts: {public_body: no}
"""

MANIFEST: Final = """\
# What Ombud knows of this system is what stands here and what it measures. Every key is explained in
# docs/reference/manifest.md; what is left out is "cannot tell", never "no".
system: mortgage-approval
purpose: Decide on applications for a home mortgage (a demonstration on Boston decisions of 1990; the bank is fictional)
owner: {role: lending}
jurisdictions: [US-MA, DE]           # where the people are
roles: [controller, creditor, provider, deployer, bank]   # it trains the model and uses it under its own name
use_case: mortgage
decision: automated
significant: true
lawful_basis: {training: legitimate-interests, decisions: contract}
label_is: past-human-decision        # what a bank decided in 1990, not who repaid
in_use_since: 2026-11-01
design_changed: null
model: {artifact: models/model.json, threshold: 0.5, version: "2026.11"}
data:
  training:   {table: data/applications.parquet, collected: 1990-01-01, retention: 10y, fold: fold}
  evaluation: {table: data/applications.parquet, fold: fold}
columns:
  subject: applicant
  decision: decision                 # score at or above the threshold
  favourable: 1
  score: score                       # cross-fitted: by a model that never saw the row
  label: approved_1990
  label_favourable: 1
  fold: fold
  protected: [race, sex, age_band, married]
  condition_on: [meets_credit_guidelines]
  quasi_identifiers: [sex, age_band, married, dependents]
  special: {race: {basis: art-9-2-g}}
  features: [FEATURES]
people: {fixed: [dep]}
facts:
  {generative: no, interactive: no, general_purpose_model: no, direct_marketing: no, transfers: no, uses_processors: no}
reasons:
REASONS
policy:
  fairness.impact_ratio:
    min: "4/5"
    borrowed_from: 29 CFR 1607.4(D), US hiring     # no law sets a number for credit
evidence: {max_age: {default: 90d}, assessed_share: 0.95, minimum_group: 10, on_uncertain: hold}
release: {approvals: 2, set: [policy, binding-before-use]}
"""

REASONS: Final = {
    "gdlin": "Your credit history does not meet the guidelines of the lender",
    "obrat": "Your monthly obligations are high for your income",
    "hrat": "Your housing expense is high for your income",
    "loanprc": "The loan is large compared with the price of the home",
    "pubrec": "A bankruptcy is on record",
    "chist": "Accounts were 60 days or more behind",
    "cons": "Your history of paying consumer credit",
    "mortg": "Your history of paying mortgages",
    "mortno": "You have no history of paying a mortgage",
    "mortlat1": "Mortgage payments were late",
    "mortlat2": "Mortgage payments were late more than twice",
    "lines": "The number of credit lines in your credit reports",
    "liq": "Your liquid assets are low for this loan",
    "netw": "Your net worth is low for this loan",
    "loanamt": "The amount of the loan",
    "price": "The price of the home",
    "appinc": "Your income",
    "atotinc": "Your monthly income",
    "cototinc": "The monthly income of your co-applicant",
    "inss": "Private mortgage insurance was sought",
    "unit": "The number of units in the building",
    "fixadj": "The kind of interest rate",
    "term": "The length of the loan",
}
"""Wording for the reasons of a refusal; features without wording are reported as such, not dropped."""


def write_workspace(root: Path, people: Applications, trained: Trained) -> Path:
    """Write manifests, table and models below `root`, and give the path of the system's manifest."""
    write_trained(root, people, trained)
    (root / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8")
    manifest = root / "ombud.yaml"
    manifest.write_text(_manifest(people), encoding="utf-8")
    return manifest


def write_trained(root: Path, people: Applications, trained: Trained) -> None:
    """Write the table that the model learned from, with its decisions, and the model."""
    (root / "data").mkdir(parents=True, exist_ok=True)
    pq.write_table(_table(people, trained), root / "data" / "applications.parquet")
    write_models(trained, root / "models")


def _manifest(people: Applications) -> str:
    reasons = "\n".join(f'  {name}: "{said}"' for name, said in REASONS.items() if name in people.features)
    return MANIFEST.replace("FEATURES", ", ".join(people.features)).replace("REASONS", reasons)


def _table(people: Applications, trained: Trained) -> pa.Table:
    columns = {
        "applicant": pa.array(people.applicants),
        **{name: pa.array(values, pa.string()) for name, values in people.protected.items()},
        "dependents": pa.array(people.features["dep"], from_pandas=True),
        "meets_credit_guidelines": pa.array(people.features["chist"] == 1),
        "approved_1990": pa.array(people.approved.astype("int8")),
        "fold": pa.array(trained.fold.astype("int8")),
        "score": pa.array(trained.score),
        "decision": pa.array((trained.score >= THRESHOLD).astype("int8")),
        **{name: pa.array(values, from_pandas=True) for name, values in people.features.items()},
    }
    return pa.table(columns)


def training_note() -> str:
    """How the model was made, in one sentence with every parameter."""
    stated = ", ".join(f"{name} {value}" for name, value in PARAMETERS.items())
    return f"XGBoost, {ROUNDS} trees, {FOLDS} folds, {stated}; the shipped file is the refit on all rows"
