"""Ten thousand random databases, each with a person erased from it; what came of it is kept in tests/soak/RESULT.md.

Run: python -m bench.soak [databases] [first seed]. It ends with 1 if in any database something is not as it must be,
and names the seed, with which `tests/schemas.py` draws it again. Only a whole run of ten thousand or more writes the
result.
"""

import os
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from platform import python_version

from sqlalchemy import create_engine

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "tests" / "soak" / "RESULT.md"
WHOLE = 10_000
TOGETHER = 100
MEMORY = Path("/dev/shm")  # what is soaked is the erasing, not the disk


def main(databases: int, first: int) -> int:
    """Erase from each database; 0 if all is as it must be."""
    start = time.monotonic()
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        for counts, problems in workers.map(some, parts(first, first + databases)):
            seen.update(counts)
            wrong += problems
            if seen["databases"] % 500 == 0:
                print(f"{seen['databases']:,} of {databases:,}", file=sys.stderr, flush=True)
    text = told(seen, first, time.monotonic() - start)
    print("\n".join(wrong) if wrong else text)
    if databases >= WHOLE and not wrong:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(text, encoding="utf-8")
    return 1 if wrong else 0


def parts(first: int, end: int) -> Iterator[range]:
    """Seeds in lots."""
    return (range(start, min(start + TOGETHER, end)) for start in range(first, end, TOGETHER))


def some(seeds: range) -> tuple[Counter[str], list[str]]:
    """Erase from the databases of some seeds; what was there, and what was wrong."""
    sys.path.insert(0, str(ROOT / "tests"))
    from schemas import draw, erase_twice

    seen: Counter[str] = Counter()
    wrong = []
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        for seed in seeds:
            world = draw(seed)
            address = f"sqlite:///{folder}/{seed}.db"
            engine = create_engine(address)
            world.create(engine)
            try:
                erase_twice(world, engine, address)
            except Exception as error:
                wrong.append(f"seed {seed}: {type(error).__name__}: {error}")
            engine.dispose()
            Path(folder, f"{seed}.db").unlink()
            seen.update(tables=len(world.plans), rows=sum(len(one.rows) for one in world.plans.values()))
            seen.update(theirs=sum(map(len, world.found.values())), databases=1)
    return seen, wrong


def told(seen: Counter[str], first: int, seconds: float) -> str:
    """The result as it is kept."""
    last = first + seen["databases"] - 1
    return f"""# The long run: a person erased from {seen["databases"]:,} random databases

Written by `make soak`; every figure is of this run.

| | |
|---|---|
| databases | {seen["databases"]:,}, drawn from seeds {first:,} to {last:,} by `tests/schemas.py` |
| tables, rows in them | {seen["tables"]:,}, {seen["rows"]:,} |
| rows of the person to be erased | {seen["theirs"]:,} |
| foreign keys violated afterwards | 0 |
| texts of the person left that no outcome accounts for | 0 |
| rows of others deleted, or changed beyond a pointer to the person | 0 |
| outcomes that a count by hand contradicts | 0 |
| rows kept although nothing needed them | 0 |
| databases in which erasing again deleted anything more | 0 |
| took | {seconds / 60:.0f} minutes in {os.cpu_count()} processes |
| SQLite, Python | {sqlite3.sqlite_version}, {python_version()} |

Were one of the zeros not zero, the run would name the seed, and would not have written this page.
"""


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    sys.exit(main(numbers[0] if numbers else WHOLE, numbers[1] if len(numbers) > 1 else 0))
