"""Bundles: a log, the counts its numbers came from and the law it was judged by, to be verified anywhere, offline.

manifest.json          what belongs to it: size, root key, and the SHA-256 of every file
manifest.sig.json      the log key's signature over the manifest
root.pub               the root's public key, hexadecimal
entries.jsonl          one entry a line, exactly the bytes that the tree hashes
leaves.txt             the hash of each entry, so that a changed one can be named
checkpoints/SIZE       signed notes
cubes/DIGEST.json      tables of counts, canonical JSON
attachments/NAME       for example the law pack
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from ombud.errors import Misused, Unreadable
from ombud.evidence import archive
from ombud.evidence.archive import Limits
from ombud.evidence.canonical import canonical, parse
from ombud.evidence.dsse import Envelope, sign_bytes
from ombud.evidence.entry import Entry
from ombud.evidence.keys import SigningKey
from ombud.evidence.log import Log
from ombud.evidence.tree import leaf_hash
from ombud.statistics.cube import Cube

FORMAT: Final = "https://ombud.dev/bundle/v1"
SIGNED_TYPE: Final = "application/vnd.ombud.bundle+json"
LAW_PACK: Final = "law-pack.json"
"""Name of the attachment that holds the law by which verdicts were made."""

_MANIFEST: Final = "manifest.json"
_SIGNATURE: Final = "manifest.sig.json"
_CUBES: Final = "cubes/"
_ATTACHMENTS: Final = "attachments/"
_CHECKPOINTS: Final = "checkpoints/"


@frozen
class Bundle:
    """A bundle as it was received; nothing in it is verified yet.

    Attributes:
        where: the file or folder.
        files: all bytes, by name.
        manifest: what the manifest says.
        leaves: the bytes of each entry.
    """

    where: str
    files: Mapping[str, bytes] = field(repr=False)
    manifest: Mapping[str, Any] = field(repr=False)
    leaves: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def open(cls, path: Path, limits: Limits | None = None) -> "Bundle":
        """Read a bundle.

        Raises:
            Unreadable: it is no bundle, or of a version that this program does not read.
        """
        return cls.of(archive.read(path, limits), str(path))

    @classmethod
    def of(cls, files: Mapping[str, bytes], where: str = "bundle") -> "Bundle":
        """The bundle that these files make; see `open`."""
        missing = [
            name for name in (_MANIFEST, _SIGNATURE, "root.pub", "entries.jsonl", "leaves.txt") if name not in files
        ]
        if missing:
            raise Unreadable(where, f"this is not a bundle: it has no {missing[0]}")
        manifest = parse(files[_MANIFEST], f"{where}: {_MANIFEST}")
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise Unreadable(where, "this bundle is of a version that this program does not read", "Upgrade Ombud.")
        leaves = tuple(files["entries.jsonl"].split(b"\n"))
        return cls(where, files, manifest, leaves[:-1] if leaves and not leaves[-1] else leaves)

    @property
    def root_key(self) -> str:
        """Id of the root key that the bundle names. Whether it is the right one, only the reader can know."""
        return str(self.manifest.get("root_key", ""))

    @property
    def listed(self) -> Mapping[str, str]:
        """SHA-256 of each file, by the manifest."""
        files = self.manifest.get("files")
        return {str(name): str(value) for name, value in files.items()} if isinstance(files, dict) else {}

    @property
    def leaf_hashes(self) -> tuple[str, ...]:
        """The hash of each entry, as the bundle lists them."""
        return tuple(self.files["leaves.txt"].decode("ascii", "replace").split("\n")[:-1])

    @property
    def checkpoints(self) -> tuple[str, ...]:
        """Signed notes, smallest log first."""
        names = [name for name in self.files if name.startswith(_CHECKPOINTS)]
        ordered = sorted(names, key=lambda name: (len(name), name))
        return tuple(self.files[name].decode("utf-8", "replace") for name in ordered)

    @property
    def cube_names(self) -> frozenset[str]:
        """Digests by which cubes are called in it."""
        return frozenset(
            name.removeprefix(_CUBES).removesuffix(".json") for name in self.files if name.startswith(_CUBES)
        )

    def cube_bytes(self, name: str) -> bytes | None:
        """The bytes of a cube; None if it is not here."""
        return self.files.get(f"{_CUBES}{name}.json")

    def cubes(self) -> dict[str, Cube]:
        """All cubes by the digest they are called by.

        Raises:
            Unreadable: one is not a cube.
        """
        return {name: self._cube(name) for name in sorted(self.cube_names)}

    @property
    def attachments(self) -> Mapping[str, bytes]:
        """What was put beside the log, by name: for example the law pack."""
        named = {name: data for name, data in self.files.items() if name.startswith(_ATTACHMENTS)}
        return {name.removeprefix(_ATTACHMENTS): data for name, data in named.items()}

    @property
    def signature(self) -> Envelope:
        """The log key's signature over the manifest.

        Raises:
            Unreadable: it is none.
        """
        return Envelope.from_json(parse(self.files[_SIGNATURE], _SIGNATURE), f"{self.where}: {_SIGNATURE}")

    def entries(self) -> tuple[Entry, ...]:
        """All entries.

        Raises:
            Unreadable: one of them is not the canonical form of an entry.
        """
        return tuple(Entry.read(index, leaf) for index, leaf in enumerate(self.leaves))

    def log(self, root: str | None = None) -> Log:
        """The log, read under a root key that the reader trusts; else under the one that the bundle names."""
        return Log(self.entries(), root or self.root_key)

    def _cube(self, name: str) -> Cube:
        where = f"{self.where}: cube {name[:16]}"
        try:
            return Cube.from_json(parse(self.cube_bytes(name) or b"", where))
        except (KeyError, TypeError, AttributeError, ValueError, IndexError, Misused):
            raise Unreadable(where, "this is not a cube of counts") from None


def make_bundle(
    log: Log,
    root_public: bytes,
    checkpoints: Sequence[tuple[int, str]],
    cubes: Mapping[str, Mapping[str, Any]],
    attachments: Mapping[str, bytes],
    log_key: SigningKey,
) -> dict[str, bytes]:
    """The files of a bundle, to be written by `archive.write`. The same log gives the same bytes.

    Args:
        log: all entries, or a prefix.
        root_public: the root's public key, 32 raw bytes.
        checkpoints: size and signed note of each, the newest of the log's own size.
        cubes: plain form of each cube by its digest.
        attachments: bytes by name.
        log_key: signs the manifest.
    """
    files = {
        "root.pub": root_public.hex().encode() + b"\n",
        "entries.jsonl": b"".join(entry.leaf + b"\n" for entry in log.entries),
        "leaves.txt": b"".join(leaf_hash(entry.leaf).hex().encode() + b"\n" for entry in log.entries),
        **{f"{_CHECKPOINTS}{size}": note.encode() for size, note in checkpoints},
        **{f"{_CUBES}{name}.json": canonical(cube) for name, cube in cubes.items()},
        **{f"{_ATTACHMENTS}{name}": data for name, data in attachments.items()},
    }
    manifest = canonical({
        "format": FORMAT,
        "root_key": log.root_key,
        "size": len(log.entries),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    })  # fmt: skip
    signature = sign_bytes(manifest, SIGNED_TYPE, log_key)
    return {**files, _MANIFEST: manifest, _SIGNATURE: signature.encode()}


def cubes_named(log: Log) -> tuple[str, ...]:
    """Digests of the cubes that the log's measurements name, in the order of the log, each once."""
    named: dict[str, None] = {}
    for entry, seen in zip(log.entries, log.examined, strict=True):
        if seen.kind == "measurement" and seen.problem is None:
            named.update(dict.fromkeys(_cubes_of(entry)))
    return tuple(named)


def _cubes_of(entry: Entry) -> list[str]:
    inputs = entry.statement.predicate.get("inputs")
    listed = inputs if isinstance(inputs, list) else []
    names = [one.get("cube") for one in listed if isinstance(one, dict)]
    return [name for name in names if isinstance(name, str)]
