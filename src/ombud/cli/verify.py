"""`ombud verify`: verify an evidence bundle offline."""

from pathlib import Path
from typing import Annotated, Protocol

import typer

from ombud.cli.options import AsFormat, Format
from ombud.cli.tables import show_json
from ombud.errors import Misused, Unreadable
from ombud.evidence.bundle import Bundle
from ombud.evidence.checkpoint import MAX_BYTES, Checkpoint
from ombud.evidence.verify import Verdict, verify_bundle
from ombud.store.workers import examine_in_parallel


class Recomputed(Protocol):
    """What repeating the arithmetic found."""

    @property
    def ok(self) -> bool: ...
    def lines(self) -> list[str]: ...
    def to_json(self) -> dict[str, object]: ...


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A zip file or folder from `ombud ledger export`.")],
    root: Annotated[
        str | None, typer.Option("--root", metavar="KEY", help="Id of the root key you trust, as you were told it.")
    ] = None,
    since: Annotated[
        Path | None, typer.Option("--since", metavar="CHECKPOINT", help="A checkpoint that you hold from earlier.")
    ] = None,
    anchored: Annotated[
        bool, typer.Option("--anchored", help="Refuse (exit 3) a bundle that no checkpoint of yours vouches for.")
    ] = False,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Also repeat every number that comes from counts, and its verdict.")
    ] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Verify an evidence bundle, offline: nothing but this file, and what you hold yourself.

    Exit code: 0 sound, 1 tampered with (or a number comes out otherwise), 3 an unknown key, or not anchored though
    --anchored was given.

    \b
    Examples:
    ombud verify evidence.zip --recompute
    ombud verify evidence.zip --since held.checkpoint --anchored
    """
    received = Bundle.open(bundle)
    verdict = verify_bundle(received, _root(root), _held(since), anchored, examine_in_parallel)
    again = _recompute(received, verdict) if recompute else None
    if format is Format.JSON:
        show_json(verdict.to_json() | ({"recomputed": again.to_json()} if again else {}))
    else:
        for line in [*told(verdict), *(again.lines() if again else [])]:
            typer.echo(line)
    differs = again is not None and not again.ok
    raise typer.Exit(1 if differs else verdict.exit_code)


def told(verdict: Verdict) -> list[str]:
    """The verdict in words."""
    lines = [_headline(verdict)]
    lines += [f"  {problem.message}" for problem in (*verdict.tampered, *verdict.unknown)]
    lines.append(f"log: {verdict.size} entries, {verdict.trusted} believed, root key {verdict.root_key}")
    lines += [
        f"  {count} of kind {kind}, which this version does not know" for kind, count in verdict.unknown_kinds.items()
    ]
    lines += [f"  {note}" for note in verdict.notes]
    lines.append(_anchored(verdict))
    lines.append("this cannot be known from the bundle:")
    return [*lines, *(f"  - {what}" for what in verdict.cannot_know)]


def _headline(verdict: Verdict) -> str:
    if verdict.tampered:
        return f"TAMPERED WITH: {verdict.where}"
    if verdict.unknown:
        return f"UNKNOWN KEY: {verdict.where}"
    return f"NOT ANCHORED: {verdict.where}" if verdict.exit_code else f"sound: {verdict.where}"


def _anchored(verdict: Verdict) -> str:
    if not verdict.anchored_size:
        return "anchored: no; no checkpoint was given that you hold (--since)"
    return f"anchored: up to entry {verdict.anchored_size - 1}, received {verdict.anchored_at}"


def _root(text: str | None) -> str | None:
    if text is None:
        return None
    if len(text) != 64 or not set(text.lower()) <= set("0123456789abcdef"):
        raise Misused("a root key's id has 64 hexadecimal digits", "The sender shows it with: ombud keys show root")
    return text.lower()


def _held(path: Path | None) -> Checkpoint | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return Checkpoint.read(file.read(MAX_BYTES + 1).decode(), str(path))
    except (OSError, UnicodeDecodeError):
        raise Unreadable(
            str(path), "this is not a checkpoint", "Give the file that `ombud ledger checkpoint` wrote."
        ) from None


def _recompute(bundle: Bundle, verdict: Verdict) -> Recomputed | None:
    """Repeat the arithmetic; only of a bundle that is sound, for other numbers prove nothing."""
    if verdict.tampered:
        typer.echo("not recomputed: the bundle was tampered with", err=True)
        return None
    from ombud.release.recompute import recompute_bundle

    return recompute_bundle(bundle, verdict.root_key)
