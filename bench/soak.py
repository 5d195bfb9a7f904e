"""Ten thousand random databases, each with a person erased from it; what came of it is kept in tests/soak/RESULT.md.

Run: python -m bench.soak [databases] [first seed]. It ends with 1 at the first database in which something is not as
it must be, and names the seed, with which `tests/schemas.py` draws it again. Only a whole run of ten thousand or more
writes the result.
"""

import sqlite3
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from platform import python_version

from sqlalchemy import create_engine

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "tests" / "soak" / "RESULT.md"
WHOLE = 10_000


def main(databases: int, first: int) -> int:
    """Erase from each database; 0 if all is as it must be."""
    sys.path.insert(0, str(ROOT / "tests"))
    from schemas import draw, erase_twice

    start = time.monotonic()
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for done, seed in enumerate(range(first, first + databases), 1):
            world = draw(seed)
            path = Path(folder) / f"{seed}.db"
            engine = create_engine(f"sqlite:///{path}")
            world.create(engine)
            try:
                erase_twice(world, engine, f"sqlite:///{path}")
            except Exception as error:
                print(f"seed {seed}: {type(error).__name__}: {error}")
                return 1
            finally:
                engine.dispose()
                path.unlink()
            seen.update(tables=len(world.plans), rows=sum(len(one.rows) for one in world.plans.values()))
            seen.update(theirs=sum(map(len, world.found.values())), databases=1)
            if done % 500 == 0:
                print(f"{done:,} of {databases:,}", file=sys.stderr, flush=True)
    text = told(seen, first, time.monotonic() - start)
    print(text)
    if databases >= WHOLE:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(text, encoding="utf-8")
    return 0


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
| took | {seconds / 60:.0f} minutes in one process; SQLite {sqlite3.sqlite_version}, Python {python_version()} |

The run stops at the first database in which one of the zeros is not zero, names its seed, and writes nothing here.
"""


if __name__ == "__main__":
    sys.exit(
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else WHOLE,
            int(sys.argv[2]) if len(sys.argv) > 2 else 0,
        )
    )
