"""References as people write them.

customer_id: customers.id                         belongs to the row it points at
manager_id: mentions people.id                    only points there
bank, account: core.accounts (bank, account)      several columns together
"""

import re
from typing import Final, Literal, cast

from ombud.rights.map.model import Binding, Reference
from ombud.rights.map.schema import MapFile
from ombud.system.words import nearest, quoted
from ombud.system.yaml_lines import Key, Written

_WORDS: Final = re.compile(r"(belongs(?:\s+to)?|mentions)\s+(.+)", re.DOTALL)
_LISTED: Final = re.compile(r"([^()\s]+)\s*\(([^()]*)\)")


def read_reference(written: Written, file: MapFile, source: str, at: Key, target: str) -> Reference:
    """Read one reference.

    Args:
        source: in which the collection is; its own collections need not name it.
        at: the key of the reference; its last part names the columns.
        target: what stands behind it.

    Raises:
        Invalid: it cannot be read, or points at a collection that is not in the map.
    """
    word = _WORDS.fullmatch(target.strip())
    where = word[2].strip() if word else target.strip()
    listed = _LISTED.fullmatch(where)
    address, rest = _resolved(written, file, source, at, listed[1] if listed else where)
    if listed and rest:
        raise written.invalid(at, f"write {address} ({', '.join(_names(listed[2]))})")
    there = _names(listed[2]) if listed else (rest,) if rest else _key(file, address)
    here = _names(str(at[-1]))
    if not here or len(here) != len(there):
        raise written.invalid(at, _uneven(address, here, there))
    return Reference(columns=here, to=address, to_columns=there, binding=_binding(word, at, address))


def _binding(word: re.Match[str] | None, at: Key, address: str) -> Binding:
    """What is said; a reference to its own table only mentions the other row, unless more is said."""
    if word:
        return cast(Literal["belongs", "mentions"], word[1].split()[0])
    return "mentions" if address == f"{at[1]}.{at[3]}" else "belongs"


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listed.split(",") if name.strip())


def _key(file: MapFile, address: str) -> tuple[str, ...]:
    source, _, name = address.partition(".")
    return tuple(file.sources[source].collections[name].key)


def _uneven(address: str, here: tuple[str, ...], there: tuple[str, ...]) -> str:
    if not there:
        return f"says no column of {address}; write for example {address}.id"
    return f"{len(here)} columns here and {len(there)} in {address}; write as many, in the same order: {address} (a, b)"


def _resolved(written: Written, file: MapFile, source: str, at: Key, where: str) -> tuple[str, str]:
    """The address of the collection, and what follows it."""
    first, _, rest = where.partition(".")
    second, _, column = rest.partition(".")
    if first in file.sources and second in file.sources[first].collections:
        return f"{first}.{second}", column
    if first in file.sources[source].collections:
        return f"{source}.{first}", rest
    known = [f"{one}.{name}" for one, said in file.sources.items() for name in said.collections]
    own = list(file.sources[source].collections)
    cut = "; within braces put what has a comma in quotes" if "(" in where and ")" not in where else ""
    problem = f"{quoted(where)} names no collection of the map{cut}"
    raise written.invalid(at, problem, nearest(f"{first}.{second}", known) or nearest(first, own))
