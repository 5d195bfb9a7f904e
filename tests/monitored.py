"""A small system that is monitored: a workspace, a training table, and decisions that come in as files."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ombud.monitor.counted import without_salt
from ombud.monitor.watch import run
from ombud.monitor.watched import Watched
from ombud.release.assess import assess
from ombud.store.windows import Windows
from ombud.store.workspace import create_workspace, open_workspace
from ombud.system.manifest import System, load_system
from worlds import pack

FIRST = datetime(2026, 9, 1, tzinfo=UTC)
MANIFEST = """\
system: loans
jurisdictions: [DE]
use_case: consumer-credit
decision: automated
label_is: outcome
data: {training: {table: train.parquet}, evaluation: {table: train.parquet}, decisions: {table: live}}
columns: {id: id, time: at, decision: approved, favourable: 1, score: score, label: repaid, label_favourable: 1,
          protected: [race], features: [income, region], human_changed: changed}
policy: {fairness.impact_ratio: {min: "4/5", reference: {race: white}}}
monitoring: {wait: 1h}
"""

Row = dict[str, Any]
TYPES = pa.schema([
    ("id", pa.string()), ("at", pa.timestamp("us")), ("race", pa.string()), ("income", pa.float64()),
    ("region", pa.string()), ("score", pa.float64()), ("approved", pa.int64()), ("repaid", pa.int64()),
    ("changed", pa.string()),
])  # fmt: skip


class Clock:
    """A clock that stands where a test puts it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def day(number: float) -> datetime:
    """So many days after the first decision."""
    return FIRST + timedelta(days=number)


def people(
    n: int,
    start: float,
    days: float = 1,
    *,
    seed: int = 1,
    black: float = 0.5,
    move: float = 0.0,
    labelled: bool = True,
) -> list[Row]:
    """Made-up decisions over some days: `black` is the chance of approval of one group, `move` shifts incomes."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        race = random.choice(["white", "black"], p=[0.6, 0.4])
        approved = int(random.random() < (0.5 if race == "white" else black))
        rows.append({
            "id": f"{seed}-{start}-{number}", "at": day(start + days * random.random()).replace(tzinfo=None),
            "race": race, "income": float(random.normal(50 + move, 10)), "region": random.choice(["north", "south"]),
            "score": float(random.beta(3, 2) if approved else random.beta(2, 3)), "approved": approved,
            "repaid": int(random.random() < 0.7) if labelled else None,
            "changed": random.choice([None, "0", "1"], p=[0.5, 0.4, 0.1]),
        })  # fmt: skip
    return rows


def table(rows: Sequence[Row]) -> pa.Table:
    """Rows as an Arrow table."""
    return pa.Table.from_pylist(list(rows), schema=TYPES)


@cache
def checked(manifest: str) -> Path:
    """A workspace in which a system was checked on its first day; made once, and copied for each test."""
    root = Path(mkdtemp(prefix="monitored-"))
    (root / "live").mkdir()
    pq.write_table(table(people(3_000, -100, 50, seed=99)), root / "train.parquet")
    (root / "ombud.yaml").write_text(manifest, encoding="utf-8")
    workspace = create_workspace(root, {"ml": (("ml",), None)}, clock=Clock(day(0)))
    pq.write_table(table(people(1, 0, seed=0)), root / "live" / "0.parquet")
    assess(workspace, load_system(root / "ombud.yaml"), None, pack(), "ml")
    (root / "live" / "0.parquet").unlink()
    workspace.ledger.database.engine.dispose()
    return root


class Monitored:
    """A workspace with one system whose decisions come in as Parquet files in the folder `live`.

    Without `declared`, nothing was ever checked or declared. `store` is the URL of another store, which is then new.
    """

    def __init__(
        self, root: Path, *, manifest: str = MANIFEST, declared: bool = True, store: str | None = None
    ) -> None:
        self.root, self.clock, self.files, self.pack = root, Clock(day(0)), 0, pack()
        template = checked(manifest if declared else MANIFEST)
        fresh = store is not None or not declared
        left = shutil.ignore_patterns(".ombud", "ombud.checkpoint*") if fresh else None
        shutil.copytree(template, root, ignore=left, dirs_exist_ok=True)
        (root / "ombud.yaml").write_text(manifest, encoding="utf-8")
        if fresh:
            self.workspace = create_workspace(root, {"ml": (("ml",), None)}, clock=self.clock, store=store)
        else:
            self.workspace = open_workspace(root, clock=self.clock)

    @property
    def system(self) -> System:
        return load_system(self.root / "ombud.yaml")

    def arrive(self, rows: Sequence[Row], name: str | None = None) -> Path:
        """A file of decisions arrives (or another one comes in its place)."""
        self.files += 1
        path = self.root / "live" / f"{name or self.files}.parquet"
        pq.write_table(table(rows), path)
        return path

    def kept(self) -> dict[str, Any]:
        """What the store keeps of each window, but for times, salts and versions."""
        found = Windows(self.workspace.ledger.database).with_points("loans")
        return {one.start: (one.rows, without_salt(one.counts), one.points) for one in found}

    def said(self, kind: str) -> list[Any]:
        """What the statements of a kind in the log say, in its order."""
        return [entry.statement.predicate for entry in self.workspace.ledger.log().trusted(kind)]

    def watch(self, now: float | None = None, holder: str = "ml", **more: Any) -> Watched:
        """Run the monitor once; now: days after the first decision."""
        if now is not None:
            self.clock.at = day(now)
        return run(self.workspace, self.system, self.pack, holder, **more)
