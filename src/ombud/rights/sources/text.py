"""CSV and JSON lines: whoever is erased goes, and the bytes of all other rows stay as they are."""

import csv
import gzip
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

from attrs import frozen

from ombud.errors import Misused, Unreadable
from ombud.rights.map.model import SourceSpec
from ombud.rights.sources.files import Edit, FileSource, Fixed, Written
from ombud.rights.sources.matching import Wanted, canonical, columns_of, fitting
from ombud.rights.sources.objects import open_files
from ombud.rights.sources.source import Value

_DELIMITERS: Final = ",;\t|"
_LONGEST_FIELD: Final = 64 * 2**20
_GZIP: Final = b"\x1f\x8b"
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def open_source(spec: SourceSpec, base: Path) -> FileSource:
    """Open a folder or bucket of CSV files or of JSON lines.

    Options: `encoding` (else a byte order mark tells, or it is UTF-8); for CSV `delimiter` (else the header tells),
    `quote` and `columns` (names, separated by commas, of files without a header).
    """
    encoding = spec.options.get("encoding")
    if spec.kind == "jsonl":
        return FileSource(spec, open_files(spec.address, base), JsonLines(encoding))
    names = tuple(name.strip() for name in spec.options.get("columns", "").split(",") if name.strip())
    csv_files = Csv(encoding, spec.options.get("delimiter"), spec.options.get("quote", '"'), names)
    return FileSource(spec, open_files(spec.address, base), csv_files)


@frozen
class Record:
    """A row: its text as it stands in the file, end of line included, and what it says by column.

    A row without columns (a header, a blank line) is nobody's.
    """

    text: str
    row: Mapping[str, Value]


Records = Iterable[Record]
Render = Callable[[Record, Mapping[str, Value]], str]


@frozen
class _Text(ABC):
    """What CSV and JSON lines have in common; see `files.Format`."""

    encoding: str | None = None

    @abstractmethod
    def _records(self, text: IO[str], name: str) -> Iterator[Record]: ...

    @abstractmethod
    def _render(self, record: Record, values: Mapping[str, Value]) -> str: ...

    def rows(
        self, stream: IO[bytes], name: str, fixed: Fixed, wanted: Sequence[Wanted], columns: Sequence[str] | None
    ) -> Iterator[dict[str, Value]]:
        """One pass, nothing kept."""
        fits = fitting(wanted)
        for row in self._whole_rows(stream, name, fixed, columns_of(wanted)):
            if fits(row):
                yield {one: _value(row, one) for one in columns} if columns is not None else _nested(row)

    def count(self, stream: IO[bytes], name: str, fixed: Fixed, wanted: Sequence[Wanted]) -> int:
        """One pass."""
        fits = fitting(wanted)
        return sum(fits(row) for row in self._whole_rows(stream, name, fixed, columns_of(wanted)))

    def values(self, stream: IO[bytes], name: str, fixed: Fixed, column: str) -> Iterator[Value]:
        """As they come."""
        return (row[column] for row in self._whole_rows(stream, name, fixed, (column,)))

    def rewrite(
        self, stream: IO[bytes], target: IO[bytes], name: str, fixed: Fixed, wanted: Sequence[Wanted], edit: Edit
    ) -> Written:
        """Copy all other rows to the letter."""
        fits, before, edited = fitting(wanted), 0, 0
        with _decoding(stream, self.encoding, name) as text, _encoding(target, text) as written:
            for record in self._records(text, name):
                before += bool(record.row)
                if record.row and fits(_Row(record.row, fixed)) and _still(record.row, edit):
                    edited += 1
                    written.write("" if edit.values is None else self._render(record, _given(edit, fixed)))
                else:
                    written.write(record.text)
        return Written(before, edited)

    def verify(self, stream: IO[bytes], original: IO[bytes], name: str, rows: int) -> None:
        """Read to the last row; the first row and the encoding must be those of before."""
        with _decoding(stream, self.encoding, name) as text, _decoding(original, self.encoding, name) as was:
            if (text.encoding, text.mark, text.zipped) != (was.encoding, was.mark, was.zipped):
                raise Unreadable(name, "the rewritten file would have another encoding and was thrown away")
            read = sum(bool(record.row) for record in self._records(text, name))
        if read != rows:
            raise Unreadable(name, f"the rewritten file holds {read} rows instead of {rows} and was thrown away")

    def _whole_rows(self, stream: IO[bytes], name: str, fixed: Fixed, needed: Sequence[str]) -> Iterator["_Row"]:
        """Rows with the columns of the folders; a column that no row has is told: it was renamed or never was."""
        missing, any_row = set(needed) - set(fixed), False
        with _decoding(stream, self.encoding, name) as text:
            for record in self._records(text, name):
                if record.row:
                    any_row, row = True, _Row(record.row, fixed)
                    if missing:
                        missing -= {one for one in missing if row.has(one)}
                    yield row
        if missing and any_row:
            problem = f"it has no column {min(missing)!r}"
            raise Unreadable(name, problem, "Correct the map of data, or look for a renamed column.")


