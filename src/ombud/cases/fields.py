"""What a step may say: a closed set of kinds of values, none of which has room for a person's own words."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen

from ombud.evidence.instants import is_instant
from ombud.law.reading import items, mapping, one_of, text
from ombud.law.tree import Node

CASE_NUMBER: Final = re.compile(r"[A-Z]-[0-9A-HJKMNP-TV-Z]{6}")
"""One letter for the matter and six digits of Crockford's base32."""

_MOST: Final = 10_000
_KEY: Final = re.compile(r"[a-z0-9]{1,30}(-[a-z0-9]{1,30}){0,7}")
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.*:=/ -]{0,199}")


def _like(pattern: str) -> Callable[[Any], bool]:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_sentence(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 400 and (value.isprintable())


KINDS: Final[Mapping[str, Callable[[Any], bool]]] = MappingProxyType({
    "flag": lambda value: isinstance(value, bool),
    "count": _is_count,
    "day": _is_day,
    "instant": is_instant,
    "digest": _like(r"[0-9a-f]{64}"),
    "alias": _like(r"[0-9a-f]{32}"),
    "case": lambda value: isinstance(value, str) and CASE_NUMBER.fullmatch(value) is not None,
    "key": lambda value: isinstance(value, str) and _KEY.fullmatch(value) is not None,
    "name": lambda value: isinstance(value, str) and _NAME.fullmatch(value) is not None,
    "place": _like(r"[A-Z]{2,3}(-[A-Z0-9]{1,3})?"),
    "zone": _like(r"[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,2}"),
    "sentence": _is_sentence,
})  # fmt: skip
"""Kind → whether a value is of it. `key`: an entry of law data. `name`: a collection, file or system, as manifests call
it. `sentence`: one that the program itself words (what became of a place), never one that somebody typed."""


@frozen(kw_only=True)
class Field:
    """What one detail of a step may hold.

    Attributes:
        kind: one of `KINDS`, or "code" (one of `codes`), or "rows" (records of `columns`).
        many: a list of them.
        codes: the closed list of a code.
        columns: name → field of a record; all may be left out.
    """

    kind: str
    many: bool = False
    codes: frozenset[str] = frozenset()
    columns: Mapping[str, "Field"] = field(factory=dict)

    def problem(self, value: Any) -> str | None:
        """What is wrong with a value, without repeating it; None if nothing is."""
        if not self.many:
            return None if self._fits(value) else f"is not {self.words}"
        if not isinstance(value, list | tuple) or len(value) > _MOST:
            return "is not a list"
        return None if all(self._fits(one) for one in value) else f"holds what is not {self.words}"

    @property
    def words(self) -> str:
        """What is expected."""
        return f"one of {', '.join(sorted(self.codes))}" if self.kind == "code" else f"a {self.kind}"

    def _fits(self, value: Any) -> bool:
        if self.kind == "code":
            return isinstance(value, str) and value in self.codes
        if self.kind != "rows":
            return KINDS[self.kind](value)
        return isinstance(value, Mapping) and all(
            name in self.columns and (one is None or self.columns[name].problem(one) is None)
            for name, one in value.items()
        )


def read_field(node: Node) -> Field:
    """A field as a table writes it: `day`, `[case]` (a list of them), `{code: […]}`, `{codes: […]}`, `{rows: {…}}`."""
    if isinstance(node.value, list):
        listed = items(node)
        if len(listed) != 1:
            raise node.wrong("a list names one kind: [case]")
        return Field(kind=one_of(listed[0], tuple(KINDS)), many=True)
    if not isinstance(node.value, dict):
        return Field(kind=one_of(node, tuple(KINDS)))
    found = mapping(node)
    if len(found) != 1:
        raise node.wrong("give one of code, codes, rows")
    ((word, inner),) = found.items()
    return _compound(one_of(Node(word, node.path, node.line, node.key), ("code", "codes", "rows")), inner)


def _compound(word: str, node: Node) -> Field:
    if word == "rows":
        return Field(kind="rows", many=True, columns={name: read_field(one) for name, one in mapping(node).items()})
    return Field(kind="code", many=word == "codes", codes=frozenset(text(one) for one in items(node)))
