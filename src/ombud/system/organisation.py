"""The organisation behind the systems: who it is, how large, what it has adopted, and who processes for it."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

from attrs import field, frozen
from pydantic import Field, PlainValidator, WithJsonSchema

from ombud.evidence.canonical import digest
from ombud.system.border import Border, understand
from ombud.system.declarable import DECLARABLE, SIZE, FactsFile, SizeFile, declared_facts
from ombud.system.secrets import refuse_secrets
from ombud.system.words import Day, Function, Mapped, Place, Several, Text, nearest, one_of, plain, quoted, words, wrong
from ombud.system.yaml_lines import Written, read_yaml

VOLUNTARY: Final = ("iso-27001", "iso-42001", "nist-ai-rmf", "oecd-ai-principles")
"""Voluntary frameworks that a misspelt one is compared with; a folder of one's own may bring others."""

PEOPLE: Final = frozenset(words("ml platform dpo ciso legal business owner auditor ci"))
"""What people do for Ombud."""


def framework(value: Any) -> str:
    """A framework: one of ours, or one of the user's own that resembles none of ours."""
    found = plain(value).strip()
    if found in VOLUNTARY:
        return found
    meant = nearest(found, VOLUNTARY, cutoff=0.7)
    if meant or not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,63}", found):
        raise wrong(f"{quoted(found)} is no framework", meant)
    return found


Framework = Annotated[str, PlainValidator(framework), WithJsonSchema({"type": "string"})]
Duty = Annotated[
    str, PlainValidator(one_of(PEOPLE, "duty of people")), WithJsonSchema({"type": "string", "enum": sorted(PEOPLE)})
]


LAWS: Final = ("gdpr", "uk-gdpr", "ccpa", "colorado")
"""The laws under which people make requests."""

Law = Annotated[
    str, PlainValidator(one_of(LAWS, "law with rights of people")), WithJsonSchema({"type": "string", "enum": [*LAWS]})
]


class CertifiedFile(Border):
    """A certificate: for which standard, for what part of the organisation, until when."""

    standard: Framework
    scope: Text
    until: Day | None = None


class ProcessorFile(Border):
    """Somebody who processes personal data for the organisation."""

    name: Text
    does: Text | None = None
    regions: Annotated[list[Place], Several] = Field(default_factory=list)
    contract: Text | None = None


class ContactFile(Border):
    """How people reach the organisation: what letters to them carry."""

    write_to: Text
    address: Annotated[list[Text], Several] = Field(default_factory=list)
    officer: Text | None = None


class AuthorityFile(Border):
    """Where people can complain about the organisation; Ombud ships no list of authorities."""

    name: Text
    address: Text | None = None
    laws: Annotated[list[Law], Several] = Field(default_factory=list)


class OrganisationFile(Border):
    """The organisation that is responsible for the systems."""

    name: Text
    establishment: Annotated[list[Place], Several] = Field(default_factory=list)
    size: SizeFile | None = None  # type: ignore[valid-type]
    adopted: Annotated[list[Framework], Several] | None = None
    certified: list[CertifiedFile] = Field(default_factory=list)
    processors: list[ProcessorFile] | None = None
    calendars: Annotated[list[Place], Several] = Field(default_factory=list)
    people: Annotated[dict[Duty, Annotated[list[Function], Several]], Mapped] = Field(default_factory=dict)
    contact: ContactFile | None = None
    authorities: list[AuthorityFile] = Field(default_factory=list)
    facts: FactsFile | None = None  # type: ignore[valid-type]


@frozen(kw_only=True)
class Certificate:
    """What is certified, by the organisation's own word."""

    standard: str
    scope: str
    until: date | None = None


@frozen(kw_only=True)
class Processor:
    """Somebody who processes personal data for the organisation, and where; contract: the file of Art. 28(3)."""

    name: str
    does: str | None = None
    regions: tuple[str, ...] = ()
    contract: Path | None = None


@frozen(kw_only=True)
class Contact:
    """How people reach the organisation.

    Attributes:
        write_to: where a request or a reply goes; address: lines of the postal address.
        officer: how the data protection officer is reached; None: not said.
    """

    write_to: str
    address: tuple[str, ...] = ()
    officer: str | None = None


@frozen(kw_only=True)
class Authority:
    """Where people can complain, under some laws; with none named, under all of them."""

    name: str
    address: str | None = None
    laws: tuple[str, ...] = ()


def _frozen_map(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@frozen(kw_only=True)
class Organisation:
    """An organisation as declared. What the manifest leaves out is None or empty: not known.

    Attributes:
        name: what it is called.
        establishment: where it is established.
        adopted: voluntary frameworks that it has adopted; empty: none; None: not said.
        certified: certificates it holds.
        processors: who processes personal data for it; None: not said.
        calendars: places whose public holidays its business days follow.
        people: duty (dpo, ciso, ...) → functions or holders of keys; never names of people.
        contact: how people reach it; None: not said.
        authorities: where people can complain.
        declared: facts from `size:` and `facts:`.
        written: the manifest itself, with lines.
    """

    name: str
    establishment: tuple[str, ...] = ()
    adopted: tuple[str, ...] | None = None
    certified: tuple[Certificate, ...] = ()
    processors: tuple[Processor, ...] | None = None
    calendars: tuple[str, ...] = ()
    people: Mapping[str, tuple[str, ...]] = field(factory=dict, converter=_frozen_map)
    contact: Contact | None = None
    authorities: tuple[Authority, ...] = ()
    declared: Mapping[str, frozenset[str]] = field(factory=dict, converter=_frozen_map)
    written: Written = field(eq=False, repr=False)

    @property
    def path(self) -> Path:
        """The manifest's file."""
        return self.written.path

    @property
    def content(self) -> dict[str, Any]:
        """The manifest as declared, plain JSON."""
        return self.written.content

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form of `content`."""
        return digest(self.content)


def load_organisation(path: str | Path) -> Organisation:
    """Read an organisation's manifest.

    Raises:
        NotFound: there is no such file.
        Invalid: the first mistake, with file, line, key and the nearest right one; a secret is never repeated.
    """
    return read_organisation(read_yaml(Path(path)))


def read_organisation(written: Written) -> Organisation:
    """Understand a manifest that was read already; raises as `load_organisation`."""
    refuse_secrets(written)
    file = understand(OrganisationFile, written)
    base = written.path.parent
    return Organisation(
        name=file.name,
        establishment=tuple(file.establishment),
        adopted=None if file.adopted is None else tuple(file.adopted),
        certified=tuple(Certificate(standard=c.standard, scope=c.scope, until=c.until) for c in file.certified),
        processors=None if file.processors is None else tuple(_processor(one, base) for one in file.processors),
        calendars=tuple(file.calendars),
        people={duty: tuple(holders) for duty, holders in file.people.items()},
        contact=_contact(file.contact) if file.contact else None,
        authorities=tuple(Authority(name=a.name, address=a.address, laws=tuple(a.laws)) for a in file.authorities),
        declared=declared_facts(file.facts, DECLARABLE) | declared_facts(file.size, {fact: fact for fact in SIZE}),
        written=written,
    )


def _processor(file: ProcessorFile, base: Path) -> Processor:
    contract = base / file.contract if file.contract else None
    return Processor(name=file.name, does=file.does, regions=tuple(file.regions), contract=contract)


def _contact(file: ContactFile) -> Contact:
    return Contact(write_to=file.write_to, address=tuple(file.address), officer=file.officer)
