"""Which facts a manifest may declare under `facts:`: every fact of law's vocabulary that has no key of its own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema, create_model

from ombud.law.vocabulary import FACTS, YES_NO
from ombud.system.border import Border
from ombud.system.words import Several, Text, YesNo, one_of

KEYED: Final[Mapping[str, str]] = MappingProxyType({
    "jurisdiction": "jurisdictions",
    "role": "roles",
    "use_case": "use_case",
    "decision": "decision",
    "solely_automated": "decision",
    "significant": "significant",
    "basis_training": "lawful_basis.training",
    "basis_decisions": "lawful_basis.decisions",
    "label_is": "label_is",
    "in_use_since": "in_use_since",
    "design_changed": "design_changed",
    "exempt": "exempt",
    "annex_iii": "facts.annex_iii_point",
    "adopted": "adopted (organisation)",
    "establishment": "establishment (organisation)",
    "ccpa_threshold": "size.ccpa_threshold (organisation)",
    "ccpa_audit_threshold": "size.ccpa_audit_threshold (organisation)",
    "ccpa_ten_million": "size.ccpa_ten_million (organisation)",
    "ccpa_revenue_band": "size.ccpa_revenue_band (organisation)",
    "large_bank": "size.large_bank (organisation)",
})  # fmt: skip
"""Facts that follow from another key, and that key."""

ALIASES: Final[Mapping[str, str]] = MappingProxyType({"regulated_product": "annex_i"})
"""Name under `facts:` → the fact, where the law's word says too little to people."""

SIZE: Final = tuple(fact for fact, key in KEYED.items() if key.startswith("size."))


def _names() -> dict[str, str]:
    hidden = set(KEYED) | set(ALIASES.values())
    return {fact: fact for fact in FACTS if fact not in hidden} | dict(ALIASES)


DECLARABLE: Final[Mapping[str, str]] = MappingProxyType(dict(sorted(_names().items())))
"""Name under `facts:` → the fact it declares."""


def _field(fact: str) -> Any:
    known = FACTS[fact]
    if known == YES_NO:
        return YesNo | None
    if known is None:
        return Annotated[list[Text], Several] | None
    reader = PlainValidator(one_of(known, f"value of {fact}"))
    return Annotated[list[Annotated[str, reader, WithJsonSchema({"enum": sorted(known)})]], Several] | None


def _model(name: str, fields: Mapping[str, str]) -> type[Border]:
    definitions: dict[str, Any] = {written: (_field(fact), None) for written, fact in fields.items()}
    return create_model(name, __base__=Border, **definitions)


FactsFile: Final = _model("FactsFile", DECLARABLE)
SizeFile: Final = _model("SizeFile", {fact: fact for fact in SIZE})


def declared_facts(file: Border | None, names: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The facts that a `facts:` or `size:` mapping declares; what it leaves out is absent."""
    said = {} if file is None else {name: getattr(file, name) for name in names}
    return {names[name]: _words(value) for name, value in said.items() if value is not None}


def _words(value: bool | list[str]) -> frozenset[str]:
    return frozenset(value) if isinstance(value, list) else frozenset(("yes" if value else "no",))
