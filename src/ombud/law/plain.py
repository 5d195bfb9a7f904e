"""Rows of law as plain JSON and back: what a bundle carries, and what digests are made of."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import evolve

from ombud.law.condition import from_json
from ombud.law.model import Limit, Period, Provision, Row, ShownBy, ShownPart, Value, Version
from ombud.law.vocabulary import CALENDAR_UNITS

Plain = dict[str, Any]


def row_to_json(row: Row) -> Plain:
    """A row; provisions that several versions share are written once."""
    provisions = list(dict.fromkeys(version.provision for version in row.versions))
    return {
        "id": row.id,
        "framework": row.framework,
        "framework_title": row.framework_title,
        "provisions": [provision_to_json(provision) for provision in provisions],
        "versions": [
            version_to_json(version) | {"provision": provisions.index(version.provision)} for version in row.versions
        ],
    }


def row_from_json(data: Mapping[str, Any]) -> Row:
    """Read what `row_to_json` wrote."""
    provisions = [_provision(provision) for provision in data["provisions"]]
    return Row(
        id=data["id"],
        framework=data["framework"],
        framework_title=data["framework_title"],
        versions=tuple(_version(version, provisions[version["provision"]]) for version in data["versions"]),
    )


def resolved_version(row: Row, version: Version) -> Plain:
    """Everything one version says, by itself: the thing that may never change once released."""
    return {
        "id": row.id,
        "framework": row.framework,
        "says": provision_to_json(version.provision),
        "version": version_to_json(version),
    }


def provision_to_json(provision: Provision) -> Plain:
    """A provision."""
    return {
        "title": provision.title, "text": provision.text, "cite": provision.cite, "href": provision.href,
        "certainty": provision.certainty, "binding": provision.binding, "owner": provision.owner,
        "due": provision.due, "when": provision.when.to_json(), "context": provision.context,
        "shown_by": _shown_by_to_json(provision.shown_by),
        "limits": [limit_to_json(limit) for limit in provision.limits],
        "values": [value_to_json(value) for value in provision.values],
        "read_by": provision.read_by, "read_on": _iso(provision.read_on),
    }  # fmt: skip


def _provision(data: Mapping[str, Any]) -> Provision:
    shown = data["shown_by"]
    return Provision(
        title=data["title"], text=data["text"], cite=data["cite"], href=data["href"], certainty=data["certainty"],
        binding=data["binding"], owner=data["owner"], due=data["due"], when=from_json(data["when"]),
        context=data["context"],
        shown_by=ShownBy(shown["mode"], tuple(ShownPart(**part) for part in shown["parts"])) if shown else None,
        limits=tuple(_limit(limit) for limit in data["limits"]),
        values=tuple(_value(value) for value in data["values"]),
        read_by=data["read_by"], read_on=_date(data["read_on"]),
    )  # fmt: skip


def _shown_by_to_json(shown: ShownBy | None) -> Plain | None:
    if shown is None:
        return None
    parts = [{"kind": part.kind, "name": part.name, "strength": part.strength} for part in shown.parts]
    return {"mode": shown.mode, "parts": parts}


def limit_to_json(limit: Limit) -> Plain:
    """A limit."""
    return {
        "check": limit.check, "measurement": limit.measurement, "op": limit.op, "value": str(limit.value),
        "origin": limit.origin, "unit": limit.unit, "since": _iso(limit.since),
    }  # fmt: skip


def _limit(data: Mapping[str, Any]) -> Limit:
    return evolve(
        Limit(**{**data, "value": Fraction(data["value"]), "since": None}),
        since=_date(data["since"]),
    )


def value_to_json(value: Value) -> Plain:
    """A value with its history."""
    steps = [[day.isoformat(), None if number is None else str(number)] for day, number in value.since]
    return {"name": value.name, "unit": value.unit, "origin": value.origin, "since": steps}


def _value(data: Mapping[str, Any]) -> Value:
    read = str if data["unit"] in CALENDAR_UNITS else Fraction
    steps = tuple((date.fromisoformat(day), None if n is None else read(n)) for day, n in data["since"])
    return Value(name=data["name"], unit=data["unit"], origin=data["origin"], since=steps)


def version_to_json(version: Version) -> Plain:
    """A version without what it says."""
    return {
        "published": _iso(version.published), "instrument": version.instrument, "status": version.status,
        "applies": [period_to_json(period) for period in version.applies],
        "in_pack_since": version.in_pack_since.isoformat(), "effective": _iso(version.effective),
        "corrects": version.corrects, "note": version.note,
    }  # fmt: skip


def _version(data: Mapping[str, Any], provision: Provision) -> Version:
    return Version(
        provision=provision, published=_date(data["published"]), instrument=data["instrument"],
        status=data["status"], applies=tuple(_period(period) for period in data["applies"]),
        in_pack_since=date.fromisoformat(data["in_pack_since"]), effective=_date(data["effective"]),
        corrects=data["corrects"], note=data["note"],
    )  # fmt: skip


def period_to_json(period: Period) -> Plain:
    """A period."""
    return {
        "when": period.when.to_json(), "from": _iso(period.start), "bites": _iso(period.bites),
        "to": _iso(period.end), "legacy": period.legacy,
    }  # fmt: skip


def _period(data: Mapping[str, Any]) -> Period:
    return Period(
        when=from_json(data["when"]), start=_date(data["from"]), bites=_date(data["bites"]), end=_date(data["to"]),
        legacy=data["legacy"],
    )  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
