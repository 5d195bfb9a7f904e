"""Categories of data: a published taxonomy, which of them are never shown raw, and which tell one person from another.

Source: Fides taxonomy of data categories 3.1.4 (keys). Never shown raw: 11 CCR § 7024(d), not yet read by a person.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from ombud.system.words import nearest

NEVER_RAW_CITE: Final = "11 CCR § 7024(d)"


def covers(general: str, special: str) -> bool:
    """Whether a category is another or lies below it, by segment: user.contact covers user.contact.email."""
    return special == general or special.startswith(f"{general}.")


def known(category: str, own: Iterable[str] = ()) -> bool:
    """Whether a category is in the taxonomy, or is one of a map's own."""
    return category in categories() or category in own


def closest(category: str, own: Iterable[str] = ()) -> str | None:
    """The category that was probably meant."""
    return nearest(category, [*categories(), *own])


def words(category: str, own: Mapping[str, str] | None = None) -> str:
    """What a category is, in words; the category itself where nothing says more."""
    return (own or {}).get(category) or categories().get(category, category)


def never_raw(category: str | None) -> bool:
    """Whether data of a category is told of but never shown (11 CCR § 7024(d))."""
    return category is not None and any(covers(one, category) for one in _data()["never_raw"]["categories"])


def rank(category: str) -> int:
    """How surely a value of a category tells one person from others: 1 is surest (one person's alone), 5 least."""
    groups: list[list[str]] = _data()["telling"]
    found = (place for place, group in enumerate(groups, 1) if any(covers(one, category) for one in group))
    return next(found, len(groups) + 1)


def least() -> int:
    """The rank of what may be anybody's."""
    return len(_data()["telling"]) + 1


def categories() -> Mapping[str, str]:
    """The taxonomy: category → what it is."""
    found: Mapping[str, str] = _data()["categories"]
    return found


@cache
def _data() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("taxonomy.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found
