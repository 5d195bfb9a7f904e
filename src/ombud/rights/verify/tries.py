"""Count what is tried, so that guessing ends soon.

An attempt is written down before it is judged. Of many attempts at the same moment each sees at least those written
before it, so no more than the allowed number can pass, whatever the order. One that is refused is not kept: it may
neither fill the store nor lock the person out for longer.
"""

import secrets
from datetime import timedelta

from ombud.evidence.instants import instant, parsed
from ombud.store.workspace import Workspace

HOUR = timedelta(hours=1)


def attempt(workspace: Workspace, case: str, what: str, most: int, within: timedelta = HOUR) -> bool:
    """Note an attempt, and say whether it is one of the first `most` within that time.

    Args:
        case: whose private notes count it.
        what: which attempts are counted together.
    """
    now = workspace.context.clock.now()
    people, name = workspace.people, f"{what}/{secrets.token_hex(8)}"
    people.keep(case, name, instant(now), (now + within + timedelta(days=1)).date())
    noted = [value for key, value in people.kept(case).items() if key.startswith(f"{what}/")]
    few = sum(parsed(value) > now - within for value in noted) <= most
    if not few:
        people.drop(case, name)
    return few
