"""Fairness of three protected columns and their intersection, beside fairlearn's MetricFrame and a bare GROUP BY.

Run: python -m bench.fairness [rows]. The targets, in process: at 1 million rows at least 40 times faster than
MetricFrame; at 10 million rows at most 1.5 times one bare GROUP BY of the same columns. Ours and the GROUP BY run in
turn and the best of seven counts; whole processes, imports included, are shown beside.

Ours: selection rate, true and false positive rate and positive predictive value of every group, each with its interval,
ratio, difference, test and smallest detectable effect (two more rates are their complements). MetricFrame: six rates
without intervals or tests, for the same three columns and their intersection.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

MILLION = 1_000_000
PROTECTED = ("race", "sex", "age_band")

_TABLE = """
COPY (
  SELECT ['a', 'b', 'c', 'd', 'e'][1 + (random() * 4.99)::INT % 5] AS race, (random() * 1.99)::INT % 2 AS sex,
    18 + 10 * ((random() * 5.99)::INT % 6) AS age_band, (random() < 0.6)::INT AS approved,
    (random() < 0.7)::INT AS repaid
  FROM range({rows})
) TO '{path}' (FORMAT parquet)
"""


def write_table(path: Path, rows: int) -> None:
    """Three protected columns (60 combinations), a decision and a label."""
    duckdb.sql(_TABLE.format(rows=rows, path=path))


def ombud(path: Path) -> int:
    """Open, count, and measure; the number of measurements."""
    from ombud.checks.fairness.error_rates import error_rates
    from ombud.checks.fairness.impact_ratio import impact_ratio
    from ombud.checks.fairness.selection_rates import selection_rates
    from ombud.tables.needs import Role
    from ombud.tables.open import open_table
    from ombud.tables.roles import Columns
    from ombud.tables.take import Data, Taken, take

    roles = {Role.PROTECTED: PROTECTED, Role.DECISION: ("approved",), Role.LABEL: ("repaid",)}
    data = Data({"evaluation": open_table(str(path))}, Columns(roles, "1", "1"))
    checks = (selection_rates, impact_ratio, error_rates)
    answers = take([need for check in checks for need in check.needs], data)
    measured = 0
    for check in checks:
        answer = answers[check.needs[0]]
        assert isinstance(answer, Taken)
        measured += sum(1 for call in answer.calls for _ in check(call))
    return measured


def group_by(path: Path) -> int:
    """One bare GROUP BY of the same columns; the number of cells."""
    columns = ", ".join((*PROTECTED, "approved", "repaid"))
    with duckdb.connect(config={"threads": "2"}) as connection:
        return len(connection.execute(f"SELECT {columns}, count(*) FROM '{path}' GROUP BY ALL").fetchall())


def fairlearn(path: Path) -> int:
    """Six rates for each column and the intersection; the number of groups."""
    from fairlearn import metrics
    from sklearn.metrics import precision_score

    people = duckdb.sql(f"FROM '{path}'").df()
    rates = {
        "selection_rate": metrics.selection_rate,
        "true_positive_rate": metrics.true_positive_rate,
        "false_positive_rate": metrics.false_positive_rate,
        "true_negative_rate": metrics.true_negative_rate,
        "false_negative_rate": metrics.false_negative_rate,
        "precision": precision_score,
    }
    frames = [
        metrics.MetricFrame(
            metrics=rates, y_true=people["repaid"], y_pred=people["approved"], sensitive_features=people[list(names)]
        )
        for names in (*((name,) for name in PROTECTED), PROTECTED)
    ]
    return sum(len(frame.by_group) for frame in frames)


WHO: dict[str, Callable[[Path], int]] = {"ombud": ombud, "group_by": group_by, "fairlearn": fairlearn}


def timed(who: str, path: Path) -> tuple[float, float]:
    """Seconds on the wall and of all processors."""
    wall, processors = time.perf_counter(), time.process_time()
    WHO[who](path)
    return time.perf_counter() - wall, time.process_time() - processors


def pairs(path: Path, times: int = 7) -> tuple[tuple[float, float], tuple[float, float]]:
    """The best of some runs of ours and of the bare GROUP BY, taken in turn after one to warm up."""
    runs = [(timed("ombud", path), timed("group_by", path)) for _ in range(times + 1)][1:]
    ours, bare = zip(*runs, strict=True)
    return _best(ours), _best(bare)


def _best(runs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return min(wall for wall, _ in runs), min(processors for _, processors in runs)


def whole_process(who: str, path: Path) -> tuple[float, float, float]:
    """A fresh Python: seconds of all of it, seconds of the work alone (first and only run), and peak memory (GB)."""
    command = [sys.executable, "-m", "bench.fairness", who, str(path)]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    work, memory = map(float, done.stdout.split()[-2:])
    return seconds, work, memory


def main(rows: int) -> None:
    """Print what was reached."""
    with tempfile.TemporaryDirectory() as folder:
        for people in dict.fromkeys((MILLION, rows)):
            path = Path(folder) / f"{people}.parquet"
            write_table(path, people)
            (ours, ours_cpu), (bare, bare_cpu) = pairs(path)
            seconds, _, memory = whole_process("ombud", path)
            print(f"fairness, {people:,} rows: {ours:.3f} s; whole process {seconds:.2f} s, {memory:.2f} GB")
            print(
                f"  one bare GROUP BY: {bare:.3f} s; ours takes {ours / bare:.2f} × as long "
                f"({ours_cpu / bare_cpu:.2f} × in processor time; target at 10 million: 1.5)"
            )
            if people == MILLION:
                seconds, work, memory = whole_process("fairlearn", path)
                print(f"  MetricFrame: {work:.1f} s; whole process {seconds:.1f} s, {memory:.2f} GB; ", end="")
                print(f"ours is {work / ours:.0f} × faster (target: 40)")


def child(who: str, path: Path) -> None:
    """What a fresh process prints: seconds of the work with its late imports, and peak memory in GB."""
    seconds, _ = timed(who, path)
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2)


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in WHO:
        child(sys.argv[1], Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 10 * MILLION)
