"""`ombud check` on ten million rows of twenty columns, as a process: seconds and peak memory.

Run: python -m bench.check [rows]. The target: under 30 s and 1.5 GB on two processors.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROWS = 10_000_000
MANIFEST = """\
system: bench
jurisdictions: [BR]
use_case: consumer-credit
decision: automated
label_is: outcome
data:
  training: {table: training.parquet}
  evaluation: {table: evaluation.parquet}
columns:
  decision: approved
  favourable: 1
  score: score
  label: repaid
  protected: [race, sex, age_band]
  quasi_identifiers: [age_band, sex, zip3]
policy: {fairness.impact_ratio: {min: "4/5"}}
"""

TABLE = """\
COPY (
  SELECT
    (h % 5)::VARCHAR AS race, CASE WHEN h % 2 = 0 THEN 'f' ELSE 'm' END AS sex, (18 + 10 * (h % 6))::VARCHAR
      AS age_band,
    lpad((h % 400)::VARCHAR, 3, '0') AS zip3, score, (score > 0.4)::INT AS approved, (random() < score)::INT AS repaid,
    {numbers},
    ['north', 'south', 'east', 'west'][(1 + h % 4)::INT] AS region, 'note ' || (h % 5000) AS note, h % 3 = 0 AS is_new
  FROM (SELECT hash(range) AS h, random() AS score FROM range({rows}))
) TO '{path}' (FORMAT parquet)
"""


def write_tables(folder: Path, rows: int) -> None:
    """Twenty columns: three protected, one code, score, decision, label, ten numbers, two texts and a flag."""
    numbers = ", ".join(f"random() * {10 ** (n % 5)} AS x{n}" for n in range(10))
    for name, count in (("evaluation", rows), ("training", rows // 10)):
        duckdb.sql(TABLE.format(numbers=numbers, rows=count, path=folder / f"{name}.parquet"))


def main(rows: int) -> None:
    """Print what was reached."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tables(folder, rows)
        (folder / "ombud.yaml").write_text(MANIFEST, encoding="utf-8")
        ombud = [sys.executable, "-m", "ombud.cli.main"]
        for words in (["init"], ["add", "bench", "--role", "ml"]):
            subprocess.run([*ombud, "keys", *words], cwd=folder, check=True, capture_output=True)
        start = time.perf_counter()
        done = subprocess.run([*ombud, "check", "ombud.yaml", "--format", "json"], cwd=folder, capture_output=True)
        seconds = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
        print(
            f"ombud check, {rows:,} × 20, exit {done.returncode}: "
            f"{seconds:.1f} s (target 30), {memory:.2f} GB (target 1.5)"
        )
        if done.returncode not in (0, 1, 3):
            print(done.stderr.decode())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
