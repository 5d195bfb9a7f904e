"""`python -m ombud.law.lint [FILE…]`: every error of law files at once, for those who write them."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ombud.errors import OmbudError
from ombud.law.framework import read_head, read_row
from ombud.law.load import built_in, law_files
from ombud.law.tree import read_tree


def errors(path: Path) -> Iterator[str]:
    """What is wrong with a law file, at most one sentence a requirement."""
    try:
        head = read_head(read_tree(path))
    except OmbudError as error:
        yield str(error)
        return
    for id, node in head.requirements.items():
        try:
            read_row(id, node, head)
        except OmbudError as error:
            yield str(error)


def main(arguments: Sequence[str]) -> int:
    """Print the errors of files and folders; 1 if there are any."""
    named = [Path(argument) for argument in arguments] or [built_in()]
    paths = [path for place in named for path in (law_files(place) if place.is_dir() else (place,))]
    found = [error for path in paths for error in errors(path)]
    sys.stdout.writelines(f"{error}\n" for error in found)
    sys.stderr.write(f"{len(paths)} files, {len(found)} errors\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
