"""A copy of a person's data as a locked package: encrypted with a passphrase, with digests inside, gone after a day.

Packages lie under `.ombud/exports/`. The day after which a package is deleted is part of its name, so `purge` needs
no list and no case: it deletes by age whatever became of the request. No name says who it is about.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from attrs import frozen

from ombud.documents.paper import Paper
from ombud.documents.rights.access import Copy, portable_files, readable_copy
from ombud.documents.typeset import pdf
from ombud.documents.webpage import html
from ombud.errors import Misused, Unreadable
from ombud.store.settings import FOLDER

EXPORTS: Final = "exports"
KEPT_DAYS: Final = 30
SHORTEST: Final = 12
"""Shortest passphrase that is taken. The key is stretched little by the ZIP format: a generated one is far better."""
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NAME: Final = re.compile(r"(?P<case>[A-Za-z0-9-]{1,40})\.(?P<until>\d{4}-\d\d-\d\d)\.[0-9a-f]{8}\.zip")
_CASE: Final = re.compile(r"[A-Za-z0-9-]{1,40}")
_FIXED: Final = (1980, 1, 1, 0, 0, 0)

File = tuple[str, bytes]


class Placed(Protocol):
    """Something with a folder: a workspace."""

    @property
    def root(self) -> Path:
        """Its folder."""
        ...


@frozen
class Package:
    """A locked package.

    Attributes:
        path: where it lies; until: the last day on which it lies there.
        digest: SHA-256 of its bytes, for the ledger; files: how many are in it.
    """

    path: Path
    until: date
    digest: str
    files: int


def new_passphrase() -> str:
    """A passphrase of 125 random bits that can be read out on the telephone: five groups of five."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(5))


def copy_files(copy: Copy, *, portable_only: bool = False, fonts: tuple[Path, ...] = ()) -> Iterator[File]:
    """The files of a person's copy.

    Args:
        copy: what is held; fonts: see `typeset.pdf`.
        portable_only: only what the person may take along (GDPR Art. 20); else also the document to read and all data.
    """
    if not portable_only:
        paper = readable_copy(copy)
        yield "copy.html", html(paper).encode("utf-8")
        yield "copy.pdf", pdf(paper, fonts)
        yield from ((f"all/{name}", content) for name, content in portable_files(copy, "everything"))
    yield from ((f"portable/{name}", content) for name, content in portable_files(copy, "portable"))


def letter_files(name: str, paper: Paper, fonts: tuple[Path, ...] = ()) -> Iterator[File]:
    """A letter as page and as PDF, under a name such as "answer"."""
    yield f"{name}.html", html(paper).encode("utf-8")
    yield f"{name}.pdf", pdf(paper, fonts)


def package(
    workspace: Placed, case: str, files: Iterable[File], passphrase: str, today: date, days: int = KEPT_DAYS
) -> Package:
    """Lock files into a package that lies in the workspace for some days.

    Args:
        case: number of the matter; it is in the name of the file, so it must say nothing about the person.
        files: name and content; passphrase: at least 12 characters; never kept anywhere.
        today: the day; days: how long it lies there, 1 to 90.

    Raises:
        Misused: a short passphrase, a case number that is none, or the package for encryption is not installed.
    """
    _check(case, passphrase, days)
    until = today + timedelta(days=days)
    folder = _folder(workspace)
    path = folder / f"{case}.{until.isoformat()}.{secrets.token_hex(4)}.zip"
    part = path.with_suffix(".part")
    try:
        count = _write(part, case, files, passphrase, today, until)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    with path.open("rb") as made:
        return Package(path, until, hashlib.file_digest(made, "sha256").hexdigest(), count)


