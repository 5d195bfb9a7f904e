"""The shape of `sources.yaml`, as it is checked and as its JSON Schema is published."""

import re
from typing import Annotated, Any, Final

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import CoreSchema, core_schema

from ombud.law.vocabulary import LAWFUL_BASES
from ombud.rights.map.taxonomy import closest, known
from ombud.system.border import Border
from ombud.system.words import (
    Column,
    Day,
    Function,
    Mapped,
    Place,
    Several,
    Span,
    Text,
    YesNo,
    one_of,
    plain,
    quoted,
    several,
    wrong,
)  # fmt: skip

KINDS: Final = ("sql", "parquet", "csv", "jsonl", "delta", "mlflow", "http", "mail", "manual")
"""What a source may be; the key of that name holds its address."""

ORIGINS: Final = ("provided", "observed", "inferred")
ON_ERASE: Final = ("delete", "mask", "keep")

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_KIND: Final = re.compile(r"[a-z][a-z0-9_.]{0,62}")
_GROUND: Final = re.compile(r"[a-z][a-z0-9.-]{0,62}")
_CATEGORY: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,6}")


def name(value: Any) -> str:
    """The name of a source or a collection: it has no dots, so that both together are an address."""
    found = plain(value).strip()
    if not _NAME.fullmatch(found):
        raise wrong(f"{quoted(found)} is no name; use letters, digits, `-` and `_`, 64 at most")
    return found


def kind(value: Any) -> str:
    """A kind of identity, for example email or customer_id."""
    found = plain(value).strip()
    if not _KIND.fullmatch(found):
        raise wrong(f"{quoted(found)} is no kind of identity; use small letters, digits and `_`: email, customer_id")
    return found


def category(value: Any) -> str:
    """A category of data: one of the taxonomy, or one of the map's own, which is held against the map later."""
    found = plain(value).strip()
    if not _CATEGORY.fullmatch(found):
        raise wrong(f"{quoted(found)} is no category of data; for example user.contact.email", closest(found))
    return found


def own_category(value: Any) -> str:
    """A category of the map's own, below one of the taxonomy."""
    found = category(value)
    above = found.rpartition(".")[0]
    if known(found):
        raise wrong(f"{quoted(found)} is in the taxonomy already; take the line away")
    if not any(known(".".join(above.split(".")[:count])) for count in range(1, above.count(".") + 2) if above):
        raise wrong(
            "a category of your own stands below one that is known: user.financial.credit_score", closest(above)
        )
    return found


def _word(known: tuple[str, ...], what: str) -> Any:
    return Annotated[str, PlainValidator(one_of(known, what)), WithJsonSchema({"type": "string", "enum": list(known)})]


def ground(value: Any) -> str:
    """The key of a ground in law data."""
    found = plain(value).strip()
    if not _GROUND.fullmatch(found):
        raise wrong(f"{quoted(found)} is no ground; write its key, for example legal-obligation")
    return found


class _Short:
    """A mapping whose short form is the value of its most important key alone."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._whole, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": ["string", "null"]}, handler(core)]}

    def _whole(self, value: Any) -> Any:
        return {self.key: value} if isinstance(value, str) else {} if value is None else value


class _Names:
    """A mapping by name, whose short form is a list of names of which nothing more is said."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_by_name, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}, handler(core)]}


def _by_name(value: Any) -> Any:
    if isinstance(value, list):
        return dict.fromkeys(plain(one) for one in several(value))
    return {} if value is None else value


Name = Annotated[str, PlainValidator(name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})]
Kind = Annotated[str, PlainValidator(kind), WithJsonSchema({"type": "string", "pattern": f"^{_KIND.pattern}$"})]
Category = Annotated[
    str, PlainValidator(category), WithJsonSchema({"type": "string", "pattern": f"^{_CATEGORY.pattern}$"})
]
OwnCategory = Annotated[
    str, PlainValidator(own_category), WithJsonSchema({"type": "string", "pattern": f"^{_CATEGORY.pattern}$"})
]
Basis = _word(tuple(sorted(LAWFUL_BASES)), "lawful basis")
Ground = Annotated[str, PlainValidator(ground), WithJsonSchema({"type": "string", "pattern": f"^{_GROUND.pattern}$"})]
Origin = _word(ORIGINS, "origin")
OnErase = _word(ON_ERASE, "way to erase")


class IdentityFile(Border):
    """A kind of identity: its category, and whether each value is one person's alone."""

    category: Category
    one_person: YesNo | None = None


class ColumnFile(Border):
    """A column with personal data."""

    category: Category | None = None
    origin: Origin | None = None  # type: ignore[valid-type]
    secret: YesNo | None = None
    third_party: YesNo | None = None
    mask: Text | None = None


class ExemptionFile(Border):
    """Why a collection is kept although somebody asks for erasure."""

    ground: Ground
    cite: Text | None = None
    until: Day | None = None
    hold: YesNo | None = None


class _Duties(Border):
    """What Art. 15 and Art. 30 ask of a collection; said at a source, it holds for all collections in it."""

    purposes: Annotated[list[Text], Several] = Field(default_factory=list)
    recipients: Annotated[list[Text], Several] = Field(default_factory=list)
    lawful_basis: Annotated[list[Basis], Several] = Field(default_factory=list)  # type: ignore[valid-type]
    origin: Text | None = None
    retention: Span | None = None


class CollectionFile(_Duties):
    """A table, a set of files of one shape, or what a service holds."""

    table: Text | None = None
    key: Annotated[list[Column], Several] = Field(default_factory=list)
    identities: Annotated[dict[Column, Kind], Mapped] = Field(default_factory=dict)
    columns: Annotated[dict[Column, Annotated[ColumnFile, _Short("category")]], _Names()] = Field(default_factory=dict)
    references: Annotated[dict[Text, Annotated[list[Text], Several]], Mapped] = Field(default_factory=dict)
    personal: YesNo | None = None
    on_erase: OnErase | None = None  # type: ignore[valid-type]
    exemption: Annotated[ExemptionFile, _Short("ground")] | None = None
    logic: Text | None = None
    training_of: Annotated[list[Text], Several] = Field(default_factory=list)


class SourceFile(_Duties):
    """A place with data."""

    sql: Text | None = None
    parquet: Text | None = None
    csv: Text | None = None
    jsonl: Text | None = None
    delta: Text | None = None
    mlflow: Text | None = None
    http: Text | None = None
    mail: Text | None = None
    manual: Text | None = None
    backups: Span | None = None
    owner: Function | None = None
    region: Place | None = None
    security: Text | None = None
    options: Annotated[dict[Name, Text], Mapped] = Field(default_factory=dict)
    collections: Annotated[dict[Name, Annotated[CollectionFile, _Short("table")]], Mapped] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_kind(self) -> "SourceFile":
        if len(self.kinds) != 1:
            said = " and ".join(self.kinds)
            raise wrong(f"is of two kinds, {said}" if said else f"says no address; write one of: {' '.join(KINDS)}")
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds for which an address is given."""
        return tuple(one for one in KINDS if getattr(self, one) is not None)


class MapFile(Border):
    """Where people are: by what they are known, and in which sources."""

    identities: dict[Kind, Annotated[IdentityFile, _Short("category")]]
    categories: Annotated[dict[OwnCategory, Text], Mapped] = Field(default_factory=dict)
    sources: Annotated[dict[Name, SourceFile], Mapped] = Field(default_factory=dict)
