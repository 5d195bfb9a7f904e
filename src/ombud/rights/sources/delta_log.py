"""Delta's log: what it remembers of people, which files no version needs, and how it is cut behind a checkpoint."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Final
from urllib.parse import unquote

from ombud.rights.proof.decode import decode
from ombud.rights.proof.identifiers import Identifier
from ombud.rights.proof.matcher import Matcher
from ombud.rights.proof.sink import Gathered, Sink
from ombud.rights.sources.matching import Wanted
from ombud.rights.sources.objects import DRAFT, Files
from ombud.rights.sources.parquet_shape import Shape, decoded

MARK: Final = "ombud"
"""Key in the commits that Ombud writes, by which a second run sees that the first was not finished."""

LOG: Final = "_delta_log"
OLD_ENOUGH: Final = 3600.0
"""Seconds after which a file that no version knows is taken for one that nobody will commit any more."""

OTHERS_MAY_WRITE: Final = (
    "a young file that no version of the table knows holds the person: a writer may be about to commit it; run it"
    " again later, or set the option writers to stopped"
)
_KINDS: Final = ("add", "remove", "cdc")
_VERSION: Final = re.compile(r"(\d{20})\.")


def unreferenced(files: Files, folder: str, current: Callable[[], Sequence[str]]) -> dict[str, bool]:
    """Files of a table that its newest version does not need → whether they may go.

    They may if the log knows them (an older version did need them) or if they are old enough.

    Args:
        current: the files of the newest version. It is asked last: a file that another writer commits in between is in
            none of the first two lists or in this one, and so is never taken for one that nobody needs any more.
    """
    everything, known = files.everything(folder), _mentioned(files, folder)
    used = set(current())
    newest = max((written or 0.0 for written in everything.values()), default=0.0)
    return {
        name: name in known or _old(written, newest)
        for name, written in everything.items()
        if name not in used and not name.startswith(f"{folder}/{LOG}/") and not _hidden(name, folder)
    }


def _old(written: float | None, newest: float) -> bool:
    return written is not None and newest - written > OLD_ENOUGH


def _hidden(name: str, folder: str) -> bool:
    """What is not the table's: other folders that begin with a dot or an underline, but its change data is."""
    first = name.removeprefix(f"{folder}/").split("/")[0]
    return first[:1] in "._" and "=" not in first and first != "_change_data" and not first.endswith(".bin")


def _mentioned(files: Files, folder: str) -> set[str]:
    found: set[str] = set()
    for _, action in _actions(files, folder):
        found |= {str(action[kind].get("path")) for kind in _KINDS if isinstance(action.get(kind), dict)}
    for name in _logs(files, folder):
        if ".checkpoint" in name and name.endswith(".parquet"):
            with files.open(name) as stream:
                found |= _listed(stream)
    return {f"{folder}/{unquote(path)}" for path in found}


def _listed(stream: IO[bytes]) -> set[str]:
    """Files that a checkpoint names; one that cannot be read names none, and the scanner tells of it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(stream, pre_buffer=False)
        kinds = [kind for kind in _KINDS if kind in file.schema_arrow.names]
        table = file.read([f"{kind}.path" for kind in kinds])
    except (pa.ArrowException, OSError):
        return set()
    return {row["path"] for kind in kinds for row in table.column(kind).to_pylist() if row and row["path"]}


def _actions(files: Files, folder: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Lines of all commits; those that are no JSON are left to the scanner."""
    for name in _logs(files, folder):
        if name.endswith(".json"):
            with files.open(name) as stream:
                for line in stream.read().splitlines():
                    try:
                        action = json.loads(line)
                    except ValueError:
                        continue
                    if isinstance(action, dict):
                        yield name, action


def _logs(files: Files, folder: str) -> list[str]:
    return [name for name in files.everything(f"{folder}/{LOG}") if not name.rsplit("/", 1)[-1].startswith(DRAFT)]


