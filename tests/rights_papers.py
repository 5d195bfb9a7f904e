"""One of every document of rights, with plain content and with hostile content in every place that data can reach."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from attrs import evolve

from ombud.documents.paper import Paper
from ombud.documents.rights.access import Copy, Field, Held, Logic, readable_copy
from ombud.documents.rights.letters import (
    Acknowledgement,
    Answer,
    Attachment,
    Decided,
    Extension,
    Frame,
    Ground,
    IdentityWanted,
    Letter,
    Refusal,
    Remedy,
    Told,
    letter,
)
from ombud.documents.rights.letters.letter import RIGHTS
from ombud.documents.rights.records import LoggedRequest, Record, paper
from ombud.rights.map.model import Collection, Column, DataMap, SourceSpec
from ombud.rights.records import (
    Declared,
    consent_record,
    controller_record,
    own_record,
    processor_record,
    request_log,
    yearly_figures,
)
from ombud.rights.records.declared import ForWhom
from ombud.system.organisation import Contact, Processor

DAY = date(2026, 12, 20)
HOSTILE = (
    "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>\"'&amp;{{7*7}}{person}"
    ' #import "/etc/passwd" #read("/etc/passwd") ] $x$ *bold* `raw` \\ #{panic("typst")} //\x00\x07\u202eevil\u2066'
    ' =HYPERLINK("http://evil.example") ]]> <!-- \ud800 محمد 王 ' + "w" * 10_000
)


def frame(right: str = "erasure", data: str = "") -> Frame:
    return Frame(
        organisation=data or "Harbour Bank plc", address=("1 Custom House Quay", data or "Dublin 1"),
        contact=data or "privacy@harbour-bank.example", officer=data or "dpo@harbour-bank.example",
        person=data or "Zoë Ångström", person_address=(data or "Low Street 2", "Cork"), case="R-7F3A2C", day=DAY,
        received=date(2026, 11, 23), right=right,  # type: ignore[arg-type]
    )  # fmt: skip


def remedy(data: str = "") -> Remedy:
    return Remedy(authority=data or "the Data Protection Commission", address=data or "www.dataprotection.ie",
                  cite="GDPR Art. 77", court=data or "You can also go to court (GDPR Art. 79).")  # fmt: skip


def ground(data: str = "") -> Ground:
    return Ground(words=data or "We must keep the records of your account", cite=data or "Companies Act 2014, s. 285",
                  reasons=(data or "Your account was closed on 2025-03-01.",), until=date(2031, 3, 1))  # fmt: skip


def answer(right: str = "erasure", data: str = "") -> Answer:
    return Answer(
        frame=frame(right, data),
        outcomes=(
            Told(place=data or "Customer account", became="done", copies=(data or "Backups, until 2027-01-05",)),
            Told(place=data or "Newsletter", became="nothing"),
            Told(place=data or "Bookkeeping", became="kept", ground=ground(data)),
            Told(place=data or "Messages that others wrote", became="done", masked=True),
        ),
        models=(Decided(model=data or "The model that scores loans", choice="retrain", by=date(2027, 2, 1),
                        because=data or "it is used every day."),),
        recipients=(data or "Credit Bureau Ltd",), recipients_failed=(data or "Mailing House GmbH",),
        attachments=(Attachment(what=data or "A package (ZIP)", until=date(2027, 1, 19)),),
        passphrase=data or "You get the passphrase by telephone.", limits=(data or "Paper files in the archive.",),
        remedies=(remedy(data),),
    )  # fmt: skip


def letters(data: str = "") -> Iterator[tuple[str, Letter]]:
    due = date(2026, 12, 23)
    yield "acknowledgement", Acknowledgement(frame=frame("access", data), due=due, identity_wanted=True, agent=True)
    yield "identity", IdentityWanted(frame=frame("access", data), wanted=(data or "The number of your account.",),
                                     because=data or "the address is new to us.", due=due, paused=True)  # fmt: skip
    yield "extension", Extension(frame=frame("access", data), was=due, due=date(2027, 2, 23), cite="Art. 12(3)",
                                 reasons=(data or "Two archives.",), remedies=(remedy(data),))  # fmt: skip
    yield "refusal", Refusal(frame=frame("erasure", data), grounds=(ground(data),), remedies=(remedy(data),))
    for right in RIGHTS:
        yield f"answer-{right}", answer(right, data)


def copy(data: str = "", rows: int = 120) -> Copy:
    fields = (
        Field(name=data or "name", called=data or "Name", category="user.name"),
        Field(name="iban", called="Account number", category="user.financial.bank_account"),
        Field(name="pin", secret=True), Field(name="partner", called="Partner", third_party=True),
        Field(name="risk", called="Risk class", origin="inferred"),
        Field(name="seen", called="Last visit", origin="observed"), Field(name="note", called="Note"),
    )  # fmt: skip
    seen = datetime(2026, 11, 20, 9, 30)  # noqa: DTZ001  (databases give such)
    row = {
        data or "name": data or "Zoë Ångström", "iban": "IE29AIBK93115212345678", "pin": "4711", "partner": "Sam Doe",
        "risk": data or "B", "seen": seen, "note": data or "likes the sea",
    }  # fmt: skip
    payment = {"day": date(2026, 10, 1), "amount": Decimal("12.50"), "words": data[:300] or "rent"}
    payments = tuple(Field(name=name, origin="observed") for name in payment)
    return Copy(
        organisation=data or "Harbour Bank plc", contact=data or "privacy@bank.example", case="R-7F3A2C", day=DAY,
        held=(
            Held(address="core.customers", called=data or "customer account", fields=fields, rows=(row,),
                 purposes=(data or "run your account",), lawful_basis=("contract",), origin=data or "you",
                 recipients=(data or "Credit Bureau Ltd",), retention="10y", other_columns=(data or "row_version",)),
            Held(address="core.payments", fields=payments, rows=tuple(payment for _ in range(rows))),
            Held(address="crm.notes", called=data or "notes", problem=data or "It did not answer in time."),
            Held(address="web.newsletter", called=data or "newsletter"),
        ),
        logics=(Logic(system=data or "mortgage-approval", purpose=data or "Decide on mortgages",
                      features=(data or "income",), factors=(data or "Your debts are high for your income",)),),
        remedies=(remedy(data),), limits=(data or "Backups, kept for 35 days.",),
    )  # fmt: skip


def data_map(data: str = "") -> DataMap:
    def column(name: str, category: str | None = None) -> Column:
        return Column(name=name, category=category)

    customers = Collection(
        source="core", name="customers", table="customers", purposes=(data or "Run accounts",), retention="10y",
        columns={"name": column("name", "user.name"), "mail": column("mail", "user.contact.email")},
        lawful_basis=("contract",), recipients=(data or "Credit Bureau Ltd",), logic=data or "mortgage-approval",
        training_of=(data or "mortgage-approval",),
    )  # fmt: skip
    newsletter = Collection(
        source="mailing", name="newsletter", table="/v1", purposes=(data or "Send the newsletter",),
        columns={"mail": column("mail", "user.contact.email")}, lawful_basis=("consent",),
    )  # fmt: skip
    visits = Collection(source="mailing", name="visits", table="/v1/visits")
    return DataMap(
        path=Path("sources.yaml"), identities={"email": "user.contact.email"},
        sources=(
            SourceSpec(name="core", kind="sql", address="sqlite:///x.db", collections=(customers,), backups="35d",
                       region="IE", security=data or "Access by role"),
            SourceSpec(name="mailing", kind="http", address="https://x.example", region="US",
                       collections=(newsletter, visits)),
        ),
    )  # fmt: skip


def organisation(data: str = "") -> Any:
    return SimpleNamespace(
        name=data or "Harbour Bank plc", establishment=("IE",), people={"dpo": (data or "Head of data protection",)},
        processors=(Processor(name=data or "Mailing House Inc", does=data or "sends letters", regions=("US-NY",)),),
        contact=Contact(write_to=data or "privacy@harbour-bank.example", address=(data or "Dublin 1",)),
    )  # fmt: skip


DECLARED = Declared(
    joint=("None",), people={"core": ("customers",)}, transfers={"US": "standard contractual clauses"},
    processing_for=(ForWhom(name="Quay Credit Union", categories=("scoring of loans",)),),
)  # fmt: skip


def requests(data: str = "") -> tuple[LoggedRequest, ...]:
    one = LoggedRequest(case="R-1", received=date(2026, 3, 1), right="erasure", channel=data or "web form",
                        laws=("ccpa",), responded=date(2026, 3, 21), response="complied")  # fmt: skip
    return (
        one,
        evolve(one, case="R-2", responded=date(2026, 3, 11), response="denied", denial=(data or "legal duty",)),
        evolve(one, case="R-3", responded=None, response="open"),
        evolve(one, case="R-4", right="withdraw-consent"),
        evolve(one, case="R-5", received=date(2025, 6, 1), responded=date(2025, 6, 11)),
    )


def records(data: str = "") -> Iterator[tuple[str, Record]]:
    bank, declared = organisation(data), DECLARED
    name = str(bank.name)
    yield "controller", controller_record(data_map(data), bank, declared, DAY)
    yield "processor", processor_record(bank, declared, DAY)
    yield "log", request_log(name, requests(data), DAY, (data,) if data else ())
    yield "metrics", yearly_figures(name, requests(data), 2026, DAY)
    yield (
        "consents",
        consent_record(name, data_map(data), declared, requests(data), DAY, (("R-4", DAY, data or "all"),)),
    )
    yield "own", own_record(bank, declared, DAY, {"exports": 2})


def papers(data: str = "") -> Iterator[tuple[str, Paper]]:
    """One of every document, as a paper."""
    yield from ((f"letter-{name}", letter(one)) for name, one in letters(data))
    yield "copy", readable_copy(copy(data))
    yield from ((f"record-{name}", paper(one)) for name, one in records(data))
