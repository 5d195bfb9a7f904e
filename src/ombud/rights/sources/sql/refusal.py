"""What a database does not let be done, so that another way is taken: learnt by trying, inside of a savepoint."""

from collections.abc import Iterator
from contextlib import contextmanager

from attrs import frozen
from sqlalchemy.exc import DBAPIError

from ombud.rights.sources.sql.errors import AWAY, BUSY, FULL, SLOW, meaning
from ombud.rights.sources.sql.structure import TableName

_HOPELESS = (AWAY, BUSY, FULL, SLOW)


@frozen
class Refusal:
    """What the database did not let be done.

    Attributes:
        what: "delete", "empty", "mask", "move", "lock" or "read".
        table: where; columns: which, for those that concern columns.
    """

    what: str
    table: TableName
    columns: tuple[str, ...] = ()


class Refused(Exception):
    """The plan cannot be carried out as it is; carries what is learnt by that."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("refused")
        self.refusals = refusals


@contextmanager
def refusing(*refusals: Refusal) -> Iterator[None]:
    """Take what a database refuses as a lesson. A broken connection or a deadlock is none.

    Raises:
        Refused: it refused.
    """
    try:
        yield
    except DBAPIError as error:
        if meaning(error) in _HOPELESS:
            raise
        raise Refused(*refusals) from None