class _Row(dict[str, Value]):
    """A row in which a dotted name means a field inside of an object."""

    def __init__(self, row: Mapping[str, Value], fixed: Fixed) -> None:
        super().__init__({**fixed, **row})

    def has(self, name: str) -> bool:
        return _reach(self, name)[0]

    def get(self, key: str, default: Any = None) -> Any:
        there, value = _reach(self, key)
        return value if there else default

    def __missing__(self, key: str) -> Value:
        return self.get(key)


def _reach(row: Mapping[str, Value], name: str) -> tuple[bool, Value]:
    if dict.__contains__(cast(dict[str, Value], row), name):
        return True, dict.__getitem__(cast(dict[str, Value], row), name)
    outer, dot, inner = name.partition(".")
    inside = dict.get(cast(dict[str, Value], row), outer)
    return _reach(inside, inner) if dot and isinstance(inside, dict) else (False, None)


def _value(row: _Row, name: str) -> Value:
    return row.get(name)


def _nested(row: _Row) -> dict[str, Value]:
    return dict(row)


def _still(row: Mapping[str, Value], edit: Edit) -> bool:
    return all(canonical(_Row(row, {}).get(name)) == canonical(value) for name, value in (edit.where or {}).items())


def _given(edit: Edit, fixed: Fixed) -> Mapping[str, Value]:
    values = edit.values or {}
    for name in values:
        if name in fixed:
            raise Misused(f"column {name!r} is the name of a folder and cannot be changed in its files")
    return values


# --- CSV ----------------------------------------------------------------------------------------------------------


@frozen
class Csv(_Text):
    """CSV by its delimiter and quotes; fields may hold line breaks.

    Attributes:
        delimiter: None: the header tells; quote: the quotation mark; names: columns of files without a header.
    """

    delimiter: str | None = None
    quote: str = '"'
    names: tuple[str, ...] = ()

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How names of its files end."""
        return (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz")

    def _records(self, text: IO[str], name: str) -> Iterator[Record]:
        """The csv module says where a row ends, and the lines it took are the row's text."""
        csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
        taken: list[str] = []
        lines, delimiter = _kept(text, taken), self.delimiter
        if delimiter is None:
            first = next(lines, "")
            taken.clear()
            delimiter = max(_DELIMITERS, key=first.count) if first else ","
            lines = _kept(_chain(first, text), taken)
        names = self.names
        try:
            for row in csv.reader(lines, delimiter=delimiter, quotechar=self.quote, strict=True):
                whole = "".join(taken)
                taken.clear()
                if not names and row:
                    names = _header(row, name)
                    yield Record(whole, {})
                else:
                    yield Record(whole, _fields(names, row, name))
        except csv.Error:
            raise Unreadable(name, "a row is not CSV", "Check its quotes and its delimiter.") from None
        yield from [Record("".join(taken), {})] if taken else []

    def _render(self, record: Record, values: Mapping[str, Value]) -> str:
        ending = record.text[len(record.text.rstrip("\r\n")) :]
        row = {**record.row, **{name: "" if value is None else canonical(value) for name, value in values.items()}}
        if set(row) != set(record.row):
            raise Misused("a column to be changed is not in the file", "Correct the map of data.")
        target = io.StringIO()
        delimiter = self.delimiter or _delimiter_of(record)
        csv.writer(target, delimiter=delimiter, quotechar=self.quote, lineterminator=ending).writerow(row.values())
        return target.getvalue()


def _delimiter_of(record: Record) -> str:
    """The delimiter by which a row's text has as many fields as it was read to have."""
    for delimiter in _DELIMITERS:
        rows = list(csv.reader(record.text.splitlines(keepends=True), delimiter=delimiter))
        if rows and rows[0] == list(record.row.values()):
            return delimiter
    return ","


