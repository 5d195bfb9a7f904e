"""Monitoring ten million decisions of twenty columns in thirty daily windows, then one more day, each as a process.

Run: python -m bench.monitor [rows]. Targets: from scratch under 30 s, one more day (a thirtieth of the rows) under 2 s.
The decisions come as one Parquet file a day, as pipelines write them; the same in one file is measured beside.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROWS = 10_000_000
DAYS = 30
MANIFEST = """\
system: bench
jurisdictions: [BR]
use_case: consumer-credit
decision: automated
label_is: outcome
data:
  training: {{table: training.parquet}}
  evaluation: {{table: training.parquet}}
  decisions: {{table: {decisions}}}
columns:
  time: decided_at
  decision: approved
  favourable: 1
  score: score
  label: repaid
  protected: [race, sex, age_band]
  human_changed: changed
policy: {{fairness.impact_ratio: {{min: "4/5"}}}}
"""

TABLE = """\
COPY (
  SELECT
    TIMESTAMP '{day}' + to_microseconds((h % 86400000000)::BIGINT) AS decided_at,
    (h % 5)::VARCHAR AS race, CASE WHEN h % 2 = 0 THEN 'f' ELSE 'm' END AS sex, (18 + 10 * (h % 6))::VARCHAR
      AS age_band,
    score, (score > 0.4)::INT AS approved, (random() < score)::INT AS repaid, {numbers},
    ['north', 'south', 'east', 'west'][(1 + h % 4)::INT] AS region, h % 3 = 0 AS is_new,
    CASE WHEN h % 10 = 0 THEN h % 20 = 0 END AS changed
  FROM (SELECT hash(range + {seed}) AS h, random() AS score FROM range({rows}))
) TO '{path}' (FORMAT parquet)
"""
NUMBERS = ", ".join(f"random() * {10 ** (n % 5)} AS x{n}" for n in range(10))

PROCESS = """\
import resource, sys, time
from datetime import datetime, timezone
start = time.perf_counter()
from ombud.cli.main import build
try:
    build(sys.argv[1:])()
except SystemExit as end:
    code = end.code
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, code, file=sys.stderr)
"""


def write_day(folder: Path, number: int, rows: int) -> None:
    """One day of decisions."""
    day = f"2026-09-{number + 1:02d}" if number < DAYS else "2026-10-01"
    sql = TABLE.format(numbers=NUMBERS, rows=rows, path=folder / f"{day}.parquet", day=day, seed=number * rows)
    duckdb.sql(sql)


def run(folder: Path, manifest: str, until: str) -> tuple[float, float, str]:
    """Seconds, gigabytes and exit code of one `ombud monitor run`."""
    words = ["monitor", "run", manifest, "--until", until, "--format", "json"]
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", PROCESS, *words], cwd=folder, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    last = [line for line in done.stderr.splitlines() if line.count(" ") == 2 and line[0].isdigit()]
    if not last:
        raise SystemExit(done.stderr)
    _, memory, code = last[-1].split()
    return seconds, float(memory), code


def prepare(folder: Path, rows: int) -> None:
    """Thirty days of decisions as files of a day and as one file, a training table, and two systems, declared."""
    (folder / "live").mkdir()
    training = TABLE.format(
        numbers=NUMBERS, rows=rows // 10, path=folder / "training.parquet", day="2026-01-01", seed=9
    )
    duckdb.sql(training)
    for day in range(DAYS):
        write_day(folder / "live", day, rows // DAYS)
    write_one(folder)
    ombud = [sys.executable, "-m", "ombud.cli.main"]
    for words in (["init"], ["add", "bench", "--role", "ml"]):
        subprocess.run([*ombud, "keys", *words], cwd=folder, check=True, capture_output=True)
    for system, decisions in (("days", "live"), ("one", "one.parquet")):
        text = MANIFEST.format(decisions=decisions).replace("system: bench", f"system: {system}")
        (folder / f"{system}.yaml").write_text(text, encoding="utf-8")
        subprocess.run([*ombud, "check", f"{system}.yaml"], cwd=folder, check=False, capture_output=True)


def write_one(folder: Path) -> None:
    """All days in one file."""
    duckdb.sql(f"COPY (FROM '{folder / 'live'}/*.parquet') TO '{folder / 'one.parquet'}' (FORMAT parquet)")


def measured(folder: Path, what: str, until: str, target: int) -> None:
    """Print what one run of each system took."""
    for system, layout in (("days", "one file a day"), ("one", "one file")):
        seconds, memory, code = run(folder, f"{system}.yaml", until)
        print(f"{what}, {layout}, exit {code}: {seconds:.2f} s (target {target}), {memory:.2f} GB", flush=True)


def main(rows: int) -> None:
    """Print what was reached."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, rows)
        measured(folder, f"{rows:,} × 20 × {DAYS} windows", "2026-10-01", 30)
        write_day(folder / "live", DAYS, rows // DAYS)
        write_one(folder)
        measured(folder, f"one more day of {rows // DAYS:,}", "2026-10-02", 2)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
