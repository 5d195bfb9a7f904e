"""Text and numbers made fit to be read: nothing hostile survives, and no rounding changes a verdict."""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

from ombud.statistics.measurement import Number

LONGEST_NAME: Final = 120
"""Longest name of a column or group that a sentence carries whole; JSON always carries all of it."""

_ISOLATED: Final = "\u2068[^\u2066-\u2069\n]*\u2069"
_HIDING: Final = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_INVISIBLE: Final = re.compile(f"({_ISOLATED})|{_HIDING}")
"""Controls, turns of writing direction, halves of pairs and invisible tags: what can hide or disguise text. A closed
isolate keeps its direction to itself and may stay (what is in it is cleaned with the rest)."""

OWNERS: Final = {
    "ml": "machine-learning team",
    "platform": "platform team",
    "dpo": "data protection officer",
    "ciso": "information security officer",
    "legal": "legal department",
    "business": "business owner",
}

SUBJECTS: Final = {
    "privacy": "Data privacy",
    "security": "Data security",
    "fairness": "Fair treatment",
    "explanation": "Explanation",
    "monitoring": "Deployment and monitoring",
}


def clean(text: str) -> str:
    """The same text with every control, direction mark and lone surrogate written out, so that it is seen and inert."""
    return _INVISIBLE.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    if found[1]:
        return f"\u2068{clean(found[1][1:-1])}\u2069"
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def short(text: str, longest: int) -> str:
    """A name for a drawing, cut off where it would not fit; the table beside the drawing has more of it."""
    flat = clean(text.replace("\n", " ").replace("\t", " "))
    return name(flat if len(flat) <= longest else f"{flat[: longest - 1]}…")


def name(text: str, longest: int = LONGEST_NAME) -> str:
    """A name that came with the data: on one line, shortened in the middle if very long, its direction kept inside."""
    flat = clean(text.replace("\n", "\\n").replace("\t", "\\t"))
    if len(flat) > longest:
        tail = longest // 4
        flat = f"{flat[: longest - tail]}…{flat[-tail:]} ({len(text):,} characters)"
    right_to_left = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in flat)
    return f"\u2068{flat}\u2069" if right_to_left else flat


def quoted(text: str, longest: int = LONGEST_NAME) -> str:
    """A name from the data in quotation marks, so that nobody takes it for a word of ours."""
    return f"“{name(text, longest)}”"


def owner(role: str) -> str:
    """A role as a reader calls it."""
    return OWNERS.get(role, role)


def subject(check: str) -> str:
    """The subject of a check or of its first half, as a heading."""
    first = check.partition(".")[0]
    return SUBJECTS.get(first, first)


def once(text: str) -> str:
    """The same reasons, each said once: "a; b; a" is "a; b"."""
    return "; ".join(dict.fromkeys(text.split("; ")))


def instant(iso: str) -> str:
    """An instant to the minute: "2026-11-23 08:06 UTC"; anything else as it is."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(\.\d+)?)?Z", iso)
    return f"{found[1]} {found[2]} UTC" if found else iso


def listed(words: Sequence[str], last: str = "and") -> str:
    """ "a, b and c"; "" for nothing."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def counted(n: int, one: str, many: str = "") -> str:
    """ "1 person", "2 people", "1,681 people"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


_TIED: Final = re.compile(
    r"(?<=\d) (?=%)|(?<=\bn) (?=[=] )|(?<=\bn =) (?=\d)|(?<=\bp) (?=[<=] )|(?<=\bp [<=]) (?=[.\d])"
)


def tied(text: str, space: str = "\u00a0") -> str:
    """The same text with spaces inside "73.1 %", "n = 197" and "p < .001" that no line breaks at."""
    return _TIED.sub(space, text)


# --- numbers ----------------------------------------------------------------------------------------------------------


def share(value: Number, digits: int = 1) -> str:
    """A share as a percentage: .731 is "73.1 %"."""
    if not isinstance(value, float) and (Fraction(value) * 100).denominator == 1:
        return _minus(f"{int(value * 100)} %")
    return _minus(f"{float(value) * 100:.{digits}f} %")


def level(value: float) -> str:
    """A confidence level: .95 is "95 %"."""
    return f"{exact(Fraction(str(value)) * 100)} %"


def exact(value: Fraction) -> str:
    """A number without any rounding: as a decimal where it has a short one, else as a fraction."""
    decimal = f"{float(value):.9f}".rstrip("0").rstrip(".")
    return _minus(decimal if Fraction(decimal) == value else str(value))


def ratio(value: Number, digits: int = 3) -> str:
    """A ratio, without the idle zero: .775 is ".775"."""
    return _minus(re.sub(r"^(-?)0\.", r"\1.", f"{float(value):.{digits}f}"))


def points(value: Number, digits: int = 1) -> str:
    """A difference of shares in percentage points, with its sign."""
    return _minus(f"{float(value) * 100:+.{digits}f} points")


def plain(value: Number, digits: int = 3) -> str:
    """Any other number: whole ones whole, others with `digits` significant digits and never an exponent."""
    if isinstance(value, int) or (isinstance(value, Fraction) and value.denominator == 1):
        return _minus(f"{int(value):,}")
    number = float(value)
    if not math.isfinite(number):
        return "infinite" if number > 0 else "−infinite" if number < 0 else "not a number"
    after = max(0, digits - 1 - math.floor(math.log10(abs(number)))) if number else 0
    return _minus(_trim(f"{number:,.{min(after, 12)}f}"))


def p_value(p: float) -> str:
    """ "p < .001" or "p = .034", never rounded across .05."""
    if p < 0.001:
        return "p < .001"
    digits = 3
    while digits < 8 and (round(p, digits) < 0.05) != (p < 0.05):
        digits += 1
    return f"p = {ratio(min(p, 1.0), digits)}"


def faithful(write: Callable[[Number, int], str], value: Number, limit: Number, digits: int, scale: int = 1) -> str:
    """Write a number with as many digits as it takes not to look like the limit, or as if beyond it, when it is not.

    Args:
        write: one of the functions above; digits: how many to begin with; scale: 100 where `write` shows percent.
    """
    shown = digits
    while shown < digits + 6 and not _same_side(value, limit, shown, scale):
        shown += 1
    return write(value, shown)


def _same_side(value: Number, limit: Number, digits: int, scale: int) -> bool:
    if isinstance(value, float) and not math.isfinite(value):
        return True
    rounded = round(Fraction(value) * scale, digits)
    goal = Fraction(limit) * scale
    return (rounded > goal, rounded < goal) == (Fraction(value) * scale > goal, Fraction(value) * scale < goal)


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _trim(text: str) -> str:
    return _minus(re.sub(r"\.0+$", "", text) if "." in text else text)
