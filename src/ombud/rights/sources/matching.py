"""Which rows are the person's: values of any type compared in one canonical text form."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from attrs import field, frozen

from ombud.errors import Unreadable
from ombud.rights.sources.source import Match, Value
from ombud.store.identity import comparable

_BLANKS: Final = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "
"""What Python strips from ASCII text."""

_FOLDS_TO_ASCII: Final = frozenset("K;`")
"""ASCII letters that Unicode NFC also makes of others (U+212A, U+037E, U+1FEF)."""


def canonical(value: Value, form: str = "text") -> str | None:
    """A value as text in which two are compared; None for what is missing.

    Numbers without a fraction are written like whole numbers (customer 12 is also 12.0), dates by ISO 8601, bytes as
    UTF-8 or else in hexadecimal; text as `store.identity.comparable` has it.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return comparable(form, value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (float, Decimal)):
        return _number(value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _bytes(bytes(value), form)
    return comparable(form, str(value)) if isinstance(value, (int, UUID)) else str(value)


def _number(value: float | Decimal) -> str:
    if value == value and -(10**18) < value < 10**18 and value == int(value):
        return str(int(value))
    return str(value.normalize()) if isinstance(value, Decimal) else repr(value)


def _bytes(value: bytes, form: str) -> str:
    try:
        return comparable(form, value.decode("utf-8"))
    except UnicodeDecodeError:
        return value.hex()


@frozen
class Wanted:
    """A match made ready: canonical tuples by column.

    Attributes:
        columns: of the match.
        keys: canonical tuples; those with a missing value never fit and are left out.
        form: of a single column.
    """

    columns: tuple[str, ...]
    keys: frozenset[tuple[str, ...]] = field(repr=False)
    form: str

    @classmethod
    def of(cls, match: Match) -> "Wanted":
        """Make a match ready."""
        form = match.form if len(match.columns) == 1 else "text"
        rows = (tuple(canonical(value, form) for value in values) for values in match.values)
        whole = (tuple(part for part in row if part is not None) for row in rows)
        return cls(match.columns, frozenset(row for row in whole if len(row) == len(match.columns)), form)

    def fits(self, row: Mapping[str, Value]) -> bool:
        """Whether a row, as column → value, is one of the person's."""
        return tuple(canonical(row.get(column), self.form) for column in self.columns) in self.keys

    def parts(self, index: int) -> frozenset[str]:
        """What the column at an index may hold."""
        return frozenset(key[index] for key in self.keys)


def ready(matches: Iterable[Match]) -> tuple[Wanted, ...]:
    """Make matches ready; those that cannot fit anything are left out."""
    made = (Wanted.of(match) for match in matches)
    return tuple(one for one in made if one.keys)


def columns_of(wanted: Sequence[Wanted]) -> tuple[str, ...]:
    """All columns that are looked at, each once."""
    return tuple(dict.fromkeys(column for one in wanted for column in one.columns))


# --- whole columns at a time, for Arrow ---------------------------------------------------------------------------


def mask(table: Any, wanted: Sequence[Wanted], fixed: Mapping[str, Value]) -> Any:
    """Which rows of an Arrow table fit: a Boolean array without nulls.

    Args:
        fixed: columns with one value for all rows (partitions written in folder names).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pa.chunked_array([pa.repeat(pa.scalar(False), table.num_rows)])
    for one in wanted:
        whole = pc.or_(whole, _fitting(table, one, fixed))
    return whole.combine_chunks()


def _fitting(table: Any, wanted: Wanted, fixed: Mapping[str, Value]) -> Any:
    """Rows that fit one match; of several columns, those that fit one by one are looked at as tuples."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = None
    for index, name in enumerate(wanted.columns):
        parts = wanted.parts(index)
        if name in fixed:
            here = pa.repeat(pa.scalar(canonical(fixed[name], wanted.form) in parts), table.num_rows)
        else:
            here = holds(column(table, name), parts, wanted.form)
        found = here if found is None else pc.and_(found, here)
    return found if len(wanted.columns) == 1 else _exact(table, wanted, fixed, found)


def _exact(table: Any, wanted: Wanted, fixed: Mapping[str, Value], candidates: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    places = pc.indices_nonzero(candidates).to_pylist()
    few = [column(table, name).take(pa.array(places, pa.int64())).to_pylist() if name not in fixed
           else [fixed[name]] * len(places) for name in wanted.columns]  # fmt: skip
    right = {place for place, row in zip(places, zip(*few, strict=True), strict=True)
             if wanted.fits(dict(zip(wanted.columns, row, strict=True)))}  # fmt: skip
    return pa.array([place in right for place in range(table.num_rows)], pa.bool_())


def column(table: Any, name: str) -> Any:
    """A column, or by a dotted name a field inside of one.

    Raises:
        Unreadable: there is none of that name.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if name in table.column_names:
        return table.column(name)
    outer, _, inner = name.partition(".")
    if not inner or outer not in table.column_names:
        raise Unreadable(
            "a file", f"it has no column {name!r}", "Correct the map of data, or look for a renamed column."
        )
    found = table.column(outer)
    for part in inner.split("."):
        if not pa.types.is_struct(found.type) or found.type.get_field_index(part) < 0:
            raise Unreadable("a file", f"it has no column {name!r}", "Correct the map of data.")
        found = pc.struct_field(found, part)
    return found


def holds(values: Any, parts: frozenset[str], form: str) -> Any:
    """Which values of a column have one of some canonical texts."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text(values, parts, form)
    if pa.types.is_string_view(kind):
        return _text(values.cast(pa.large_string()), parts, form)
    if pa.types.is_integer(kind):
        return _member(values, _whole_numbers(parts, kind))
    return _among(values, parts, form)


def _text(values: Any, parts: frozenset[str], form: str) -> Any:
    """ASCII in bulk; the rest value by value with the same function as everywhere."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.fill_null(pc.string_is_ascii(values), True)
    if pc.all(plain).as_py() in (True, None):
        return _member(_ascii(values, form), parts)
    strange = pc.if_else(plain, pa.scalar(None, values.type), values)
    return pc.or_(_member(_ascii(values, form), parts), _among(strange, parts, form))


def _ascii(values: Any, form: str) -> Any:
    """`comparable` for ASCII text, in bulk."""
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim(values, characters=_BLANKS)
    if form == "email":
        return pc.ascii_lower(trimmed)
    if form == "phone":
        digits = pc.replace_substring_regex(trimmed, pattern="[^0-9]", replacement="")
        abroad = pc.or_(pc.starts_with(trimmed, "+"), pc.starts_with(digits, "00"))
        short = pc.replace_substring_regex(digits, pattern="^00", replacement="")
        return pc.if_else(abroad, pc.binary_join_element_wise("+", short, ""), digits)
    return trimmed


def _whole_numbers(parts: frozenset[str], kind: Any) -> list[int]:
    found = [int(part) for part in parts if re.fullmatch(r"0|-?[1-9]\d{0,19}", part)]
    bits, signed = kind.bit_width, not str(kind).startswith("u")
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if signed else (0, 2**bits)
    return [number for number in found if low <= number < high]


def _member(values: Any, wanted: Iterable[Any]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.is_in(values, value_set=pa.array(list(wanted), values.type))


def _among(values: Any, parts: frozenset[str], form: str) -> Any:
    """Distinct values one by one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        distinct = values.unique()
    except pa.ArrowNotImplementedError:
        rows = [_safe(value) in parts for value in values.to_pylist()]
        return pa.chunked_array([pa.array(rows, pa.bool_())])
    kept = [index for index, value in enumerate(distinct.to_pylist()) if canonical(value, form) in parts]
    if not kept:
        return pa.repeat(pa.scalar(False), len(values))
    return pc.is_in(values, value_set=distinct.take(pa.array(kept, pa.int64())))


def _safe(value: Value) -> str | None:
    return canonical(value) if not isinstance(value, (dict, list)) else None


# --- what the footer's statistics already tell --------------------------------------------------------------------


def may_hold(low: Value, high: Value, parts: frozenset[str], form: str) -> bool:
    """Whether a column whose values lie between two may hold one of some texts. True if in doubt.

    Text is compared by bytes, while blanks and other spellings count as the same: only where neither can be is
    anything ruled out.
    """
    if isinstance(low, int) and isinstance(high, int) and not isinstance(low, bool):
        numbers = (int(part) for part in parts if re.fullmatch(r"0|-?[1-9]\d{0,19}", part))
        return any(low <= number <= high for number in numbers)
    if form == "text" and isinstance(low, str) and isinstance(high, str):
        return not _plain(low, high) or any(_may_be(low, high, part) for part in parts)
    return True


def _plain(low: str, high: str) -> bool:
    """Nothing between the two begins with a blank or is anything but ASCII at its beginning."""
    return low[:1] >= "!" and high[:1] <= "~"


def _may_be(low: str, high: str, part: str) -> bool:
    if not part.isascii() or _FOLDS_TO_ASCII & set(part):
        return True
    return part <= high and (low <= part or low.startswith(part))


Fits = Callable[[Mapping[str, Value]], bool]


def fitting(wanted: Sequence[Wanted]) -> Fits:
    """A function that tells the person's rows, for rows that come one by one."""
    return lambda row: any(one.fits(row) for one in wanted)
