"""Guesses what columns say of people, from their names and from what their values look like. Guesses are written down
to be corrected."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ombud.system.words import words
from ombud.tables.patterns import PATTERNS

PEOPLE: Final = frozenset(
    words(
        "applicant borrower candidate citizen claimant client consumer contact customer debtor driver employee "
        "guarantor guest insured lead member owner participant passenger patient payee people person profile signer "
        "staff student subscriber tenant user voter worker"
    )
)
"""Words for people in names of tables."""

_NAMES: Final[Sequence[tuple[str, str]]] = (
    ("user.contact.email", "email mail emailaddress e_mail"),
    ("user.contact.fax_number", "fax"),
    ("user.contact.phone_number", "phone telephone mobile cell cellphone tel msisdn handy"),
    ("user.authorization.password", "password passwd pwd passphrase password_hash"),
    (
        "user.authorization.credentials",
        "secret api_key access_token refresh_token security_answer security_question pin",
    ),
    ("user.account.username", "username login user_name nickname"),
    ("user.name.first", "firstname first_name given_name forename vorname"),
    ("user.name.last", "lastname last_name surname family_name maiden_name nachname"),
    ("user.name", "fullname full_name display_name customer_name person_name"),
    ("user.demographic.date_of_birth", "dob birth birthday birthdate birth_date date_of_birth birth_year geburtsdatum"),
    ("user.demographic.gender", "gender sex"),
    ("user.demographic.race_ethnicity", "race ethnicity ethnic"),
    ("user.demographic.religious_belief", "religion denomination"),
    ("user.demographic.marital_status", "marital married"),
    ("user.demographic.age_range", "age age_band"),
    ("user.demographic", "nationality citizenship"),
    ("user.government_id.national_identification_number", "ssn nino national_id tax_id steuer_id social_security sin"),
    ("user.government_id.passport_number", "passport"),
    ("user.government_id.drivers_license_number", "license_number licence_number driver_license drivers_license"),
    ("user.financial.bank_account", "iban account_number bank_account account_no kontonummer"),
    ("user.financial.credit_card", "card_number credit_card card_no pan"),
    ("user.financial", "salary income wage credit_score balance debt"),
    ("user.device.ip_address", "ip ip_address ipaddress remote_addr"),
    ("user.device.device_id", "device_id imei mac_address advertising_id"),
    ("user.device.cookie_id", "cookie cookie_id"),
    ("user.location.precise", "latitude longitude lat lon lng gps geolocation"),
    ("user.contact.address.street", "street address addr address1 address2 address_line strasse"),
    ("user.contact.address.city", "city town ort"),
    ("user.contact.address.postal_code", "zip zipcode postcode postal postal_code plz"),
    ("user.health_and_medical", "diagnosis medication allergy illness disease icd"),
    ("user.content.self_image", "photo avatar portrait selfie"),
    ("user.job_title", "job job_title occupation profession"),
    ("user.workplace", "employer"),
)
"""Category → names and words of columns that say it; the first that fits counts."""

_LOOKS: Final[Mapping[str, str]] = {
    "e-mail": "user.contact.email",
    "phone": "user.contact.phone_number",
    "US SSN": "user.government_id.national_identification_number",
    "UK NINO": "user.government_id.national_identification_number",
    "German tax number": "user.government_id.national_identification_number",
    "IPv4": "user.device.ip_address",
    "IBAN": "user.financial.bank_account",
    "card": "user.financial.credit_card",
}
"""Name of a pattern of `tables.patterns` → category."""

_MANY: Final = 0.5
"""What share of the values looked at must look like it."""


def parts(name: str) -> tuple[str, ...]:
    """The words of a name: `homePhone_no` gives home, phone, no."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return tuple(one for one in re.split(r"[^0-9A-Za-z]+", spaced.lower()) if one)


def of_people(table: str) -> str | None:
    """The word for one person by which a table is called (`customers` → customer); None if it is not called so."""
    for word in reversed(parts(table)):
        for one in (word, word.removesuffix("s"), word.removesuffix("es")):
            if one in PEOPLE:
                return "person" if one == "people" else one
    return None


def by_name(column: str, table: str = "") -> str | None:
    """The category that a column's name speaks of."""
    said = parts(column)
    whole = "_".join(said)
    for category, known in _NAMES:
        if any(_within(word, whole, said) for word in words(known)):
            return category
    return "user.name" if whole == "name" and of_people(table) else None


def _within(word: str, whole: str, said: tuple[str, ...]) -> bool:
    return f"_{word}_" in f"_{whole}_" if "_" in word else word in said


def by_values(values: Iterable[object]) -> str | None:
    """The category that values look like, by patterns with checksums where there are any; None for none or few."""
    texts = [str(value) for value in values if value is not None and str(value).strip()]
    if not texts:
        return None
    counts = {one.name: sum(bool(one.found_in(text)) for text in texts) for one in PATTERNS}
    name = max(counts, key=lambda one: counts[one])
    return _LOOKS.get(name) if counts[name] > _MANY * len(texts) else None
