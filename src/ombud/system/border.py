"""Where text from a manifest becomes typed: strict models, and errors that name line, key and the nearest right one."""

import types
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from ombud.errors import Invalid
from ombud.system.words import nearest
from ombud.system.yaml_lines import Key, Written


class Border(BaseModel):
    """A mapping in a manifest: nothing is coerced, no key is ignored."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


Model = TypeVar("Model", bound=Border)

_WORDS = {
    "missing": "is missing",
    "model_type": "must be a mapping (`key: value`)",
    "model_attributes_type": "must be a mapping (`key: value`)",
    "dict_type": "must be a mapping (`key: value`)",
    "list_type": "must be a list",
}


def understand(model: type[Model], written: Written) -> Model:
    """Read what is written as a model.

    Raises:
        Invalid: the first mistake in the file, by line; a misspelt key rather than the right one that is missing.
    """
    try:
        return model.model_validate(written.content)
    except ValidationError as error:
        mistakes = [_mistake(model, written, details) for details in error.errors(include_url=False)]
    misspelt = {(_around(mistake.key), mistake.nearest) for mistake in mistakes if mistake.nearest}
    telling = [m for m in mistakes if (_around(m.key), m.key.rpartition(".")[2]) not in misspelt]
    raise min(telling or mistakes, key=lambda mistake: mistake.line or 0)


def _around(key: str) -> str:
    return key.rpartition(".")[0]


def _mistake(model: type[Border], written: Written, details: ErrorDetails) -> Invalid:
    key = _as_written(written, details["loc"])
    if details["type"] == "word":
        return written.invalid(key, details["ctx"]["problem"], details["ctx"]["nearest"])
    if details["type"] == "extra_forbidden":
        known = _fields_at(model, details["loc"][:-1])
        known_here = f"; known here: {' '.join(known)}" if len(known) < 15 else ""
        return written.invalid(key, f"is not a key of a manifest{known_here}", nearest(str(key[-1]), known))
    return written.invalid(key, _WORDS.get(details["type"], "cannot be read"))


def _as_written(written: Written, place: Key) -> Key:
    """The key in the file: a single value that was read as a list of one has no position there."""
    key: Key = ()
    here: Any = written.content
    for part in place:
        if part == "[key]" or (isinstance(part, int) and not isinstance(here, list)):
            continue
        key = (*key, part)
        here = _inside(here, part)
    return key


def _inside(here: Any, part: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(part)
    return here[part] if isinstance(here, list) and isinstance(part, int) and part < len(here) else None


def _fields_at(model: type[Border], place: Key) -> tuple[str, ...]:
    found: Any = model
    for part in place:
        if isinstance(found, type) and issubclass(found, Border):
            field = found.model_fields.get(str(part))
            found = _bare(field.annotation) if field else None
        elif get_origin(found) in (dict, list):
            found = _bare(get_args(found)[-1])
    return tuple(found.model_fields) if isinstance(found, type) and issubclass(found, Border) else ()


def _bare(annotation: Any) -> Any:
    """An annotation without `Annotated` and `| None`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _bare(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation
