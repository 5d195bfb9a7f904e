"""Shared by tests of status and gate: a small law, and logs of what was declared, measured and attested."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ledgers import START, added, says
from ombud.evidence.dsse import Envelope
from ombud.law.load import read_pack
from ombud.law.pack import Pack
from ombud.statistics.measurement import Measurement, Scale

SYSTEM = "mortgage"
RELEASE = "r" * 64
DAY = 86_400

LAW = """\
framework: test-law
title: A law made for tests
cite: Test Act 1
href: https://example.org/act
binding: law
in_pack_since: 2026-01-01
when: {jurisdiction: [EU]}
versions:
  - {published: 2020-01-01, instrument: Test Act 1, status: in_force, applies: [{from: 2020-06-01}]}
requirements:
  T.FAIR:
    title: Groups are treated alike
    text: People of all groups are selected at comparable rates.
    cite: s. 1
    certainty: V
    owner: ml
    due: continuous
    when: {decision: [automated]}
    shown_by: {all_of: [{check: fairness.impact_ratio, strength: direct}]}
  T.ASSESS:
    title: Assess before use
    text: The consequences for people are assessed before the system is used.
    cite: s. 2
    certainty: V2
    owner: dpo
    due: before_use
    when: {decision: [automated]}
    shown_by: {all_of: [{document: dpia, strength: direct}]}
  T.LATER:
    title: A duty to come
    text: From the middle of 2027 a person oversees the system.
    cite: s. 3
    certainty: K~
    owner: business
    due: before_use
    when: {decision: [automated]}
    shown_by:
      any_of:
        - {attestation: oversight, strength: direct}
        - {document: instructions-for-use, strength: supporting}
    versions:
      - {published: 2026-12-01, instrument: Test Act 2, status: in_force, applies: [{from: 2027-06-01}]}
"""

LIMIT_OF_LAW = """\
framework: test-limit
title: A new law that sets a number
cite: Test Act 9
href: https://example.org/act9
binding: law
in_pack_since: 2026-01-01
when: {jurisdiction: [EU]}
versions:
  - {published: 2026-12-10, instrument: Test Act 9, status: in_force, applies: [{from: 2026-12-10}]}
requirements:
  T.LIMIT:
    title: A ratio of nine tenths
    text: The ratio of rates is at least nine tenths.
    cite: s. 9
    certainty: V
    owner: ml
    due: continuous
    shown_by: {all_of: [{check: fairness.impact_ratio, strength: direct}]}
    limits:
      - check: fairness.impact_ratio
        measurement: impact_ratio
        op: ">="
        value: "9/10"
        origin: law
        unit: "1"
        since: 2026-12-10
"""


@cache
def pack(*texts: str) -> Pack:
    """A law pack of these files; without any, of `LAW`."""
    with TemporaryDirectory() as folder:
        paths = []
        for number, text in enumerate(texts or (LAW,)):
            paths.append(Path(folder) / f"law{number}.yaml")
            paths[-1].write_text(text, encoding="utf-8")
        return read_pack(paths)


def moment(days: float) -> datetime:
    """So many days after the start of the story."""
    return START + timedelta(days=days)


def day(days: float) -> date:
    """The day of a moment, UTC."""
    return moment(days).astimezone(UTC).date()


def people() -> list[Envelope]:
    """An engineer, a DPO, an owner, a CISO and a CI machine."""
    roles = {"ml": "ml", "dpo": "dpo", "owner": "owner", "ciso": "ciso", "ci": "ci", "platform": "platform"}
    return [added("root", "root"), *(added(name, role) for name, role in roles.items())]


def limit(value: str = "4/5", **more: Any) -> dict[str, Any]:
    """A policy limit on the impact ratio, as a declaration carries it."""
    return {
        "check": "fairness.impact_ratio", "measurement": "impact_ratio", "op": ">=", "value": value,
        "borrowed_from": None, "protected": None, **more,
    }  # fmt: skip


def declared(days: float, *, policy: tuple[dict[str, Any], ...] = (), by: str = "ml", **more: Any) -> Envelope:
    """The system is declared."""
    said = {
        "what": "system", "content": {}, "facts": {"jurisdiction": ["DE", "EU"], "decision": ["automated"]},
        "policy": list(policy), "checks": ["fairness.impact_ratio"], "release": RELEASE,
        "settings": {"max_age_days": {"default": 90}, "approvals": 2, "set": ["policy", "binding-before-use"]},
    }  # fmt: skip
    return says(by, "declaration", said | more, days * DAY)


def ratio(value: str, low: float, high: float, p: float, **more: Any) -> Measurement:
    """An impact ratio of women against men."""
    return Measurement(
        name="impact_ratio", value=Fraction(value), low=low, high=high, p_value=p, p_raw=p, n=2000, scale=Scale.RATIO,
        protected="sex", group="female", reference="male", **more,
    )  # fmt: skip


GOOD = ratio("98/100", 0.95, 1.01, 0.3)
MIDDLING = ratio("85/100", 0.82, 0.88, 0.001)
BAD = ratio("7/10", 0.65, 0.75, 0.0001)


def measured(days: float, *taken: Measurement, by: str = "ml", unmet: str | None = None, **more: Any) -> Envelope:
    """The impact ratio is measured."""
    said = {
        "check": "fairness.impact_ratio", "asks": "Is a group selected far less often than another?",
        "release": RELEASE, "parameters": {}, "inputs": [], "measurements": [one.to_json() for one in taken],
        "unmet": unmet,
    }  # fmt: skip
    return says(by, "measurement", said | more, days * DAY)


def attested(days: float, item: str = "document:dpia", by: str = "dpo", **more: Any) -> Envelope:
    """An item is put on record."""
    return says(by, "attestation", {"item": item, "says": "done", "expires": None, **more}, days * DAY)


def approved(days: float, by: str, release: str = RELEASE) -> Envelope:
    """A person approves the release."""
    return says(by, "approval", {"release": release, "says": ""}, days * DAY)


def passing(days: float = 1) -> list[Envelope]:
    """Everything a release needs under `LAW`: declared with a limit, measured well, assessed, approved by two."""
    return [
        *people(),
        declared(days, policy=(limit(),)),
        measured(days, GOOD),
        attested(days),
        approved(days, "dpo"),
        approved(days, "owner"),
    ]
