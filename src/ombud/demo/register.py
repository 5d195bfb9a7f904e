"""The register of the fictional bank: a database, files of web visits, and the map that says where people are.

Every applicant of the demo's table gets a made-up name and an address of a domain that cannot exist (RFC 2606).
"""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Column, Date, ForeignKey, Integer, MetaData, String, Table, create_engine, insert

TABLES: Final = MetaData()

PEOPLE: Final = Table(
    "people", TABLES,
    Column("applicant", String(20), primary_key=True),
    Column("name", String(80)),
    Column("email", String(120), unique=True, index=True),
    Column("national_id", String(20)),
)  # fmt: skip
APPLICATIONS: Final = Table(
    "applications", TABLES,
    Column("id", Integer, primary_key=True),
    Column("applicant", ForeignKey("people.applicant"), nullable=True, index=True),
    Column("received_on", Date, nullable=False),
    Column("employer", String(80)),
)  # fmt: skip
MESSAGES: Final = Table(
    "messages", TABLES,
    Column("id", Integer, primary_key=True),
    Column("application", ForeignKey("applications.id"), nullable=False, index=True),
    Column("words", String(400)),
)  # fmt: skip
CO_APPLICANTS: Final = Table(
    "co_applicants", TABLES,
    Column("application", ForeignKey("applications.id"), primary_key=True),
    Column("applicant", ForeignKey("people.applicant"), primary_key=True, index=True),
)  # fmt: skip
PAYMENTS: Final = Table(
    "payments", TABLES,
    Column("id", Integer, primary_key=True),
    Column("payer", String(20), nullable=False, index=True),
    Column("paid_on", Date, nullable=False),
    Column("amount", Integer, nullable=False),
)  # fmt: skip

MAP: Final = """\
# Where people are. Every key is explained in docs/reference/sources.md. Check it: ombud rights map check sources.yaml
identities: {email: user.contact.email, applicant: user.unique_id}
sources:
  core:
    sql: "DATABASE"
    backups: 35d
    region: US-MA
    security: encrypted at rest, access by role
    owner: it-operations
    collections:
      people:
        identities: {email: email, applicant: applicant}
        columns:
          name: user.name
          national_id: {category: user.government_id.national_identification_number, secret: true}
        purposes: [deciding on applications]
        lawful_basis: [contract]
        origin: the person
        retention: 10y
      applications:
        identities: {applicant: applicant}
        columns: {employer: user.workplace, received_on: {category: user.behavior, origin: observed}}
        purposes: [deciding on applications]
        lawful_basis: [contract]
        origin: the person
        retention: 10y
      messages:
        references: {application: belongs to applications.id}   # also read from the database; here for CI without one
        columns: {words: user.content.private}
        purposes: [answering questions]
        lawful_basis: [contract]
        recipients: [call centre]
        origin: the person
        retention: 3y
      co_applicants:
        references: {applicant: belongs to people.applicant, application: mentions applications.id}
        columns: {applicant: user.unique_id}
        purposes: [deciding on applications]
        lawful_basis: [contract]
        origin: the person
        retention: 10y
      payments:
        identities: {payer: applicant}
        columns: {amount: {category: user.financial, origin: observed}}
        purposes: [bookkeeping]
        lawful_basis: [legal-obligation]
        origin: the bank's own books
        retention: 10y
        exemption: {ground: legal-obligation, cite: the bookkeeping rules of this fictional bank, until: 2036-12-31}
  training:
    parquet: data
    backups: 35d
    region: US-MA
    security: access by role
    owner: data-science
    collections:
      applications:
        table: applications.parquet
        identities: {applicant: applicant}
        columns:
          decision: {category: user.financial, origin: inferred}
          score: {category: user.financial, origin: inferred}
          appinc: user.financial
          race: user.demographic.race_ethnicity
          sex: user.demographic.gender
          age_band: user.demographic.age_range
          married: user.demographic.marital_status
        purposes: [training the model, deciding on applications]
        lawful_basis: [legitimate-interests]
        origin: the person
        retention: 10y
        logic: mortgage-approval
        training_of: [mortgage-approval]
  lake:
    parquet: lake
    backups: 35d
    region: US-MA
    security: access by role
    owner: platform
    collections:
      visits:
        table: visits/*.parquet
        identities: {email: email}
        columns:
          page: {category: user.behavior.browsing_history, origin: observed}
          at: {category: user.behavior, origin: observed}
        purposes: [improving the web site]
        lawful_basis: [legitimate-interests]
        recipients: [web analytics]
        origin: observed on the web site
        retention: 1y
  desk:
    csv: desk
    backups: 35d
    region: US-MA
    security: access by role
    owner: lending
    collections:
      mailing:
        table: mailing.csv
        identities: {email: email}
        columns:
          name: user.name
          national_id: {category: user.government_id.national_identification_number, secret: true}
        purposes: [writing to applicants]
        lawful_basis: [contract]
        origin: copied from the register
        retention: 1y
"""

