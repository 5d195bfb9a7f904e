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
    "remote_biometric_identification": YES_NO,  # EU AI Act Annex III 1(a)
    "emotion_or_biometric_categorisation": YES_NO,
    "publishes_generated": YES_NO,  # deep fakes, or generated text on matters of public interest
    "direct_collection": YES_NO,  # data comes from the people themselves
    "new_purpose": YES_NO,  # data is used for another purpose than it was collected for
    "residual_high_risk": YES_NO,  # risk stays high after the measures of the assessment
    "sensitive_information": YES_NO,  # sensitive personal information in California's sense
    "sensitive_extra_use": YES_NO,  # used beyond the purposes that California permits by itself
    "sensitive_location": YES_NO,
    "dpia_required": YES_NO,  # on a list of the authority, or found so by a screening
    "others_rely_on_score": YES_NO,  # recipients of a score draw strongly on it
    "shares_pseudonymised": YES_NO,
    "transfer_ground": frozenset(("adequacy", "safeguards", "derogation")),
    "platform_work": YES_NO,
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
    "ccpa_revenue_band": frozenset(("over-100m", "50m-100m", "under-50m")),
    "large_bank": YES_NO,
    "public_service": YES_NO,  # a private body that provides a public service
    "hmda_reporter": YES_NO,
    "internal_model_approval": YES_NO,  # UK firm that may use its own models for capital
}
"""Every fact that a condition may name, with its closed list of values where it has one."""

DATE_FACTS: Final = frozenset(("in_use_since", "design_changed"))
"""Facts that hold a date (or the word "never"); a condition may ask whether it lies before a day, or on or after it."""

BINDING: Final = ("law", "supervisory", "standard", "principle")
CERTAINTY: Final = ("V", "V2", "K+", "K~")
OWNERS: Final = ("ml", "platform", "dpo", "ciso", "legal", "business")
DUE: Final = ("before_use", "continuous", "on_event", "clock")
ORIGINS: Final = ("law", "guidance")
STRENGTHS: Final = ("direct", "supporting")
CALENDAR_UNITS: Final = ("date", "month and day")
"""Units of values that are days, not numbers."""

NOT_LAW: Final = frozenset(("proposed", "pending"))
"""While a version is so marked it changes nothing."""
NEVER: Final = frozenset(("never_applied",))
ENDED: Final = frozenset(("withdrawn", "repealed", "stayed"))
"""A version so marked binds only in periods that have an end date."""
STATUSES: Final = ("proposed", "pending", "adopted", "in_force", "deferred", *sorted(ENDED), *sorted(NEVER))

CHECKS: Final = frozenset(
    "privacy.undeclared_personal_data privacy.reidentification privacy.special_categories privacy.erased_people "
    "security.model_format security.released_artifact fairness.selection_rates fairness.impact_ratio "
    "fairness.error_rates fairness.conditional_ratio explanation.reasons explanation.protected_reasons "
    "monitoring.drift monitoring.data_quality monitoring.overlap".split()
)
"""The checks that come with Ombud. Another name is taken for a plug-in's, unless it looks like a slip of these."""

DOCUMENTS: Final = frozenset(
    "ropa dpia fria risk-management-file technical-documentation instructions-for-use privacy-notice logic-statement "
    "lawful-basis-record balancing-test compatibility-assessment processor-register processor-contract "
    "transfer-assessment breach-register retention-schedule literacy-record training-record quality-management-system "
    "declaration-of-conformity registration bias-audit bias-audit-summary adverse-action-template risk-assessment "
    "supplier-pack validation-report model-inventory statement-of-applicability risk-register risk-treatment-plan "
    "management-review internal-audit policy objectives competence-record context-and-scope supplier-register "
    "monitoring-plan impact-assessment validation-study equality-analysis lda-search datasheet consent-records "
    "incident-plan continuity-plan asset-inventory change-record design-review bias-testing-safeguards "
    "conformity-assessment classification-record".split()
)
ATTESTATIONS: Final = frozenset(
    "human-involvement prohibited-practices-screen no-intent-to-discriminate non-identifiability leadership "
    "roles-and-authorities oversight awareness communication go-decision physical-security people-controls operation "
    "principles".split()
)
PROCESSES: Final = frozenset(
    "rights-requests opt-outs complaints contests breach-clock incidents corrective-action retention-and-deletion "
    "recipients-notified access-control logging backup-and-restore vulnerability-management secure-development "
    "monitoring supplier-review notices reasons-served reassessment consultation decommission marking".split()
)
PARTS: Final[Mapping[str, frozenset[str]]] = {
    "check": CHECKS,
    "document": DOCUMENTS,
    "attestation": ATTESTATIONS,
    "process": PROCESSES,
}
"""What may show a requirement: kind → names. All but checks are closed."""

EU: Final = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
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
