"""What a recorder takes from a system's manifest."""

import hashlib
from pathlib import Path
from typing import Any

from ombud.system.manifest import load_system
from ombud.tables.needs import Role


def settings_of(manifest: Path) -> dict[str, Any]:
    """Attributes of the recorder of a system.

    Raises:
        NotFound, Invalid: the manifest cannot be read.
    """
    system = load_system(manifest)
    subject = system.columns.of(Role.SUBJECT)
    kind = system.subject_kind or (subject[0] if subject else None)
    said: dict[str, Any] = {"system": system.name, "subject_kind": kind}
    if system.model is not None:
        if system.model.threshold is not None:
            said["threshold"] = threshold_text(system.model.threshold)
        if system.model.artifact.is_file():
            with system.model.artifact.open("rb") as file:
                said["model"] = hashlib.file_digest(file, "sha256").hexdigest()
    return said


def threshold_text(threshold: Any) -> str:
    """An exact number as a decimal where it has one, else as a fraction."""
    from decimal import Decimal
    from fractions import Fraction

    exact = Fraction(threshold)
    rest = exact.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return str(exact) if rest != 1 else format(Decimal(exact.numerator) / Decimal(exact.denominator), "f")
