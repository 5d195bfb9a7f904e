"""Turns manifests into the facts that conditions of law ask about.

What a manifest does not say is absent, and a condition on it is then "cannot tell". Three claims are the exception,
because not to make a claim is to say no: an exemption, the AI Act's Art. 6(3), and anonymity.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ombud.errors import Invalid
from ombud.law.vocabulary import EEA, Facts, places
from ombud.system.declarable import DECLARABLE
from ombud.system.organisation import Organisation
from ombud.system.spec import System
from ombud.tables.needs import Role

Found = dict[str, frozenset[str]]

ANNEX_III: Final[Mapping[str, str]] = MappingProxyType({
    "biometrics": "1",
    "education": "3",
    "employment": "4",
    "benefits": "5a",
    "mortgage": "5b",
    "consumer-credit": "5b",
    "life-health-insurance": "5c",
    "policing": "6",
    "migration": "7",
    "justice": "8",
    "fraud": "none",
    "other-insurance": "none",
    "marketing": "none",
})  # fmt: skip
"""Use case → point of the EU AI Act's Annex III. Others (housing, health, business credit) may or may not be in it."""

NOT_ALWAYS_PEOPLE: Final = frozenset(("fraud", "marketing", "business-credit", "other-insurance", "other"))
"""Use cases that may be about companies or things; all others decide about people."""

CLAIMS: Final = ("exemption_claimed", "claims_anonymity")
"""Facts that are "no" unless somebody claims them."""

CERTAIN: Final = ("special_categories", "has_model", "uses_score", "uses_processors", "public_body")
"""Facts that the manifest shows by itself when it shows them; to declare the contrary is a contradiction."""

_PERSONAL: Final = (Role.SUBJECT, Role.PROTECTED, Role.QUASI_IDENTIFIER, Role.SPECIAL)


def facts(system: System, organisation: Organisation | None = None) -> Facts:
    """Everything that is declared about a system and its organisation, and what follows from it.

    A declared fact outranks a presumption (that credit is about people, that a score of people is profiling), and
    contradicts nothing that the manifest shows by itself. The system's word outranks its organisation's.

    Raises:
        Invalid: a declared fact contradicts the manifest.
    """
    from_organisation = dict(organisation.declared) if organisation else {}
    declared: Found = {**from_organisation, **system.declared}
    found: Found = _of_system(system) | (_of_organisation(organisation) if organisation else {})
    _refuse_contradictions(system, organisation, found, declared)
    found |= declared
    found = _about_people(system) | found
    found = _personal_data(found) | found
    found = _profiling(found) | found
    found = _annex_iii(system, found) | found
    return MappingProxyType(dict.fromkeys(CLAIMS, NO) | found)


def _one(value: str) -> frozenset[str]:
    return frozenset((value,))


def _yes(value: bool) -> frozenset[str]:
    return _one("yes" if value else "no")


YES: Final = _one("yes")
NO: Final = _one("no")


def _of_system(system: System) -> Found:
    changed = system.design_changed
    said: dict[str, frozenset[str] | None] = {
        "jurisdiction": places(frozenset(system.jurisdictions)) or None,
        "role": frozenset(system.roles) or None,
        "use_case": _one(system.use_case) if system.use_case else None,
        "decision": _one(system.decision) if system.decision else None,
        "solely_automated": {"automated": YES, "none": NO}.get(system.decision or ""),
        "significant": None if system.significant is None else _yes(system.significant),
        "basis_training": frozenset(system.basis_training) or None,
        "basis_decisions": frozenset(system.basis_decisions) or None,
        "label_is": _one(system.label_is) if system.label_is else None,
        "in_use_since": _one(system.in_use_since.isoformat()) if system.in_use_since else None,
        "design_changed": _one(changed if isinstance(changed, str) else changed.isoformat()) if changed else None,
        "exempt": frozenset(f"{place}:{ground}" for place, grounds in system.exempt.items() for ground in grounds),
    }
    return {fact: values for fact, values in said.items() if values is not None} | _shown(system)


def _shown(system: System) -> Found:
    """What the manifest shows without saying it."""
    roles = system.columns.by_role
    shown: Found = {}
    if "special" in (system.content.get("columns") or {}):
        shown["special_categories"] = _yes(bool(system.special))
    if system.model:
        shown["has_model"] = YES
    if system.model or "training" in system.data:
        shown["trained"] = YES
    if Role.SCORE in roles:
        shown["uses_score"] = YES
    if "public-body" in system.roles:
        shown["public_body"] = YES
    return shown


def _of_organisation(organisation: Organisation) -> Found:
    found: Found = {"adopted": frozenset(organisation.adopted or ())}
    if organisation.establishment:
        found["establishment"] = places(frozenset(organisation.establishment))
    if organisation.processors is not None:
        found["uses_processors"] = _yes(bool(organisation.processors))
        if any(not places(_one(region)) & (EEA | {"EEA"}) for one in organisation.processors for region in one.regions):
            found["transfers"] = YES
    return found


def _refuse_contradictions(system: System, organisation: Organisation | None, shown: Found, declared: Found) -> None:
    for fact in CERTAIN:
        if fact in shown and fact in declared and shown[fact] != declared[fact]:
            name = next(name for name, declares in DECLARABLE.items() if declares == fact)
            raise _contradiction(system, organisation, name, fact in system.declared)


def _contradiction(system: System, organisation: Organisation | None, name: str, by_system: bool) -> Invalid:
    problem = "contradicts what the rest of the manifests shows"
    if by_system or organisation is None:
        return system.invalid(("facts", name), problem)
    return organisation.written.invalid(("facts", name), problem)


def _about_people(system: System) -> Found:
    decides = system.use_case is not None and system.use_case not in NOT_ALWAYS_PEOPLE
    return {"about_people": YES} if decides or any(role in system.columns.by_role for role in _PERSONAL) else {}


def _personal_data(found: Found) -> Found:
    return {"personal_data": YES} if found.get("about_people") == YES else {}


def _profiling(found: Found) -> Found:
    scored = YES in (found.get("has_model"), found.get("uses_score"))
    return {"profiling": YES} if scored and found.get("personal_data") == YES else {}


def _annex_iii(system: System, found: Found) -> Found:
    derived = ANNEX_III.get(system.use_case or "")
    point = found.get("annex_iii_point") or frozenset((derived,) if derived else ())
    return {"annex_iii_point": point, "annex_iii": _yes(point != _one("none"))} if point else {}
