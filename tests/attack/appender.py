"""A process that appends measurements and says, line by line, what was acknowledged; tests kill it."""

import sys
from pathlib import Path

from ombud.evidence.statement import Statement, Subject
from ombud.store.workspace import open_workspace


def main(folder: str, name: str, count: int, batch: int) -> None:
    workspace = open_workspace(Path(folder))
    for start in range(0, count, batch):
        statements = [
            Statement(
                (Subject(name),),
                "measurement",
                {
                    "check": name,
                    "measurements": [{"n": n}],
                    "observed_at": workspace.now(),
                    "system": "m",
                    "software": {},
                },
            )
            for n in range(start, start + batch)
        ]
        entries = workspace.ledger.append([workspace.sign(statement, "ml") for statement in statements])
        for entry in entries:
            print(entry.index, entry.digest, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
