"""Released rows are immutable: a lock holds the digest of every version that was ever released.

`python -m ombud.law.release` adds what is new, and refuses if anything released was changed or taken away: what we had
wrong is put right by a new version that says `corrects:`, so that past answers stay explicable. `--check` only looks.
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

import rfc8785

from ombud.law.load import load_pack
from ombud.law.pack import Pack
from ombud.law.plain import resolved_version

Lock = Mapping[str, Sequence[str]]
"""Id → the digests of its versions, in order."""

LOCK: Final = "RELEASED.json"


def lock_path() -> Path:
    """Where the lock lies, beside the frameworks."""
    return Path(str(files("ombud.law") / LOCK))


def read_lock() -> Lock:
    """The lock as released; empty before the first release."""
    path = lock_path()
    found: Lock = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def digests(pack: Pack) -> dict[str, list[str]]:
    """What a lock over the whole pack would hold."""
    return {
        row.id: [hashlib.sha256(rfc8785.dumps(resolved_version(row, one))).hexdigest() for one in row.versions]
        for row in sorted(pack.rows, key=lambda row: row.id)
    }


def tampered(lock: Lock, pack: Pack) -> tuple[str, ...]:
    """What was released and is not as it was: one sentence each."""
    now = digests(pack)
    found = []
    for id, released in lock.items():
        for number, digest in enumerate(released, start=1):
            held = now.get(id, [])
            if number > len(held):
                found.append(f"{id}: version {number} was released and is gone")
            elif held[number - 1] != digest:
                found.append(f"{id}: version {number} was released and has been edited; add a version with corrects:")
    return tuple(found)


def unreleased(lock: Lock, pack: Pack) -> tuple[str, ...]:
    """What the pack holds and the lock does not: "id version n"."""
    return tuple(
        f"{row.id} version {number}"
        for row in pack.rows
        for number in range(len(lock.get(row.id, ())) + 1, len(row.versions) + 1)
    )


def main(arguments: Sequence[str]) -> int:
    """Check, and unless `--check`, release; 1 if something released was changed, or `--check` finds new rows."""
    lock, pack = read_lock(), load_pack()
    broken, new = tampered(lock, pack), unreleased(lock, pack)
    sys.stdout.writelines(f"{line}\n" for line in broken)
    if broken or "--check" in arguments:
        sys.stdout.write(f"{len(broken)} released versions changed, {len(new)} not yet released\n")
        return 1 if broken or new else 0
    lock_path().write_text(json.dumps(digests(pack), indent=0, sort_keys=True) + "\n", encoding="utf-8")
    sys.stdout.write(f"released {len(new)} versions\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
