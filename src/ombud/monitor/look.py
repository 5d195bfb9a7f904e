"""A look at all decisions: how many each window holds, and a fingerprint of them, one scan; nothing is counted yet.

Late rows, changed labels and erased people show in the fingerprint of their window, and only such windows are counted
again. Of a folder of Parquet files, files that did not change since the last look are not even read.
"""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from ombud.evidence.canonical import digest
from ombud.monitor.source import Source, read, written
from ombud.store.windows import Windows

_SEED: Final = 20_261_125

Groups = Sequence[Sequence[Any]]
"""[window or None, whether it is in the future, rows, sum of their hashes as text], as one file holds them."""


@frozen
class Mark:
    """What is known of the rows of a window without counting them: how many, and the sum of their hashes."""

    rows: int = 0
    fingerprint: str = "0"


@frozen(kw_only=True)
class Seen:
    """One look at all decisions.

    Attributes:
        marks: by the beginning of the window; windows without rows are absent.
        future: rows dated after now; they are left out until their time.
        undated: rows without a readable time; they are in no window.
    """

    marks: Mapping[datetime, Mark] = field(factory=dict)
    future: int = 0
    undated: int = 0


def look(source: Source, now: datetime, system: str, store: Windows) -> Seen:
    """Fingerprint every window."""
    return _together(_looked(source, now, system, store))


def _together(groups: Iterable[Sequence[Any]]) -> Seen:
    marks: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    future = undated = 0
    for window, later, rows, hashes in groups:
        if window is None:
            undated += rows
        elif later:
            future += rows
        else:
            mark = marks[read(window)]
            mark[0] += rows
            mark[1] += int(hashes)
    return Seen(marks={w: Mark(n, str(fp)) for w, (n, fp) in marks.items()}, future=future, undated=undated)


def _looked(source: Source, now: datetime, system: str, store: Windows) -> Iterator[Sequence[Any]]:
    table = source.table
    if len(table.files) < 2 or table.numbered is None:
        return _asked(source, now, table.relation, "", "")
    return _by_file(source, now, system, store)


def _asked(source: Source, now: datetime, relation: str, file: str, where: str) -> Iterator[Sequence[Any]]:
    """Groups of rows, with the file before them if `file` asks for it."""
    engine = source.table.engine
    hashed = engine.row_hash([engine.quote(name) for name in source.counted], _SEED)
    later = f"CASE WHEN {source.moment} > {engine.at(written(now))} THEN 1 ELSE 0 END"
    grouped = (
        f"SELECT {file}{source.truncated(source.length)} AS w, {later} AS later, count(*) AS n, "
        f"{engine.total(hashed)} AS fp FROM {relation} {where} GROUP BY {'1, 2, 3' if file else '1, 2'}"
    )
    names = f"{'file, ' if file else ''}{engine.text('w')}, later, n, fp"
    for *of, window, later_, rows, hashes in engine.ask(f"SELECT {names} FROM ({grouped}) AS looked"):
        yield (*of, window, int(later_), int(rows), str(int(hashes)))


def _by_file(source: Source, now: datetime, system: str, store: Windows) -> Iterator[Sequence[Any]]:
    """The same, file by file; what is known of a file of this name, size and time is not asked again."""
    key, stamps = _key(source), {_stamp(file): file for file in source.table.files}
    known: Mapping[str, Groups] = store.remembered(system, key)
    missing = {stamp: file for stamp, file in stamps.items() if stamp not in known}
    found = _of_files(source, now, missing) if missing else {}
    source.refuse_change()
    every = {stamp: known[stamp] if stamp in known else found.get(stamp, ()) for stamp in stamps}
    # what is in the future now will not be so for ever
    settled = {stamp: groups for stamp, groups in every.items() if not any(later for _, later, _, _ in groups)}
    if missing or len(settled) != len(known):
        store.remember(system, key, settled)
    return (group for groups in every.values() for group in groups)


def _of_files(source: Source, now: datetime, files: Mapping[str, Path]) -> dict[str, list[Sequence[Any]]]:
    assert source.table.numbered is not None
    engine, relation = source.table.engine, source.table.numbered[0]
    listed = ", ".join(engine.string(str(file)) for file in files.values())
    stamps = {str(file): stamp for stamp, file in files.items()}
    found: dict[str, list[Sequence[Any]]] = {stamp: [] for stamp in files}
    for file, *group in _asked(source, now, relation, "filename AS file, ", f"WHERE filename IN ({listed})"):
        found[stamps[str(file)]].append(group)
    return found


def _stamp(file: Path) -> str:
    stat = file.stat()
    return f"{file}|{stat.st_size}|{stat.st_mtime_ns}"


def _key(source: Source) -> str:
    from duckdb import __version__

    return digest(["files", 1, __version__, source.length, list(source.counted), dict(source.table.types)])
