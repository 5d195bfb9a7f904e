"""The questions Ombud asks. One file a question, one folder a subject, listed here by name.

Other packages add checks through the entry-point group `ombud.checks`; one that cannot be imported, or was written for
another version of the contract, is reported as unknown, never left out.
"""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from ombud.checks.check import API_VERSION, Check, check

GROUP: Final = "ombud.checks"

BUILT_IN: Final = (
    "privacy.undeclared_personal_data",
    "privacy.reidentification",
    "privacy.special_categories",
    "privacy.erased_people",
    "security.model_format",
    "security.released_artifact",
    "fairness.selection_rates",
    "fairness.impact_ratio",
    "fairness.error_rates",
    "fairness.conditional_ratio",
    "explanation.reasons",
    "explanation.protected_reasons",
    "monitoring.drift",
    "monitoring.data_quality",
    "monitoring.overlap",
)
"""Every built-in check, in the order in which a reader meets it; a test compares this list with the folders."""


def built_in() -> tuple[Check, ...]:
    """The checks that come with Ombud."""
    return tuple(_one_in(name) for name in BUILT_IN)


def _one_in(name: str) -> Check:
    module = import_module(f"ombud.checks.{name}")
    found = [value for value in vars(module).values() if isinstance(value, Check)]
    assert len(found) == 1 and found[0].name == name, f"{name}: one file holds one check of the same name"
    return found[0]


@cache
def all_checks() -> tuple[tuple[Check, ...], tuple[tuple[str, str], ...]]:
    """Built-in checks and those of other packages; and, of those that could not be used, the name and why."""
    found = list(built_in())
    broken: list[tuple[str, str]] = []
    for point in entry_points(group=GROUP):
        loaded, why = _plugged_in(point, [one.name for one in found])
        if loaded is not None:
            found.append(loaded)
        else:
            broken.append((point.name, why))
    return tuple(found), tuple(broken)


def _plugged_in(point: EntryPoint, taken: Sequence[str]) -> tuple[Check | None, str]:
    try:
        loaded = point.load()
    except (Exception, SystemExit) as error:  # it may fail in any way; that is a fact to report, not ours to raise
        return None, f"its package could not be imported ({type(error).__name__})"
    if not isinstance(loaded, Check):
        return None, "the entry point does not name a check"
    if loaded.api != API_VERSION:
        return None, f"written for version {loaded.api} of the contract; this is version {API_VERSION}"
    if loaded.name in taken:
        return None, f"the name {loaded.name} is taken"
    return loaded, ""


def known_checks() -> frozenset[str]:
    """Names of all checks that can be asked for here; the built-in ones are not imported for this."""
    if not entry_points(group=GROUP):
        return frozenset(BUILT_IN)
    found, broken = all_checks()
    return frozenset(check.name for check in found) | {name for name, _ in broken}


__all__ = ["API_VERSION", "BUILT_IN", "Check", "all_checks", "built_in", "check", "known_checks"]
