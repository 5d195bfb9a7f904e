"""The facts that `ombud law` asks with: those of a manifest, and those given with --fact."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from ombud.errors import Misused
from ombud.law.condition import NEVER
from ombud.law.tree import nearest
from ombud.law.vocabulary import DATE_FACTS, FACTS, Facts, places

ORGANISATION = "organisation.yaml"


def gather(manifest: Path | None, given: Sequence[str]) -> Facts:
    """The facts of a manifest (with the organisation's beside it), overruled by those given one by one.

    Raises:
        Misused: neither was given, or a fact or value does not exist.
        OmbudError: the manifest cannot be read.
    """
    if manifest is None and not given:
        raise Misused("about whom?", "Name a manifest (ombud.yaml), or give facts: --fact role=provider.")
    return {**(_of(manifest) if manifest else {}), **_given(given)}


def _of(manifest: Path) -> Facts:
    from ombud.system.facts import facts
    from ombud.system.manifest import load_organisation, load_system

    beside = manifest.parent / ORGANISATION
    return facts(load_system(manifest), load_organisation(beside) if beside.exists() else None)


def _given(given: Sequence[str]) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for written in given:
        fact, values = _fact(written)
        found[fact] = found.get(fact, frozenset()) | values
    if "jurisdiction" in found:
        found["jurisdiction"] = places(found["jurisdiction"])
    return found


def _fact(written: str) -> tuple[str, frozenset[str]]:
    """One fact: `role=provider,deployer`; `exempt=` says that there is none."""
    fact, equals, listed = written.partition("=")
    if not equals:
        raise Misused(f"{written!r} is not a fact", "Write it as role=provider.")
    if fact not in FACTS:
        close = nearest(fact, tuple(FACTS))
        raise Misused(
            f"there is no fact {fact!r}", f"Did you mean {close}?" if close else f"Facts: {', '.join(FACTS)}."
        )
    values = frozenset(value.strip() for value in listed.split(",") if value.strip())
    for value in values:
        _check(fact, value)
    return fact, values


def _check(fact: str, value: str) -> None:
    allowed = FACTS[fact]
    if allowed is not None and value not in allowed:
        close = nearest(value, allowed)
        step = f"Did you mean {close}?" if close else f"Values: {', '.join(sorted(allowed))}."
        raise Misused(f"{fact} cannot be {value!r}", step)
    if fact in DATE_FACTS and value != NEVER:
        try:
            date.fromisoformat(value)
        except ValueError:
            raise Misused(f"{fact} cannot be {value!r}", "Write a date as 2026-11-23, or never.") from None
