"""The words of letters, by language: a folder of YAML files in which nothing runs and data is only ever filled in.

A letter is a list of parts. Each part has one of `say`, `heading`, `list`, `facts`, `note` or `include`, and perhaps
`when` or `unless` with the names of values. `{name}` in a text is replaced once; what comes in is not looked at again.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from attrs import field, frozen

from ombud.documents.paper import Hole, Labels
from ombud.errors import Invalid, NotFound

Values = Mapping[str, "str | Sequence[str] | Sequence[Mapping[str, str | Hole]]"]
"""What a letter is filled with: texts, lists of texts, and lists of rows. What is empty counts as not there."""

LANGUAGE_FILE: Final = "language.yaml"
_NAME: Final = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
_WHAT: Final = frozenset(("say", "heading", "list", "facts", "note", "include"))
_ALSO: Final = frozenset(("when", "unless", "tone", "each", "term", "says", "text", "numbered"))


@frozen
class Wording:
    """The words of one language.

    Attributes:
        language: its tag ("en", "pt-BR"); direction: ltr or rtl.
        approved_by: who, a native reader, found it fit; None only for the English that ships.
        letters: name → title and parts, as written.
        words: single words and sentences by name.
        labels: what the layout itself says.
    """

    language: str
    direction: Literal["ltr", "rtl"]
    approved_by: str | None
    letters: Mapping[str, Mapping[str, Any]] = field(repr=False)
    words: Mapping[str, str] = field(repr=False)
    labels: Labels = field(repr=False)

    def word(self, name: str, **values: str) -> str:
        """A word or sentence by its name, filled.

        Raises:
            Invalid: the language has none of that name.
        """
        if name not in self.words:
            raise Invalid(f"words of {self.language}", None, name, "is missing")
        return fill(self.words[name], values)


RIGHTS_LETTERS: Final = "ombud.documents.rights.letters"
"""The package whose folder `en/` holds the English words of letters about rights; other letters have their own."""


@cache
def english(package: str = RIGHTS_LETTERS) -> Wording:
    """The English words that ship with a package of letters."""
    return _read(files(package) / "en", None)


def load_wording(folder: Path | None = None, package: str = RIGHTS_LETTERS) -> Wording:
    """The words of a language: the English that ship with a package of letters, or those in a folder of the user's.

    Raises:
        NotFound: there is no such folder, or a file is missing in it.
        Invalid: a file cannot be understood, a letter is missing, or nobody has approved the words.
    """
    return english(package) if folder is None else _read(folder, english(package))


def fill(text: str, values: Mapping[str, Any]) -> str:
    """A text with its names replaced by values, once and as plain text.

    Raises:
        Invalid: a name that has no value.
    """

    def value(found: re.Match[str]) -> str:
        if not isinstance(values.get(found[1]), str):
            raise Invalid("the words of a letter", None, found[1], "is no value of this letter")
        return str(values[found[1]])

    return _NAME.sub(value, text)


def _read(folder: Traversable | Path, model: Wording | None) -> Wording:
    """model: the English words, all of which a translation must have; None where it is these that are read."""
    head = _yaml(folder, LANGUAGE_FILE)
    approved = head.get("approved_by")
    if model is not None and not (isinstance(approved, str) and approved.strip()):
        raise Invalid(
            f"{folder}/{LANGUAGE_FILE}", None, "approved_by",
            "nobody has approved these words; a native reader must read them and be named here before they are sent",
        )  # fmt: skip
    names = [one.name for one in folder.iterdir() if one.name.endswith(".yaml") and one.name != LANGUAGE_FILE]
    letters = {name.removesuffix(".yaml"): _letter(folder, name) for name in sorted(names)}
    missing = sorted(model.letters.keys() - letters.keys()) if model else []
    if missing:
        raise NotFound(f"{missing[0]}.yaml", str(folder), "Copy it from the English words and translate it.")
    words = head.get("words") or {}
    lacking = sorted(model.words.keys() - words.keys()) if model else []
    if lacking:
        raise Invalid(f"{folder}/{LANGUAGE_FILE}", None, f"words.{lacking[0]}", "is missing")
    return Wording(
        str(head.get("language", "en")), "rtl" if head.get("direction") == "rtl" else "ltr", approved, letters,
        {str(name): str(text).strip() for name, text in words.items()}, Labels(**_labels(head.get("labels") or {})),
    )  # fmt: skip


def _labels(given: Mapping[str, Any]) -> dict[str, str]:
    known = set(Labels.__slots__) if hasattr(Labels, "__slots__") else set()
    return {name: str(text).strip() for name, text in given.items() if name in known}


def _letter(folder: Traversable | Path, name: str) -> Mapping[str, Any]:
    written = _yaml(folder, name)
    for number, part in enumerate(written.get("parts") or [], start=1):
        keys = set(part) if isinstance(part, dict) else set()
        if len(keys & _WHAT) != 1 or keys - _WHAT - _ALSO:
            raise Invalid(f"{folder}/{name}", None, f"parts.{number}", f"has one of: {', '.join(sorted(_WHAT))}")
    return written


def _yaml(folder: Traversable | Path, name: str) -> Mapping[str, Any]:
    place = folder / name
    if not place.is_file():
        raise NotFound(name, str(folder), "Copy the folder of English words and translate it.")
    try:
        read = yaml.safe_load(place.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise Invalid(f"{folder}/{name}", None, "", "this is not YAML in UTF-8") from None
    if not isinstance(read, dict):
        raise Invalid(f"{folder}/{name}", None, "", "must be a mapping (`key: value`)")
    return read