def unfinished(files: Files, folder: str) -> bool:
    """Whether an erasure was committed and the log behind it was not cut."""
    return any(action.get("commitInfo", {}).get(MARK) == "erasure" for _, action in _actions(files, folder))


def holders(files: Files, folder: str, wanted: Sequence[Wanted]) -> list[str]:
    """What in the log still holds the person or cannot be read, in words; statistics and conditions are decoded."""
    values = {(part, one.form) for one in wanted for key in one.keys for part in key if len(part) > 3}
    gathered = Gathered()
    matcher = Matcher.of([Identifier(part, form) for part, form in sorted(values)])
    for name in _logs(files, folder):
        with files.open(name) as stream:
            decode(memoryview(stream.read()), Sink(matcher, name, gathered))
    found = len({name for name, _ in gathered.places})
    said = [f"{found} files of the table's log still hold the person"] if found else []
    return said + (["files of the table's log cannot be read"] if gathered.unread else [])


def cut(files: Files, folder: str, version: int, check: Callable[[], None]) -> None:
    """Take the removed files out of the checkpoint of a version, and delete the log before it.

    Args:
        check: raises if the table is not what it was; called before anything is deleted.
    """
    logs = _logs(files, folder)
    kept = [name for name in logs if _version(name) == version]
    rows = sum(_without_removed(files, name) for name in kept if ".checkpoint" in name)
    _last(files, f"{folder}/{LOG}/_last_checkpoint", rows)
    check()
    for name in kept:
        if name.endswith(f"{version:020d}.json"):
            _plain_commit(files, name)
    for name in sorted(logs, key=lambda one: (_version(one) or 0, one)):
        number = _version(name)
        if (number is not None and number < version) or "/_sidecars/" in name:
            files.remove(name)


def _version(name: str) -> int | None:
    found = _VERSION.match(name.rsplit("/", 1)[-1].lstrip("."))
    return int(found[1]) if found else None


def _without_removed(files: Files, name: str) -> int:
    """A checkpoint lists files that were removed, with their partitions; nobody needs them now. Rows that stay."""
    import pyarrow.parquet as pq

    rows = 0
    with files.replacing(name) as draft:
        with files.open(name) as stream:
            file = pq.ParquetFile(stream, pre_buffer=False)
            shape = Shape.of(file, name, (), strict=False)
            with pq.ParquetWriter(draft.stream, shape.schema, **shape.options) as writer:
                writer.add_key_value_metadata(dict(shape.metadata))
                for group in range(file.metadata.num_row_groups):
                    table = file.read_row_group(group)
                    kept = table.filter(table.column("remove").is_null()) if "remove" in table.column_names else table
                    rows += kept.num_rows
                    writer.write_table(decoded(kept).cast(shape.schema))
        draft.reread().close()
        draft.publish()
    return rows


def _last(files: Files, name: str, rows: int) -> None:
    """The pointer to the checkpoint counts its rows."""
    with files.open(name) as stream:
        about = json.loads(stream.read())
    about["size"] = rows
    for key in ("checksum", "sizeInBytes"):
        about.pop(key, None)
    _write(files, name, json.dumps(about).encode())


def _plain_commit(files: Files, name: str) -> None:
    """The newest commit, if it is the deletion: without its condition, its mark and the files it removed."""
    with files.open(name) as stream:
        lines = [json.loads(line) for line in stream.read().splitlines() if line.strip()]
    for action in lines:
        if "commitInfo" in action:
            action["commitInfo"].pop(MARK, None)
            action["commitInfo"]["operationParameters"] = {}
    plain = [action for action in lines if "remove" not in action and "cdc" not in action]
    if plain != lines or any("commitInfo" in action for action in lines):
        _write(files, name, b"".join(json.dumps(action).encode() + b"\n" for action in plain))


def _write(files: Files, name: str, content: bytes) -> None:
    with files.replacing(name) as draft:
        stream: IO[bytes] = draft.stream
        stream.write(content)
        draft.reread().close()
        draft.publish()
