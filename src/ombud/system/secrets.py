"""Secrets never stand in a manifest: an address names them as `${env:NAME}`, and only opening a table looks them up."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import frozen

from ombud.errors import Misused, NotFound
from ombud.system.yaml_lines import Key, Written

_REFERENCE: Final = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]{0,127})\}")
_SECRET_NAME: Final = re.compile(
    r"(?:.*[_-])?(?:password|passwd|pwd|passphrase|secret|secret[_-]?key|access[_-]?key|account[_-]?key|api[_-]?key|"
    r"private[_-]?key|auth[_-]?token|access[_-]?token|token|credentials?|sas|sig)",
    re.IGNORECASE,
)
_SECRET_VALUES: Final = (
    re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\s:@]*:[^/?#\s@]+@", re.IGNORECASE),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    re.compile(r"(?:^|[^A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?:$|[^A-Za-z0-9])"),
    re.compile(r"(?:^|[^A-Za-z0-9])(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|sk_live_|hf_)[A-Za-z0-9_-]{16,}"),
    re.compile(r"(?:^|[^A-Za-z0-9])AIza[A-Za-z0-9_-]{35}"),
    re.compile(r"(?:^|[^A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}"),
)
_ASSIGNMENT: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,40})\s*=\s*([^\s;&'\"]+)")

FREE_NAMES: Final = ("columns", "reasons", "people")
"""Keys under which names are those of columns, and `token` may be one."""


@frozen
class Rules:
    """Where a kind of file may refer to secrets, and where its names are free.

    Attributes:
        opened: whether `${env:NAME}` is resolved at a key.
        where: that place, in words.
        free: whether a key's name is one of the user's own (a column may be called `token`).
    """

    opened: Callable[[Key], bool]
    where: str
    free: Callable[[Key], bool]


MANIFEST: Final = Rules(
    opened=lambda key: (
        (len(key) == 3 and key[0] == "data" and key[2] == "table") or key[:2] == ("monitoring", "notify")
    ),
    where="data.<name>.table and monitoring.notify",
    free=lambda key: key[0] in FREE_NAMES,
)
"""A manifest's."""


def refuse_secrets(written: Written, rules: Rules = MANIFEST) -> None:
    """Refuse a file in which a secret stands, or which refers to one where nothing is opened.

    Raises:
        Invalid: names the key and what it looks like; the value is never repeated.
    """
    for key, name in _names(written):
        if _holds_secret(name):
            raise written.invalid(key[:-1], "holds a key that looks like a secret")
        if not rules.free(key) and _SECRET_NAME.fullmatch(name):
            raise written.invalid(key, "secrets do not belong in a manifest", "${env:NAME} within the table's address")
    for key, text in written.texts():
        if _holds_secret(text):
            raise written.invalid(key, "a secret stands in the text; name it as ${env:NAME} instead")
        _check_references(written, key, text, rules)


def is_reference(text: str) -> bool:
    """Whether a text is one reference and nothing else."""
    return _REFERENCE.fullmatch(text.strip()) is not None


def resolve(address: str, environ: Mapping[str, str] | None = None) -> str:
    """Put the values of the environment in place of `${env:NAME}`.

    Raises:
        NotFound: a variable is not set, or empty.
    """
    known = os.environ if environ is None else environ

    def value(found: re.Match[str]) -> str:
        if not known.get(found[1]):
            raise NotFound("environment variable", found[1], f"Set {found[1]} to what the manifest's address needs.")
        return known[found[1]]

    return _REFERENCE.sub(value, address)


def names_secret(name: str) -> bool:
    """Whether a key is called like a secret, so that its value may only be `${env:NAME}`."""
    return _SECRET_NAME.fullmatch(name) is not None


def references(address: str) -> tuple[str, ...]:
    """Names of the environment variables that an address needs."""
    return tuple(_REFERENCE.findall(address))


def guard_address(address: str) -> None:
    """Refuse an address that carries a secret, for doors that take one outside a manifest and write it into one.

    Raises:
        Misused: it looks like a secret; the address is not repeated.
    """
    if _holds_secret(address):
        raise Misused("the table's address holds a secret", "Set it in the environment and write ${env:NAME} instead.")


def _names(written: Written) -> Iterator[tuple[Key, str]]:
    return ((key, str(key[-1])) for key in written.lines if key and isinstance(key[-1], str))


def _holds_secret(text: str) -> bool:
    bare = _REFERENCE.sub("", text)
    if any(pattern.search(bare) for pattern in _SECRET_VALUES):
        return True
    return any(_SECRET_NAME.fullmatch(name) for name, _ in _ASSIGNMENT.findall(bare))


def _check_references(written: Written, key: Key, text: str, rules: Rules) -> None:
    rest = _REFERENCE.sub("", text)
    if "${" in rest:
        raise written.invalid(key, "only references of the form ${env:NAME} are known", "${env:NAME}")
    if rest != text and not rules.opened(key):
        raise written.invalid(key, f"${{env:...}} is resolved only in {rules.where}; write the value itself here")
