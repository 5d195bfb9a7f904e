"""`records.yaml`: what the law wants in a record and neither the map of data nor the organisation's manifest says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from attrs import field, frozen
from pydantic import Field

from ombud.system.border import Border, understand
from ombud.system.secrets import refuse_secrets
from ombud.system.words import Mapped, Several, Text
from ombud.system.yaml_lines import read_yaml

FILE: Final = "records.yaml"
"""Looked for beside the map of data."""

Texts = Annotated[list[Text], Several]
"""One text or several."""


class ControllerFile(Border):
    """What organisation.yaml does not say of who answers for the processing."""

    representative: Text | None = None
    joint: Texts | None = None
    store_security: Texts | None = None


class ClientFile(Border):
    """A controller for whom the organisation processes."""

    name: Text
    contact: Text | None = None
    categories: Texts | None = None
    transfers: Texts | None = None
    security: Texts | None = None


class RecordsFile(Border):
    """The file as a person writes it."""

    controller: ControllerFile | None = None
    people: Annotated[dict[str, Texts], Mapped] = Field(default_factory=dict)
    transfers: Annotated[dict[str, Text], Mapped] = Field(default_factory=dict)
    consent: Annotated[dict[str, Text], Mapped] = Field(default_factory=dict)
    processing_for: list[ClientFile] | None = None


@frozen(kw_only=True)
class ForWhom:
    """A controller for whom the organisation processes; None where nobody said."""

    name: str
    contact: str | None = None
    categories: tuple[str, ...] | None = None
    transfers: tuple[str, ...] | None = None
    security: tuple[str, ...] | None = None


@frozen(kw_only=True)
class Declared:
    """What `records.yaml` says; None or absent: nobody said.

    Attributes:
        representative: in the Union.
        joint: joint controllers ("none" if there are none).
        store_security: how disk and database of Ombud's own store are kept safe.
        people: address of a collection or name of a source → categories of people.
        transfers: country → the safeguard there; consent: address of a collection → where the consents are kept.
        processing_for: controllers for whom the organisation processes; None: nobody said.
    """

    representative: str | None = None
    joint: tuple[str, ...] | None = None
    store_security: tuple[str, ...] | None = None
    people: Mapping[str, tuple[str, ...]] = field(factory=dict)
    transfers: Mapping[str, str] = field(factory=dict)
    consent: Mapping[str, str] = field(factory=dict)
    processing_for: tuple[ForWhom, ...] | None = None


def load_declared(path: Path) -> Declared:
    """Read `records.yaml`; where there is no such file, nothing is declared.

    Raises:
        Invalid: the first mistake, with file, line and key.
    """
    if not path.exists():
        return Declared()
    written = read_yaml(path)
    refuse_secrets(written)
    file = understand(RecordsFile, written)
    who = file.controller or ControllerFile()
    clients = file.processing_for
    return Declared(
        representative=who.representative,
        joint=_several(who.joint),
        store_security=_several(who.store_security),
        people={name: tuple(said) for name, said in file.people.items()},
        transfers=dict(file.transfers),
        consent=dict(file.consent),
        processing_for=None if clients is None else tuple(_client(one) for one in clients),
    )


def _client(file: ClientFile) -> ForWhom:
    return ForWhom(
        name=file.name, contact=file.contact, categories=_several(file.categories),
        transfers=_several(file.transfers), security=_several(file.security),
    )  # fmt: skip


def _several(texts: list[str] | None) -> tuple[str, ...] | None:
    return None if texts is None else tuple(texts)
