"""Closed vocabularies: the words that manifests declare and that conditions of law may ask about.

A fact that is not declared is absent, and a condition on it is then "cannot tell", never "no".
"""

from collections.abc import Mapping
from typing import Final

Facts = Mapping[str, frozenset[str]]
"""What is declared about a system and its organisation: fact → its values. Dates are ISO strings."""

ROLES: Final = frozenset(
    "controller processor joint-controller business service-provider provider deployer importer distributor "
    "creditor employer bank insurer data-broker public-body".split()
)
USE_CASES: Final = frozenset(
    "mortgage consumer-credit business-credit fraud employment housing life-health-insurance other-insurance "
    "education health justice benefits biometrics policing migration marketing other".split()
)
LAWFUL_BASES: Final = frozenset(
    "consent contract legal-obligation vital-interests public-task legitimate-interests".split()
)
YES_NO: Final = frozenset(("yes", "no"))

FACTS: Final[Mapping[str, frozenset[str] | None]] = {
    # about the system; None: any value (a place, a framework, a date)
    "jurisdiction": None,
    "role": ROLES,
    "use_case": USE_CASES,
    "decision": frozenset(("automated", "assisted", "none")),
    "solely_automated": YES_NO,  # automated: yes; assisted: absent until human involvement is shown
    "significant": YES_NO,
    "about_people": YES_NO,
    "personal_data": YES_NO,
    "special_categories": YES_NO,
    "basis_training": LAWFUL_BASES,
    "basis_decisions": LAWFUL_BASES,
    "label_is": frozenset(("outcome", "past-human-decision", "proxy")),
    "has_model": YES_NO,
    "trained": YES_NO,
    "uses_score": YES_NO,
    "annex_iii": YES_NO,  # EU AI Act; follows from use_case, absent where that does not decide it
    "annex_iii_point": frozenset(("1", "2", "3", "4", "5a", "5b", "5c", "5d", "6", "7", "8", "none")),
    "annex_i": YES_NO,  # safety component or product under Annex I; manifest key `regulated_product`
    "exemption_claimed": YES_NO,  # AI Act Art. 6(3)
    "generative": YES_NO,
    "interactive": YES_NO,
    "general_purpose_model": YES_NO,
    "consumer_report": YES_NO,
    "minors": YES_NO,
    "profiling": YES_NO,
    "direct_marketing": YES_NO,
    "indirect_collection": YES_NO,
    "sells_or_shares": YES_NO,
    "transfers": YES_NO,
    "uses_processors": YES_NO,
    "claims_anonymity": YES_NO,
    "third_party_model": YES_NO,
    "offered_to_others": YES_NO,
    "in_use_since": None,
    "design_changed": None,  # an ISO date, or "never"
    "exempt": None,  # "US-CA:glba", one a law and ground
    # about the organisation
    "adopted": None,  # frameworks of voluntary standards adopted
    "establishment": None,
    "public_body": YES_NO,
    "ccpa_threshold": YES_NO,
    "ccpa_audit_threshold": YES_NO,
    "ccpa_ten_million": YES_NO,
    "large_bank": YES_NO,
}
"""Every fact that a condition may name, with its closed list of values where it has one."""

EU: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)
EEA: Final = EU | {"IS", "LI", "NO"}


def places(declared: frozenset[str]) -> frozenset[str]:
    """The declared places with those that contain them: DE is in the EU, US-NYC in US-NY and the US, GB is the UK."""
    found = set(declared)
    found |= {"EU", "EEA"} if declared & EU or "EU" in declared else set()
    found |= {"EEA"} if declared & EEA else set()
    found |= {"UK", "GB"} if declared & {"GB", "UK"} else set()
    found |= {"US-NY"} if "US-NYC" in declared else set()
    found |= {"US"} if any(place.startswith("US-") for place in declared) else set()
    return frozenset(found)