def unlock(path: Path, passphrase: str) -> dict[str, bytes]:
    """The files of a package, each held against its digest.

    Raises:
        Misused: another passphrase. Unreadable: the package is damaged, or a file is not the one that was packed.
    """
    aes = _pyzipper()
    try:
        with aes.AESZipFile(path) as archive:
            archive.setpassword(passphrase.encode("utf-8"))
            found = {name: archive.read(name) for name in archive.namelist()}
    except RuntimeError:
        raise Misused("this passphrase does not open the package", "Check it letter by letter.") from None
    except (OSError, ValueError, aes.BadZipFile):
        raise Unreadable(path.name, "this is no whole package", "Make it again.") from None
    manifest = json.loads(found.get("manifest.json", b"{}"))
    named = {one["name"]: one["sha256"] for one in manifest.get("files", ())}
    if named != {name: _digest(content) for name, content in found.items() if name != "manifest.json"}:
        raise Unreadable(path.name, "a file in it is not the one that was packed", "Make it again.")
    return found


def purge(workspace: Placed, today: date) -> int:
    """Delete packages whose last day is over, whatever the state of their case; how many.

    What was left half-written by a crash goes too, and what lies there under a name of no package once it is older
    than a package may get.
    """
    folder = workspace.root / FOLDER / EXPORTS
    if not folder.is_dir():
        return 0
    over = [path for path in folder.iterdir() if path.name != ".gitignore" and path.is_file() and _is_over(path, today)]
    for path in over:
        path.unlink(missing_ok=True)
    return len(over)


def packages(workspace: Placed) -> tuple[tuple[Path, str, date], ...]:
    """What lies in the workspace now: file, case, last day."""
    folder = workspace.root / FOLDER / EXPORTS
    named = ((path, _NAME.fullmatch(path.name)) for path in sorted(folder.glob("*.zip")))
    return tuple((path, found["case"], date.fromisoformat(found["until"])) for path, found in named if found)


# --- how it is written ------------------------------------------------------------------------------------------------


def _check(case: str, passphrase: str, days: int) -> None:
    if len(passphrase) < SHORTEST:
        raise Misused(f"a passphrase has at least {SHORTEST} characters", "Leave it out, and one is made for you.")
    if not _CASE.fullmatch(case):
        raise Misused("that is no number of a case", "See: ombud rights show")
    if not 1 <= days <= 90:
        raise Misused("a package lies there between 1 and 90 days", f"The default is {KEPT_DAYS}.")


def _folder(workspace: Placed) -> Path:
    """The folder of packages: only for its owner, and kept out of Git."""
    folder = workspace.root / FOLDER / EXPORTS
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    return folder


def _write(part: Path, case: str, files: Iterable[File], passphrase: str, today: date, until: date) -> int:
    aes = _pyzipper()
    named: list[dict[str, Any]] = []
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as raw:
        with aes.AESZipFile(raw, "w", compression=aes.ZIP_DEFLATED, encryption=aes.WZ_AES) as archive:
            archive.setpassword(passphrase.encode("utf-8"))
            archive.setencryption(aes.WZ_AES, nbits=256)
            for name, content in files:
                archive.writestr(_entry(aes, name), content)
                named.append({"name": name, "bytes": len(content), "sha256": _digest(content)})
            manifest = {
                "case": case,
                "made_on": today.isoformat(),
                "deleted_here_on": until.isoformat(),
                "files": named,
            }
            archive.writestr(_entry(aes, "manifest.json"), json.dumps(manifest, indent=1).encode())
        raw.flush()
        os.fsync(raw.fileno())
    return len(named)


def _entry(aes: Any, name: str) -> Any:
    """An entry without the time at which it was made."""
    entry = aes.zipfile_aes.AESZipInfo(name, date_time=_FIXED)
    entry.compress_type = aes.ZIP_DEFLATED
    return entry


def _is_over(path: Path, today: date) -> bool:
    found = _NAME.fullmatch(path.name)
    try:
        if found:
            return date.fromisoformat(found["until"]) < today
    except ValueError:
        pass
    days = 1 if path.suffix == ".part" else KEPT_DAYS
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date() + timedelta(days=days) < today


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _pyzipper() -> Any:
    try:
        import pyzipper
    except ImportError:
        raise Misused("locked packages need pyzipper", "Install it: pip install 'ombud[rights]'") from None
    return pyzipper
