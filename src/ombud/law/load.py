"""Load the law that comes with Ombud, and folders of the user's own, the same way."""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

from ombud.errors import Invalid, Misused, NotFound
from ombud.law.framework import read_framework
from ombud.law.model import Row
from ombud.law.pack import Pack

SUFFIXES = (".yaml", ".yml")


def built_in() -> Path:
    """The folder of the frameworks that come with Ombud."""
    return Path(str(files("ombud.law") / "frameworks"))


def load_pack(folders: Sequence[Path] = ()) -> Pack:
    """The built-in law with that of some folders (files *.yaml directly in them).

    Raises:
        NotFound: a folder is not there.
        Misused: a folder holds no law file.
        Invalid, Unreadable: a file is wrong, with its line; or an id is given twice.
    """
    return read_pack(path for folder in (built_in(), *folders) for path in law_files(folder))


def law_files(folder: Path) -> tuple[Path, ...]:
    """The law files of a folder, in the order of their names."""
    if not folder.is_dir():
        raise NotFound("folder of law files", str(folder))
    found = tuple(sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES))
    if not found and folder != built_in():
        raise Misused(f"{folder} holds no law file", "Put a *.yaml file there; docs/how-to/add-a-law.md shows one.")
    return found


def read_pack(paths: Iterable[Path]) -> Pack:
    """A pack of just these files."""
    rows: dict[str, Row] = {}
    where: dict[str, Path] = {}
    for path in paths:
        for row in read_framework(path):
            if row.id in rows:
                raise Invalid(path, None, f"requirements.{row.id}", f"is already given in {where[row.id]}")
            rows[row.id], where[row.id] = row, path
    return Pack(tuple(rows.values()))
