"""Small tables in memory for tests, and the one answer a test is about."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from ombud.tables.needs import Need, Role
from ombud.tables.open import open_frame
from ombud.tables.roles import Columns
from ombud.tables.take import Data, Taken, Unmet, take

Given = Mapping[str, Sequence[Any]]


def data(
    minimum: int = 1, *, favourable: str = "1", roles: Mapping[str, Sequence[str]] | None = None, **tables: Given
) -> Data:
    """Tables by what they are for, each a mapping of columns; roles by the manifest's words."""
    by_role = {Role(role): tuple(names) for role, names in (roles or {}).items()}
    opened = {what: open_frame(pa.table(dict(columns)), what) for what, columns in tables.items()}
    return Data(opened, Columns(by_role, favourable, favourable), minimum)


def taken(need: Need, given: Data) -> Taken:
    """The answer; fails with the reason where there is none."""
    answer = take([need], given)[need]
    assert isinstance(answer, Taken), answer
    return answer


def unmet(need: Need, given: Data) -> Unmet:
    """The reason why there is no answer."""
    answer = take([need], given)[need]
    assert isinstance(answer, Unmet), answer
    return answer
