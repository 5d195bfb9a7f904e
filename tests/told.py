"""Shared by tests of explanations: a lender with a real model of each kind, and decisions that were recorded."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from attrs import frozen

from ombud.decisions import Recorder
from ombud.decisions.batch import anchor
from ombud.decisions.drain import drain
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace, create_workspace, open_workspace
from ombud.system.models import open_model
from support import needs

FEATURES: Final = ("income", "debt", "years", "street")
AT: Final = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OFFICER, PLATFORM = "data-protection-officer", "platform"
SUBJECT: Final = "C-4711"
MODELS: Final[Mapping[str, str]] = {"lightgbm": "model.txt", "xgboost": "model.json", "linear": "linear.json"}

ORGANISATION: Final = """\
name: Example Lender
establishment: [DE]
people: {dpo: data-protection, owner: lending, platform: operations}
contact: {write_to: privacy@lender.example, address: 1 Example Street, officer: dpo@lender.example}
"""
MANIFEST: Final = """\
system: small-loans
purpose: decide on applications for small loans
jurisdictions: [DE]
roles: [controller, creditor, provider, deployer]
use_case: consumer-credit
decision: automated
significant: true
label_is: past-human-decision
model: {{artifact: {model}, threshold: 0.5}}
data: {{evaluation: {{table: decisions.parquet}}}}
columns:
  subject: customer
  decision: decision
  favourable: 1
  protected: [race]
  features: [income, debt, years, street]
people:
  can:
    income: {{direction: up, step: 0.5}}
    debt: {{direction: down, min: 0, step: 0.5}}
reasons: {{income: Your income is low, debt: Your debts are high, years: You have had your account for a short time,
  street: Where you live}}
"""
LETTERS: Final = """\
significance: The decision settles whether you get this loan from us.
consequences: Without it we do not lend you the money.
role: The model calculates a score, and the score decides.
labels: {income: Monthly income (thousand euros), debt: Debts (thousand euros)}
"""


@frozen(eq=False)
class Lender:
    """A workspace with a system whose decisions can be explained.

    Attributes:
        folder: of the manifest; rows: features of the people (n × 4), the first of whom are refused.
        refused, approved: numbers of recorded decisions.
    """

    folder: Path
    refused: str
    approved: str

    @property
    def workspace(self) -> Workspace:
        return open_workspace(self.folder)


def lender(folder: Path, kind: str = "xgboost", seed: int = 7) -> Lender:
    """A lender whose model learned from 600 people, with one refusal and one approval on record."""
    random = np.random.default_rng(seed)
    rows = np.column_stack([
        np.round(random.gamma(4, 1, 600), 1), np.round(random.gamma(2, 1, 600), 1), random.integers(0, 20, 600),
        random.integers(0, 2, 600),
    ]).astype(np.float64)  # fmt: skip
    merit = rows[:, 0] - rows[:, 1] + rows[:, 2] / 20 + random.normal(size=600) / 2
    label = (merit > np.quantile(merit, 0.4)).astype(np.float64)
    _train(kind, rows, label, folder / MODELS[kind])
    (folder / "ombud.yaml").write_text(MANIFEST.format(model=MODELS[kind]), encoding="utf-8")
    (folder / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8")
    (folder / "letters.yaml").write_text(LETTERS, encoding="utf-8")
    score = open_model(folder / MODELS[kind]).predict(rows)
    _write(folder / "decisions.parquet", rows, (score >= 0.5).astype(int), random.integers(0, 2, 600))
    workspace = create_workspace(folder, {PLATFORM: (["platform"], None), OFFICER: (["dpo"], None)})
    recorder = Recorder.of(folder / "ombud.yaml")
    refused = int(np.flatnonzero((score < 0.45) & (score > 0.25))[0])
    approved = int(score.argmax())
    for number, at in (("A-1", refused), ("A-2", approved)):
        recorder.record(id=number, at=AT, subject=Identity("customer", SUBJECT), score=float(score[at]),
                        inputs=dict(zip(FEATURES, map(float, rows[at]), strict=True)))  # fmt: skip
    drain(workspace)
    anchor(workspace, PLATFORM)
    return Lender(folder, "A-1", "A-2")


def _write(path: Path, rows: Any, decision: Any, race: Any) -> None:
    columns = dict(zip(FEATURES, rows.T, strict=True))
    customers = [f"K-{number}" for number in range(len(rows))]
    groups = np.where(race == 1, "a", "b")
    pq.write_table(pa.table({"customer": customers, "decision": decision, "race": groups, **columns}), path)


def _train(kind: str, rows: Any, label: Any, path: Path) -> None:
    if kind == "lightgbm":
        needs("lightgbm")
        import lightgbm

        how = {"objective": "binary", "num_leaves": 7, "verbose": -1, "num_threads": 1, "seed": 1}
        model = lightgbm.train(how, lightgbm.Dataset(rows, label, feature_name=list(FEATURES)), 30)
        path.write_text(model.model_to_string(), encoding="utf-8")
        return
    needs("xgboost")
    import xgboost

    how = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1, "verbosity": 0, "seed": 1}
    if kind == "linear":
        how = {"objective": "binary:logistic", "booster": "gblinear", "nthread": 1, "verbosity": 0, "eta": 0.8}
    trained = xgboost.train(how, xgboost.DMatrix(rows, label, feature_names=list(FEATURES)), 30)
    trained.save_model(path)