_FIRST_DAY: Final = date(2026, 1, 5)
_PAGES: Final = ("/rates", "/apply", "/contact", "/documents")
_VISIT_FILES: Final = 8


def name_of(applicant: str) -> str:
    """The made-up name of an applicant ("A0042" → "Applicant 0042")."""
    return f"Applicant {applicant[1:]}"


def email_of(applicant: str) -> str:
    """The made-up e-mail address of an applicant."""
    return f"applicant-{applicant[1:]}@mail.example"


def national_id_of(applicant: str) -> str:
    """A number in the form of a US social security number, from a range that is never issued."""
    return f"900-{int(applicant[1:]) // 100:02d}-{int(applicant[1:]):04d}"


def write_register(root: Path, database: str, applicants: Sequence[str]) -> Path:
    """Fill the database, write the visits, and write the map beside the manifest; the map's path."""
    engine = create_engine(database)
    with engine.begin() as connection:
        TABLES.drop_all(connection)
        TABLES.create_all(connection)
        for table, rows in _rows(applicants):
            connection.execute(insert(table), rows)
    engine.dispose()
    _write_visits(root / "lake" / "visits", applicants)
    _write_mailing(root / "desk" / "mailing.csv", applicants)
    path = root / "sources.yaml"
    path.write_text(MAP.replace("DATABASE", database), encoding="utf-8")
    return path


def _rows(applicants: Sequence[str]) -> list[tuple[Table, list[dict[str, Any]]]]:
    numbered = list(enumerate(applicants, start=1))
    later = [_FIRST_DAY + timedelta(days=number % 300) for number, _ in numbered]
    return [
        (PEOPLE, [
            {"applicant": a, "name": name_of(a), "email": email_of(a), "national_id": national_id_of(a)}
            for a in applicants
        ]),
        (APPLICATIONS, [
            {"id": n, "applicant": a, "received_on": later[n - 1], "employer": f"Employer of {name_of(a)}"}
            for n, a in numbered
        ]),
        (MESSAGES, [{"id": n, "application": n, "words": f"{name_of(a)} asks when to expect an answer"}
                    for n, a in numbered]),
        (CO_APPLICANTS, [{"application": n, "applicant": applicants[n % len(applicants)]}
                         for n, _ in numbered if n % 50 == 0]),
        (PAYMENTS, [{"id": n, "payer": a, "paid_on": later[n - 1], "amount": 100 + n % 900} for n, a in numbered]),
    ]  # fmt: skip


def _write_mailing(path: Path, applicants: Sequence[str]) -> None:
    """A list for letters, as somebody once exported it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("email", "name", "national_id"))
        writer.writerows((email_of(a), name_of(a), national_id_of(a)) for a in applicants)


def _write_visits(folder: Path, applicants: Sequence[str]) -> None:
    """Visits of the web site, each person's in one of some files."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(_VISIT_FILES):
        people = applicants[number::_VISIT_FILES]
        visits = [(email_of(a), page, _FIRST_DAY) for a in people for page in _PAGES]
        email, page, at = zip(*visits, strict=True)
        table = pa.table({"email": pa.array(email), "page": pa.array(page), "at": pa.array(at, pa.date32())})
        pq.write_table(table, folder / f"visits-{number:02d}.parquet")
