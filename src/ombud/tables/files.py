"""Files as they are found: paths and globs, formats by name and first bytes, and what is wrong with a broken one."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from ombud.errors import NotFound, Unreadable
from ombud.tables.table import named

_SUFFIXES: Final = {
    ".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "csv",
    ".jsonl": "json", ".ndjson": "json", ".json": "json",
}  # fmt: skip
_MAGIC: Final = ((0, b"PAR1", "parquet"), (0, b"SQLite format 3\0", "sqlite"), (8, b"DUCK", "duckdb"))
_DELIMITERS: Final = ",;\t|"
_GLOB: Final = re.compile(r"[*?\[]")


def find(path: str, base: Path | None) -> tuple[Path, ...]:
    """The files an address names, sorted; a name that exists is never read as a pattern.

    Raises:
        NotFound: nothing there.
    """
    if "\0" in path:
        raise NotFound("file", named(path))
    whole = (base or Path()).absolute() / Path(path).expanduser()
    if whole.is_dir():
        found = tuple(sorted(whole.rglob("*.parquet")))
    elif whole.exists() or not _GLOB.search(path):
        found = (whole,) if whole.is_file() else ()
    else:
        found = _glob(whole)
    if not found:
        raise NotFound("file", named(path), f"Paths start from {base or Path().absolute()}.")
    return found


def _glob(whole: Path) -> tuple[Path, ...]:
    fixed = list(whole.parts)
    start = next(i for i, part in enumerate(fixed) if _GLOB.search(part))
    root = Path(*fixed[:start])
    return tuple(sorted(path for path in root.glob("/".join(fixed[start:])) if path.is_file()))


def literal(path: Path) -> str:
    """A path for an engine that reads patterns: brackets make every special letter stand for itself."""
    return re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", str(path))


def format_of(path: Path) -> str:
    """What a file is, by its first bytes, else by its name; "" if neither tells."""
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
    except OSError as error:
        raise Unreadable(str(path), f"it cannot be opened ({type(error).__name__})", "Check its permissions.") from None
    for at, magic, kind in _MAGIC:
        if head[at : at + len(magic)] == magic:
            return kind
    return _SUFFIXES.get(path.suffix.lower(), "")


def parquet_names(found: Iterable[Path]) -> list[str]:
    """The columns of Parquet files.

    Raises:
        Unreadable: one is truncated or not Parquet, or the files have different columns.
    """
    names: list[str] | None = None
    for path in found:
        try:
            here = pq.read_schema(path).names
        except (pa.ArrowException, OSError):
            raise Unreadable(str(path), "this is not a complete Parquet file") from None
        if names is not None and here != names:
            raise Unreadable(str(path), "its columns differ from those of the files before it")
        names = here
    return names or []


# --- text -------------------------------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def csv_relation(path: Path) -> tuple[str, list[str]]:
    """How a CSV file is read, strictly, and its header.

    Raises:
        Unreadable: empty, or not UTF-8.
    """
    header = _header(path)
    relation = (
        f"read_csv({_quoted(literal(path))}, delim = {_quoted(delimiter(path))}, header = true, skip = 0, "
        "quote = '\"', escape = '\"', comment = '', strict_mode = true, null_padding = false, ignore_errors = false, "
        "sample_size = -1)"
    )
    return relation, header


def json_relation(path: Path) -> tuple[str, None]:
    """How a file of JSON lines is read."""
    lines = "auto" if path.suffix.lower() == ".json" else "newline_delimited"
    return f"read_json({_quoted(literal(path))}, format = '{lines}', sample_size = -1)", None


def delimiter(path: Path) -> str:
    """What separates the columns: the candidate that occurs most often in the header line outside quotes."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        line = re.sub(r'"[^"]*"', "", stream.readline())
    return max(_DELIMITERS, key=line.count)


def _header(path: Path) -> list[str]:
    try:
        separator = delimiter(path)
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = next(csv.reader(stream, delimiter=separator, strict=True), None)
    except (UnicodeDecodeError, csv.Error):
        raise explained(path, str(path)) from None
    if not header:
        raise Unreadable(str(path), "the file is empty: not even a header line")
    return header


def explained(path: Path, address: str) -> Unreadable:
    """Why a text file cannot be read, with the line; says nothing of what the line holds."""
    if format_of(path) == "json":
        return Unreadable(address, "this is not JSON lines: one complete object a line")
    try:
        return _ragged(path, address)
    except UnicodeDecodeError:
        return Unreadable(address, f"line {_first_bad_line(path)} is not UTF-8", "Save the file as UTF-8.")
    except csv.Error:
        return Unreadable(address, "a quote is opened and never closed")


def _ragged(path: Path, address: str) -> Unreadable:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream, delimiter=delimiter(path), strict=True)
        header = next(rows, [])
        start = rows.line_num + 1
        for row in rows:
            if row and len(row) != len(header):
                problem = f"line {start} has {len(row)} columns, the header has {len(header)}"
                return Unreadable(address, problem, "Mend the line; nothing was counted.")
            start = rows.line_num + 1
    return Unreadable(address, "it cannot be read as CSV; a value does not fit its column")


def _first_bad_line(path: Path) -> int:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1
