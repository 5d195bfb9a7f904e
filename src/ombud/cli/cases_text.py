"""The steps of a case, of whatever matter, in words and for programs."""

from collections.abc import Collection, Iterator
from typing import Any

from ombud.cases import Case

DIGEST: int = 64
"""Letters of a digest; the first sixteen are enough for people."""


def steps_lines(case: Case, left_out: Collection[str]) -> Iterator[str]:
    """Each step with what it said, but for what is too long for people; then what does not count, and why."""
    yield "steps:"
    for step in case.steps:
        said = ", ".join(f"{name}: {_short(value)}" for name, value in step.details.items() if name not in left_out)
        yield f"  {step.at:%Y-%m-%d %H:%M} UTC  {step.event}  by {step.holder}{f'  ({said})' if said else ''}"
    for one in case.ignored:
        yield f"  does not count: entry {one.index}, {one.event}: {one.because}"


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    text = str(value)
    return text[:16] if len(text) == DIGEST else text


def steps_plain(case: Case) -> dict[str, Any]:
    """The steps, and what does not count, for programs."""
    steps = [{"event": one.event, "at": one.at.isoformat(), "by": one.holder, "entry": one.index, "state": one.state,
              "details": dict(one.details)} for one in case.steps]  # fmt: skip
    return {
        "steps": steps,
        "ignored": [{"entry": one.index, "event": one.event, "because": one.because} for one in case.ignored],
    }
