"""Verify a long log with all processors: the same work as `evidence.entry.examine`, spread over processes.

Each process is a fresh interpreter that reads entries from its standard input, so that this works wherever Ombud is
called from (a notebook, a script without a main guard, a server).
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ombud.evidence.entry import Entry, Examined, examine

FEWEST: Final = 4000
"""Below this many entries, starting processes costs more than it saves."""

_MOST_PROCESSES: Final = 8


def examine_in_parallel(entries: Sequence[Entry], publics: Mapping[str, bytes]) -> Sequence[Examined]:
    """Read every statement and verify every signature; in this process if there are few or others cannot be started."""
    seen = examine_leaves([entry.leaf for entry in entries], publics) if len(entries) >= FEWEST else None
    return examine(entries, publics) if seen is None else seen


def examine_leaves(leaves: Sequence[bytes], publics: Mapping[str, bytes]) -> Sequence[Examined] | None:
    """What other processes say of these entries; None if they cannot be started."""
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    try:
        with ThreadPoolExecutor(processes) as threads:
            answers = list(threads.map(lambda share: _ask(share, publics), _shares(leaves, processes)))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    found = [seen for answer in answers for seen in answer]
    return found if len(found) == len(leaves) else None


def _shares(leaves: Sequence[bytes], count: int) -> list[Sequence[bytes]]:
    size = max(1, -(-len(leaves) // count))
    return [leaves[start : start + size] for start in range(0, len(leaves), size)]


def _ask(leaves: Sequence[bytes], publics: Mapping[str, bytes]) -> list[Examined]:
    keys = json.dumps({name: raw.hex() for name, raw in publics.items()})
    answer = subprocess.run(
        [sys.executable, "-m", "ombud.store.workers"],
        input=b"\n".join((keys.encode(), *leaves)),
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    return [Examined(*told) for told in json.loads(answer.stdout)]


def _answer(lines: Sequence[bytes]) -> list[tuple[str, bool, str | None, bool | None]]:
    """Each entry is read, examined and forgotten, so that a long log needs no more memory than its bytes."""
    publics = {name: bytes.fromhex(raw) for name, raw in json.loads(lines[0]).items()}
    entries = (Entry.read(index, line) for index, line in enumerate(lines[1:]))
    return [(seen.kind, seen.known, seen.problem, seen.signed) for seen in examine(entries, publics)]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_answer(sys.stdin.buffer.read().split(b"\n"))))
