"""How long decisions are kept, in words."""

from collections.abc import Iterator

from ombud.decisions.retention import Floor, Retention, words


def retention_text(system: str, found: Retention) -> str:
    """At least, at most, and where the two conflict."""
    return "\n".join(_lines(system, found))


def _lines(system: str, found: Retention) -> Iterator[str]:
    yield f"{system}: how long decisions are kept, each from the day it was made"
    for one in found.floors:
        yield from _floor(one)
    if not found.floors:
        yield "  at least  no law here sets a time for this system"
    if found.ceiling is not None:
        yield f"  at most   {found.ceiling.words:<10} retention.decisions in the manifest"
    else:
        wants = f", and {found.asked} asks for one" if found.asked else ""
        yield f"  at most   nobody has set a time{wants}: write retention: {{decisions: …}} in the manifest"
    if found.conflicts:
        yield f"  conflict  the ceiling is below {words(found.conflicts)}: they are kept that long all the same"


def _floor(one: Floor) -> Iterator[str]:
    when = f" (from {one.bites_from})" if one.bites_from else ""
    may = "" if one.applies == "yes" or one.bites_from else " perhaps: declare " + ", ".join(one.missing)
    yield f"  at least  {one.at_least.words:<10} {one.requirement}, {one.cite}{when}{may} [{one.certainty}]"
    if one.yields:
        yield f"            an erasure that a person asks for comes first: {one.yields}"
