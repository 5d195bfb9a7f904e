"""What a service is asked and how it answers: the contract of docs/reference/http-source.md, as objects.

Whatever comes from outside is checked strictly; members that this version does not know are passed over, so that a
service may say more.
"""

from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ombud.rights.sources.http_client import Away

PATH: Final = "/ombud/v1/"
VERBS: Final = ("find", "count", "erase", "change", "identities")


class _Told(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Asked(BaseModel):
    """Rows whose columns hold one of some tuples of values; the member `form` says how text is compared."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    columns: list[str] = Field(min_length=1)
    values: list[list[JsonValue]]
    form: str = Field(pattern="^(text|email|phone)$")


class Request(BaseModel):
    """What is sent to any of the verbs; each uses the members that it needs."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    collection: str
    matches: list[Asked] = Field(default_factory=list)
    columns: list[str] | None = Field(default=None, description="find: the columns wanted; null for all")
    column: str | None = Field(default=None, description="identities: the column whose distinct values are wanted")
    cursor: str | None = Field(default=None, description="find, identities: where the page before ended")
    on_erase: str | None = Field(default=None, pattern="^(delete|mask)$", description="erase: what erasure means here")
    masks: dict[str, JsonValue] | None = Field(default=None, description="erase by masking: column → value to write")
    values: dict[str, JsonValue] | None = Field(default=None, description="change: column → new value")
    where: dict[str, JsonValue] | None = Field(default=None, description="change: only rows that still hold these")


class Found(_Told):
    """One page of rows."""

    rows: list[dict[str, JsonValue]]
    next: str | None = None


class Counted(_Told):
    """How many rows fit."""

    count: int = Field(ge=0)


class Erased(_Told):
    """What the service says it did; Ombud counts again and believes only that."""

    erased: int = Field(default=0, ge=0)
    masked: int = Field(default=0, ge=0)
    kept: int = Field(default=0, ge=0)
    ground: str | None = Field(default=None, pattern="^[a-z][a-z0-9.-]{0,62}$")


class Changed(_Told):
    """How many rows hold the new values now."""

    changed: int = Field(ge=0)


class Listed(_Told):
    """One page of distinct values."""

    values: list[str]
    next: str | None = None


ANSWERS: Final[dict[str, type[_Told]]] = {
    "find": Found,
    "count": Counted,
    "erase": Erased,
    "change": Changed,
    "identities": Listed,
}

Answer = TypeVar("Answer", bound=_Told)


def read(kind: type[Answer], data: bytes, where: str) -> Answer:
    """An answer, if it is one of this kind.

    Raises:
        Away: it is not; nothing of it is repeated.
    """
    try:
        return kind.model_validate_json(data)
    except ValidationError:
        raise Away(where, "it does not answer as the contract says", "See docs/reference/http-source.md.") from None


def schema() -> dict[str, Any]:
    """The contract as JSON Schema: `request`, and under `answers` what each verb answers."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ombud HTTP source, version 1",
        "request": Request.model_json_schema(),
        "answers": {verb: kind.model_json_schema() for verb, kind in ANSWERS.items()},
    }
