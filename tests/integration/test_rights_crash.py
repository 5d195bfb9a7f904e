"""Killed at any moment, or run twice at once: an erasure ends as if nothing had happened, and harms nobody else."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from doors import COMMAND, environment, inside, obeyed
from petitions import ANNA, grant, open_shop, rows, steps_of

FILES, ROWS, KILLS = 24, 4_000, 4
"""So many files hold the person, each with so many rows; so often a run is killed."""


@pytest.fixture(scope="module")
def granted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A shop with much to do, and a granted erasure."""
    shop = open_shop(tmp_path_factory.mktemp("crash") / "shop")
    for number in range(FILES):
        email = [ANNA if row % 40 == number else f"other{row}@mail.example" for row in range(ROWS)]
        table = pa.table({"email": email, "page": [f"/{row}" for row in range(ROWS)]})
        pq.write_table(table, shop / "lake" / f"more-{number:02d}.parquet", row_group_size=500)
    with sqlite3.connect(shop / "shop.db") as database:
        orders = [(None, "C-1" if number % 2 else "C-2", "lamp") for number in range(4_000)]
        database.executemany("INSERT INTO orders VALUES (?, ?, ?)", orders)
    database.close()
    return shop, grant(shop, "erasure")


@pytest.fixture
def shop(granted: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    return shutil.copytree(granted[0], tmp_path / "shop"), granted[1]


@pytest.fixture(scope="module")
def undisturbed(granted: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the shop holds after a run that nothing happened to."""
    folder = shutil.copytree(granted[0], tmp_path_factory.mktemp("quiet") / "shop")
    obeyed("rights", "fulfil", granted[1], at=folder)
    return held(folder)


def held(folder: Path) -> dict[str, object]:
    """All rows of all tables and files; the names of the files."""
    tables = {name: rows(folder, f"SELECT * FROM {name} ORDER BY 1") for name in ("customers", "orders", "invoices")}
    files = {path.name: pq.read_table(path).to_pydict() for path in sorted((folder / "lake").iterdir())}
    return {**tables, **files}


def began(folder: Path, case: str) -> "subprocess.Popen[bytes]":
    command = [*COMMAND, "rights", "fulfil", case]
    return subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def changes(folder: Path) -> tuple[object, ...]:
    """What changes as soon as a run writes anywhere."""
    places = [folder / "lake", folder, folder / ".ombud"]
    return tuple((one.name, one.stat().st_mtime_ns) for place in places for one in _entries(place))


def _entries(place: Path) -> Iterator[Path]:
    yield place
    yield from (one for one in sorted(place.iterdir()) if one.exists())


def kill_midway(folder: Path, case: str, chance: random.Random) -> bool:
    """Kill a run some moments after it first wrote something; False if it ended before."""
    run, begun = began(folder, case), time.monotonic()
    before, after = changes(folder), chance.uniform(0, 0.4)
    while run.poll() is None and time.monotonic() < begun + 60:
        try:
            if changes(folder) != before:
                break
        except FileNotFoundError:  # a draft went while it was looked at
            break
        time.sleep(0.002)
    time.sleep(after)
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)
    _out, err = run.communicate(timeout=60)
    assert b"Traceback" not in err, err
    return run.returncode == -signal.SIGKILL


def test_killed_again_and_again_it_ends_as_if_nothing_had_happened(
    shop: tuple[Path, str], undisturbed: dict[str, object]
) -> None:
    folder, case = shop
    untouched = (folder / "lake" / "b.parquet").read_bytes()
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")  # shown if the test fails
    chance, killed = random.Random(seed), 0
    for _ in range(KILLS):
        killed += kill_midway(folder, case, chance)
    assert killed, "no run was killed, so this would show nothing"
    print(f"{killed} of {KILLS} runs were killed midway")
    last = inside("rights", "fulfil", case, "--format", "json", at=folder)
    assert last.code == 0 or (last.code == 2 and killed < KILLS), last.said
    assert held(folder) == undisturbed
    assert (folder / "lake" / "b.parquet").read_bytes() == untouched
    steps = steps_of(folder, case)
    assert steps.count("fulfilled") == 1 and steps.count("acting") == 1
    outcomes = obeyed("rights", "show", case, "--format", "json", at=folder)
    assert '"failed"' not in outcomes.out.split('"fulfilled"')[0].split('"acted"')[-1]
    assert inside("ledger", "verify", at=folder).code == 0
    looked = inside("rights", "scan", "lake", "shop.db", "--identity", f"email={ANNA}", at=folder)
    assert looked.code == 0, looked.said


def test_of_two_runs_at_once_one_ends_and_the_other_is_told_so(
    shop: tuple[Path, str], undisturbed: dict[str, object]
) -> None:
    folder, case = shop
    runs = [began(folder, case) for _ in range(2)]
    said = [run.communicate(timeout=240) for run in runs]
    codes = sorted(run.returncode for run in runs)
    assert all(b"Traceback" not in err and b"did not foresee" not in err for _, err in said), said
    assert codes.count(0) <= 1 and set(codes) <= {0, 1, 2, 3}, (codes, said)
    if 0 not in codes:  # each was in the other's way; nobody claimed more than was so
        assert inside("rights", "fulfil", case, at=folder).code == 0
    assert steps_of(folder, case).count("fulfilled") == 1 and held(folder) == undisturbed
    assert inside("rights", "fulfil", case, at=folder).code == 2, "it is done"
    assert inside("ledger", "verify", at=folder).code == 0


@pytest.mark.parametrize("mapped", [False, True])
def test_whoever_is_reading_a_file_reads_it_to_its_end(shop: tuple[Path, str], mapped: bool) -> None:
    folder, case = shop
    path = folder / "lake" / "more-00.parquet"
    whole = pq.read_table(path)
    with pq.ParquetFile(path, memory_map=mapped) as reader:
        batches = reader.iter_batches(batch_size=100)
        first = next(batches)
        obeyed("rights", "fulfil", case, at=folder)
        assert pa.Table.from_batches([first, *batches]).equals(whole), "what was opened before stays whole"
    after = pq.read_table(path)["email"].to_pylist()
    assert ANNA not in after and len(after) == whole.num_rows - whole["email"].to_pylist().count(ANNA)
