"""How the states of parts combine into the state of a requirement: a fixed precedence, and nothing else."""

from collections.abc import Sequence

from ombud.status.finding import Part, State

SHOWN, FAILING, UNKNOWN, STALE, MISSING = "shown", "failing", "unknown", "stale", "missing"


def combine(mode: str, parts: Sequence[Part]) -> tuple[State, str]:
    """The state of a requirement that applies and binds, and why, from the states of its parts.

    Precedence: a current failure outranks everything, any attestation included; then what could not be measured; then
    what has expired; then nothing at all; then part of it, or only supporting evidence; and only when everything that
    is asked for is there, and each part is direct, is it shown. With `any_of`, one direct part is enough, and an
    expired or unmeasurable alternative does not count against another that stands.
    """
    by_state = {state: [p for p in parts if p.state == state] for state in (SHOWN, FAILING, UNKNOWN, STALE, MISSING)}
    if by_state[FAILING]:
        return State.NOT_SHOWN, _because(by_state[FAILING], "fails")
    if mode == "any_of" and any(part.strength == "direct" for part in by_state[SHOWN]):
        return State.SHOWN, _because(by_state[SHOWN], "shows it")
    if by_state[UNKNOWN]:
        return State.UNKNOWN, _because(by_state[UNKNOWN], "could not be told")
    if by_state[STALE]:
        return State.STALE, _because(by_state[STALE], "has expired")
    return _without_trouble(mode, parts, by_state[SHOWN], by_state[MISSING])


def _without_trouble(
    mode: str, parts: Sequence[Part], shown: Sequence[Part], missing: Sequence[Part]
) -> tuple[State, str]:
    if not shown:
        wanted = _names(parts) if parts else "nothing that a machine or a document could show"
        return State.UNKNOWN, f"no evidence yet; wanted: {wanted}"
    if mode == "all_of" and not missing and all(part.strength == "direct" for part in parts):
        return State.SHOWN, _because(shown, "shows it")
    if missing and mode == "all_of":
        return State.PARTLY_SHOWN, f"{_names(shown)} there; still wanted: {_names(missing)}"
    return State.PARTLY_SHOWN, f"only supporting evidence: {_names(shown)}"


def _names(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.kind} {part.name}" for part in parts)


def _because(parts: Sequence[Part], verb: str) -> str:
    first = parts[0]
    detail = f" ({first.because})" if first.because else ""
    more = f", and {len(parts) - 1} more" if len(parts) > 1 else ""
    return f"{first.kind} {first.name} {verb}{detail}{more}"
