"""A thousand lives without a change, a thousand at the edge of one, and planted changes: what the alarms made of them.

Run: python -m bench.soak_alarms [lives] [first seed]. It ends with 1 if the promise was broken beyond chance (one in a
thousand). Only a whole run of a thousand or more writes tests/soak/ALARMS.md.
"""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from platform import python_version
from statistics import median
from typing import Any

from scipy.stats import binom, binomtest

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "tests" / "soak" / "ALARMS.md"
WHOLE = 1_000


def main(number: int, first: int) -> int:
    """Live the lives; 0 if the promise was kept."""
    sys.path.insert(0, str(ROOT / "tests"))
    from lives import PLAN, RATE, SHIFT, at_the_edge, found_after, stated, stationary

    start = time.monotonic()
    still = sum(bool(one) for one in each(stationary, first, number))
    edge = sum(bool(one) for one in each(at_the_edge, first, number))
    delays, within = each(found_after, first, number // 5), stated()
    found = sum(one is not None and one <= within for one in delays)
    effect = PLAN.effect("selection_rate")
    seen = sorted(one for one in delays if one is not None)
    text = f"""# The long run: alarms over {number:,} lives

Written by `python -m bench.soak_alarms`; every figure is of this run.

| | |
|---|---|
| lives | 730 daily windows each, seeds {first:,} to {first + number - 1:,}, drawn by `tests/lives.py` |
| stated chance of any false alarm in a life | {RATE:.0%} |
| lives without a change that raised one | {still} of {number:,} (95 % interval {interval(still, number)}) |
| lives {effect:.0%} from it, just no change, that raised one | {edge} of {number:,} ({interval(edge, number)}) |
| a change of {SHIFT:.0%} after a year: stated delay | {within} days, in nine of ten lives |
| found within it | {found} of {len(delays)} ({interval(found, len(delays))}) |
| found after | {median(seen):.0f} days in the middle, {seen[-1]} at the longest |
| took | {(time.monotonic() - start) / 60:.0f} minutes in {os.cpu_count()} processes |
| Python | {python_version()} |
"""
    most = binom.ppf(0.999, number, RATE)
    kept = still <= most and edge <= most and found >= binom.ppf(0.001, len(delays), 0.9)
    print(text)
    if kept and number >= WHOLE:
        RESULT.write_text(text, encoding="utf-8")
    return 0 if kept else 1


def each(of: Callable[[int], Any], first: int, number: int) -> list[Any]:
    """What each life came to."""
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        return list(workers.map(of, range(first, first + number), chunksize=20))


def interval(hits: int, n: int) -> str:
    """Clopper and Pearson's interval of a share, in words."""
    found = binomtest(hits, n).proportion_ci(method="exact")
    return f"{found.low:.1%} to {found.high:.1%}"


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in (*sys.argv[1:], *("1000", "0")[len(sys.argv) - 1 :]))))
