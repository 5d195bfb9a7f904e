"""Whether a file with a digest lies where a registry says that a model's files are. Nothing is loaded, only hashed."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

MOST_FILES: Final = 10_000
"""A folder with more files is not searched to its end; what was not looked at was not found."""


def digest_there(source: str, digest: str) -> bool | None:
    """Whether a file under an address has this SHA-256; None where the address is not on this machine.

    Args:
        source: a path, or a URL; only file:// is on this machine.
    """
    parts = urlsplit(source)
    if parts.scheme not in ("", "file") or (parts.scheme == "file" and parts.netloc not in ("", "localhost")):
        return None
    path = Path(unquote(parts.path) if parts.scheme else source)
    return any(_hash(file) == digest for file in _files(path))


def _files(path: Path) -> Iterator[Path]:
    """The plain files there; links are not followed, so that nothing outside is taken for the model."""
    if path.is_file():
        yield path
        return
    seen = 0
    for folder, _, names in os.walk(path, followlinks=False):
        for name in sorted(names):
            file, seen = Path(folder) / name, seen + 1
            if seen > MOST_FILES:
                return
            if file.is_file() and not file.is_symlink():
                yield file


def _hash(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
