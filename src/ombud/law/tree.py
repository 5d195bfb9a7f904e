"""YAML from outside, as a tree that knows its lines: small, closed, and safe to read.

Built from parser events rather than objects: nothing is constructed from tags, nesting and size are bounded before
anything grows, an alias cannot point into itself, and what aliases would expand to is counted (a "YAML bomb" is
refused).
Scalars stay the text that was written: `no` is "no", `1.10` is "1.10", and a date is read by who expects one.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from attrs import define, field

from ombud.errors import Invalid, NotFound, Unreadable

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 300_000
MAX_KEY = 100
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset(("", "~", "null"))


@define
class Node:
    """A value with its place.

    Attributes:
        value: text, None, a mapping of names to nodes, or a list of nodes.
        path, line, key: the file, the line (from 1) and the dotted key it stands at.
        nodes, depth: how many values it expands to, and how deep.
    """

    value: "str | dict[str, Node] | list[Node] | None"
    path: Path | str
    line: int
    key: str = ""
    nodes: int = 1
    depth: int = 1

    def wrong(self, problem: str, nearest: str | None = None) -> Invalid:
        """The error that says what is wrong here."""
        ended = f"{problem}." if nearest and not problem.endswith(".") else problem
        return Invalid(self.path, self.line, self.key, ended, nearest)


@define
class _Open:
    node: Node
    anchor: str | None
    name: Node | None = None
    seen: dict[str, int] = field(factory=dict)


def read_tree(path: Path) -> Node:
    """Read a YAML file.

    Raises:
        NotFound: no such file.
        Unreadable: too large, or not UTF-8.
        Invalid: not the YAML that is allowed here, with the line.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise NotFound("law file", f"{path} ({error.strerror})") from error
    if data is None:
        raise Unreadable(str(path), f"larger than {MAX_BYTES // 1024 // 1024} MB", "Split it: one file a law.")
    try:
        return parse(data.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        raise Unreadable(str(path), f"not UTF-8 (byte {error.start})", "Save the file as UTF-8.") from error


def parse(text: str, path: Path | str) -> Node:
    """Parse one YAML document; see `read_tree`."""
    try:
        return _Builder(path).build(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise _not_yaml(error, path) from error


def _not_yaml(error: Any, path: Path | str) -> Invalid:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or "not readable as YAML").replace("\n", " ")
    return Invalid(path, mark.line + 1 if mark else None, "", f"not valid YAML: {problem}")


class _Builder:
    def __init__(self, path: Path | str) -> None:
        self.path = path
        self.anchors: dict[str, Node] = {}
        self.stack: list[_Open] = []
        self.root: Node | None = None

    def build(self, events: Iterator[Any]) -> Node:
        for event in events:
            self._take(event)
        if self.root is None:
            raise Invalid(self.path, None, "", "the file is empty")
        return self.root

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            plain = event.style in (None, "")
            value = None if plain and event.value in _NULLS else event.value
            self._add(self._node(value, event), event.anchor, event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open({}, event)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open([], event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            closed = self.stack.pop()
            self._add(closed.node, closed.anchor, event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            raise Invalid(self.path, None, "", "more than one document in the file")

    def _node(self, value: Any, event: Any) -> Node:
        if event.tag not in (None, "", "!"):
            raise Invalid(self.path, event.start_mark.line + 1, "", f"tags such as {event.tag!r} are not read")
        holder = self.stack[-1] if self.stack else None
        if holder and holder.name:
            name = holder.name
            key = f"{holder.node.key}.{name.value}" if holder.node.key else str(name.value)
            return Node(value, self.path, name.line, key)
        return Node(value, self.path, event.start_mark.line + 1, holder.node.key if holder else "")

    def _open(self, value: Any, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise Invalid(self.path, event.start_mark.line + 1, "", f"nested deeper than {MAX_DEPTH}")
        holder = self.stack[-1] if self.stack else None
        if holder and isinstance(holder.node.value, dict) and holder.name is None:
            raise Invalid(self.path, event.start_mark.line + 1, holder.node.key, "a key has to be a word")
        self.stack.append(_Open(self._node(value, event), event.anchor))

    def _alias(self, event: Any) -> None:
        target = self.anchors.get(event.anchor)
        if target is None:
            raise Invalid(
                self.path, event.start_mark.line + 1, "", f"*{event.anchor} points to nothing above, or into itself"
            )
        self._add(target, None, event)

    def _add(self, node: Node, anchor: str | None, event: Any) -> None:
        if anchor:
            self.anchors[anchor] = node
        if not self.stack:
            self.root = node
            return
        holder = self.stack[-1]
        if isinstance(holder.node.value, list):
            holder.node.value.append(node)
        elif holder.name is None:
            self._name(holder, node, event)
            return
        elif isinstance(holder.node.value, dict):
            holder.node.value[str(holder.name.value)] = node
            holder.name = None
        self._grow(holder.node, node)

    def _name(self, holder: _Open, node: Node, event: Any) -> None:
        line = event.start_mark.line + 1
        if not isinstance(node.value, str) or not node.value.isprintable() or len(node.value) > MAX_KEY:
            raise Invalid(self.path, line, holder.node.key, "a key has to be a word")
        if node.value == "<<":
            raise Invalid(self.path, line, holder.node.key, "merge keys (<<) are not read; write the entry out")
        if node.value in holder.seen:
            first = holder.seen[node.value]
            raise Invalid(self.path, line, holder.node.key, f"{node.value} is already given in line {first}")
        holder.seen[node.value] = line
        holder.name = Node(node.value, self.path, line)

    def _grow(self, holder: Node, child: Node) -> None:
        holder.nodes += child.nodes
        holder.depth = max(holder.depth, child.depth + 1)
        if holder.nodes > MAX_NODES or holder.depth > MAX_DEPTH:
            raise Invalid(self.path, holder.line, holder.key, "expands to more than a law file can hold")


def nearest(word: str, words: "frozenset[str] | tuple[str, ...]") -> str | None:
    """The closest of some words to one that is not among them, if any is close."""
    found = get_close_matches(word, sorted(words), n=1, cutoff=0.6)
    return found[0] if found else None
