"""People beside the log: aliases, notes, lists and memberships. See `people.People`."""

from ombud.store.people.listed import LISTS, STOPPING, Listed
from ombud.store.people.membership import Membership, TableState
from ombud.store.people.people import People
from ombud.store.people.written import as_text

__all__ = ["LISTS", "STOPPING", "Listed", "Membership", "People", "TableState", "as_text"]