def _kept(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _chain(first: str, rest: Iterable[str]) -> Iterator[str]:
    """Not `yield from`: it would close the file when it is closed itself."""
    if first:
        yield first
    for line in rest:  # noqa: UP028
        yield line


def _header(row: list[str], name: str) -> tuple[str, ...]:
    names = tuple(one.strip() for one in row)
    if len(set(names)) != len(names):
        raise Unreadable(name, "two of its columns have the same name", "Rename one of them.")
    return names


def _fields(names: tuple[str, ...], row: list[str], name: str) -> Mapping[str, Value]:
    if row and len(row) != len(names):
        problem = f"a row has {len(row)} fields and the header has {len(names)}: whose it is cannot be told"
        raise Unreadable(name, problem, "Mend the file's rows.")
    return dict(zip(names, row, strict=False))


# --- JSON lines ---------------------------------------------------------------------------------------------------


@frozen
class JsonLines(_Text):
    """One JSON object a line; a dotted column is a field inside of an object."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How names of its files end."""
        return (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".json", ".json.gz")

    def _records(self, text: IO[str], name: str) -> Iterator[Record]:
        for line in text:
            yield Record(line, _object(line, name) if line.strip() else {})

    def _render(self, record: Record, values: Mapping[str, Value]) -> str:
        ending = record.text[len(record.text.rstrip("\r\n")) :]
        row: dict[str, Value] = json.loads(record.text)
        for name, value in values.items():
            _put(row, name, value)
        compact = ": " not in record.text
        separators = (",", ":") if compact else (", ", ": ")
        return json.dumps(row, ensure_ascii=record.text.isascii(), separators=separators, default=canonical) + ending


def _object(line: str, name: str) -> Mapping[str, Value]:
    try:
        row = json.loads(line, object_pairs_hook=lambda pairs: _once(pairs, name))
    except (ValueError, RecursionError):
        raise Unreadable(name, "a line is not JSON", "Mend the file's lines.") from None
    if not isinstance(row, dict) or not row:
        raise Unreadable(name, "a line is not a JSON object with fields", "Mend the file's lines.")
    return row


def _once(pairs: list[tuple[str, Value]], name: str) -> dict[str, Value]:
    """Readers disagree which of two equal keys counts, so whose row it is could not be told."""
    row = dict(pairs)
    if len(row) != len(pairs):
        raise Unreadable(name, "a line names a field twice", "Mend the file's lines.")
    return row


def _put(row: dict[str, Value], name: str, value: Value) -> None:
    outer, dot, inner = name.partition(".")
    if name in row or not dot:
        if name in row or value is not None:
            row[name] = value
    elif isinstance(row.get(outer), dict):
        _put(row[outer], inner, value)


# --- bytes and letters --------------------------------------------------------------------------------------------


class _Letters(io.TextIOWrapper):
    """Text that knows the byte order mark before it, and whether it was unzipped."""

    mark = b""
    zipped = False


@contextmanager
def _decoding(stream: IO[bytes], encoding: str | None, name: str) -> Iterator["_Letters"]:
    """A stream's text, line ends untouched; unzipped if it is gzip; behind its byte order mark."""
    zipped = stream.read(2) == _GZIP
    stream.seek(0)
    plain = cast(IO[bytes], gzip.GzipFile(fileobj=stream, mode="rb")) if zipped else stream
    head = plain.read(3)
    mark, marked = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", None))
    plain.seek(len(mark))
    text = _Letters(_open_for(plain), marked or encoding or "utf-8", errors="strict", newline="")
    text.mark, text.zipped = mark, zipped
    try:
        yield text
    except UnicodeDecodeError:
        raise Unreadable(name, f"it is not {text.encoding} throughout", "Name its encoding in the map.") from None
    except (EOFError, gzip.BadGzipFile):
        raise Unreadable(name, "its compression is broken") from None
    finally:
        text.detach()


def _open_for(stream: IO[bytes]) -> Any:
    """TextIOWrapper wants a reader with read1."""
    return stream if hasattr(stream, "read1") else io.BufferedReader(cast(Any, stream))


@contextmanager
def _encoding(target: IO[bytes], like: "_Letters") -> Iterator[IO[str]]:
    """Write text in the encoding, with the byte order mark and the compression, of another."""
    plain = cast(IO[bytes], gzip.GzipFile("", "wb", 6, target, mtime=0)) if like.zipped else target
    plain.write(like.mark)
    text = io.TextIOWrapper(cast(Any, plain), like.encoding, newline="")
    try:
        yield text
    finally:
        text.flush()
        text.detach()
        if like.zipped:
            plain.close()
