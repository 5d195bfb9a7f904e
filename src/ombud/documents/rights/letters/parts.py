"""Parts of a letter as its words have them, filled with values: the same for every letter in every language."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ombud.documents.paper import Facts, Heading, Hole, Note, Part, Points, Say
from ombud.documents.rights.letters.wording import Wording, fill
from ombud.errors import Invalid


def parts_of(words: Wording, written: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> Iterator[Part]:
    """The parts of a letter in a language, as parts of a paper.

    Args:
        words: the language; written: the parts as its file has them; values: what they are filled with.

    Raises:
        Invalid: the words ask for a value that this letter does not have.
    """
    for part in written:
        if (part.get("when") and not _holds(part["when"], values)) or (
            part.get("unless") and _holds(part["unless"], values)
        ):
            continue
        if "include" in part:
            yield from parts_of(words, words.letters[part["include"]]["parts"], values)
        else:
            yield from _part(part, values)


def _holds(names: str, values: Mapping[str, Any]) -> bool:
    """Whether any of the named values is there; a name that no letter knows is not there either."""
    return any(values.get(name) for name in names.split())


def _part(part: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[Part]:
    if "say" in part:
        yield Say(fill(part["say"].strip(), values), part.get("tone", "plain"))
    elif "heading" in part:
        yield Heading(fill(part["heading"], values), 2)
    elif "list" in part:
        yield Points(tuple(_items(part["list"], values)), bool(part.get("numbered")))
    elif "note" in part:
        yield Note(fill(part["note"], values), tuple(_items(part.get("text", []), values)), part.get("tone", "info"))
    elif "facts" in part:
        yield from _facts(part, values)


def _items(written: str | Sequence[str], values: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a list: those of a value by its name, or those that are written."""
    if isinstance(written, str):
        found = values.get(written)
        if not isinstance(found, (list, tuple)):
            raise Invalid("the words of a letter", None, written, "is no list of this letter")
        yield from (str(one) for one in found)
        return
    yield from (fill(one, values) for one in written)


def _facts(part: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[Part]:
    rows = values.get(part["facts"]) or ()
    if rows:
        yield Facts(tuple((fill(part["term"], row), _said(part["says"], row)) for row in rows), part.get("text", ""))


def _said(written: str, row: Mapping[str, Any]) -> str | Hole:
    """What is said of a term; a hole stays one, so that it is seen as such in every format."""
    hole = next((value for name, value in row.items() if isinstance(value, Hole) and written == f"{{{name}}}"), None)
    return hole or fill(written, row)
