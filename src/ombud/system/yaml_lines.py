"""Reads YAML written by people: every value as the text that stands there, every key with its line.

Values stay text until a type is asked of them, so that `NO` is Norway, `2026.10` keeps its nought and `0.8` is exactly
4/5. What a manifest has no use for is refused: aliases and anchors (the stuff of YAML bombs), tags, several documents,
duplicate keys, deep nesting, and files over a megabyte.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import frozen

from ombud.errors import Invalid, NotFound

LARGEST = 1_000_000
"""Bytes that a manifest may have."""

MOST_VALUES = 20_000
DEEPEST = 16

Key = tuple[str | int, ...]
"""Where a value stands: names of mappings and positions in lists, from the top."""


def dotted(key: Key) -> str:
    """A key as people write it: `data.training.table`, `jurisdictions[1]`."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{_shown(part)}" if text else _shown(part)
    return text


def _shown(name: str) -> str:
    """A name that is fit for a terminal: hostile files have keys of a thousand letters, or with escapes in them."""
    short = name if len(name) <= 60 else name[:57] + "..."
    return short if short.isprintable() else ascii(short)


@frozen
class Written:
    """What a file says, before any of it is understood.

    Attributes:
        path: the file.
        content: mappings, lists, text, and None where nothing (or `null`) stands.
        lines: the line of every key, counted from 1.
    """

    path: Path
    content: dict[str, Any]
    lines: Mapping[Key, int]

    def line(self, key: Key) -> int | None:
        """The line of a key, or of the nearest one around it that is written."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key)

    def invalid(self, key: Key, problem: str, nearest: str | None = None) -> Invalid:
        """An error at a key of this file."""
        return Invalid(self.path, self.line(key), dotted(key), problem, nearest)

    def texts(self) -> Iterator[tuple[Key, str]]:
        """Every text in the file with its place; names of keys stand beside their own place."""
        yield from _texts((), self.content)


def _texts(at: Key, value: Any) -> Iterator[tuple[Key, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts((*at, name), inner)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _texts((*at, position), inner)


def read_yaml(path: Path) -> Written:
    """Read a file.

    Raises:
        NotFound: there is no such file.
        Invalid: it is too large, not UTF-8, not YAML, not a mapping, or uses what manifests have no use for.
    """
    return parse_yaml(_bytes(path), path)


def parse_yaml(raw: bytes, path: Path) -> Written:
    """Read bytes that were found at `path`; raises as `read_yaml`."""
    if len(raw) > LARGEST:
        raise Invalid(path, None, "", f"larger than {LARGEST:,} bytes, so it is not a manifest")
    root = _composed(_decoded(raw, path), path)
    if not isinstance(root, yaml.MappingNode):
        raise Invalid(path, 1, "", "holds nothing" if root is None else "must be a mapping (`key: value`) at the top")
    lines: dict[Key, int] = {(): 1}
    return Written(path, _mapping(root, (), lines, path), lines)


def _composed(text: str, path: Path) -> yaml.Node | None:
    try:
        return _Loader(text, path).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, path) from None
    except yaml.reader.ReaderError as error:
        raise Invalid(path, None, "", f"holds a character that YAML does not allow (U+{_ordinal(error):04X})") from None
    except (ValueError, OverflowError):  # PyYAML on escapes beyond Unicode
        raise Invalid(path, None, "", "not YAML: an escape that stands for no character") from None


def _bytes(path: Path) -> bytes:
    if not path.exists():
        raise NotFound("manifest", str(path), "Write one with `ombud init TABLE`, or check the path.")
    if not path.is_file():
        raise Invalid(path, None, "", "is not a file")
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise Invalid(path, None, "", f"cannot be read: {error.strerror}") from None


def _decoded(raw: bytes, path: Path) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid(path, None, "", "is UTF-16; save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Invalid(path, line, "", "is not UTF-8; save it as UTF-8") from None


def _ordinal(error: yaml.reader.ReaderError) -> int:
    character: Any = error.character
    return character if isinstance(character, int) else ord(character)


def _syntax(error: yaml.MarkedYAMLError, path: Path) -> Invalid:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "is not YAML"
    if "'\\t'" in problem:
        problem = "a tab where YAML wants spaces"
    elif "single document" in (error.context or ""):
        problem = "a second document begins; a manifest is one"
    return Invalid(path, mark.line + 1 if mark else None, "", f"not YAML: {problem}")


class _Loader(yaml.SafeLoader):
    """PyYAML's composer, which refuses while it reads what could grow or run."""

    def __init__(self, text: str, path: Path) -> None:
        super().__init__(text)
        self.path = path
        self.depth = 0
        self.values = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        self.values += 1
        self.depth += 1
        problem = self._refused(event)
        if problem:
            raise Invalid(self.path, event.start_mark.line + 1, "", problem)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refused(self, event: Any) -> str | None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            return "anchors and aliases (`&`, `*`) are not allowed here; write the value out, or quote it"
        if event.tag is not None:
            return "tags (`!`) are not allowed here; quote the value if it is text"
        if self.depth > DEEPEST:
            return f"nested deeper than {DEEPEST} levels"
        return f"more than {MOST_VALUES:,} values" if self.values > MOST_VALUES else None


def _plain(node: yaml.Node, at: Key, lines: dict[Key, int], path: Path) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, at, lines, path)
    if isinstance(node, yaml.SequenceNode):
        return [_item(inner, (*at, position), lines, path) for position, inner in enumerate(node.value)]
    return _text(node, at, path)


def _item(node: yaml.Node, at: Key, lines: dict[Key, int], path: Path) -> Any:
    lines[at] = node.start_mark.line + 1
    return _plain(node, at, lines, path)


def _mapping(node: yaml.MappingNode, at: Key, lines: dict[Key, int], path: Path) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        name = _text(key_node, at, path)
        if name is None or not isinstance(key_node, yaml.ScalarNode):
            raise Invalid(path, line, dotted(at), "a key must be text")
        if name in content:
            raise Invalid(
                path, line, dotted((*at, name)), f"stands here a second time; first in line {lines[*at, name]}"
            )
        lines[*at, name] = line
        content[name] = _plain(value_node, (*at, name), lines, path)
    return content


def _text(node: yaml.Node, at: Key, path: Path) -> str | None:
    if node.tag == "tag:yaml.org,2002:null" and getattr(node, "style", None) is None:
        return None
    text = node.value if isinstance(node.value, str) else ""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid(path, node.start_mark.line + 1, dotted(at), "holds half a character (a lone surrogate)")
    return text
