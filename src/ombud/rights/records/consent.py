"""What rests on consent by the map, and which consents were taken back by the ledger."""

from collections.abc import Sequence
from datetime import date

from ombud.documents.paper import Hole
from ombud.documents.rights.records import Consents, LoggedRequest, OnConsent, Withdrawal
from ombud.rights.map.model import Collection, DataMap
from ombud.rights.records.activities import key_in
from ombud.rights.records.declared import FILE, Declared
from ombud.rights.records.law import cite


def consent_record(
    organisation: str, data_map: DataMap, declared: Declared, requests: Sequence[LoggedRequest], today: date,
    listed: Sequence[tuple[str, date, str]] = (), problems: tuple[str, ...] = (),
) -> Consents:  # fmt: skip
    """Consent in an organisation.

    Args:
        listed: case, day and system of each consent that is on the list of those taken back.
    """
    return Consents(
        organisation=organisation, day=today, problems=problems,
        resting=tuple(_resting(one, data_map, declared) for one in data_map.collections if _rests(one)),
        withdrawals=tuple(sorted(_withdrawals(requests, listed), key=lambda one: (one.since, one.case), reverse=True)),
        laws=cite(today, "GDPR.7.1", "GDPR.7.3"),
    )  # fmt: skip


def _rests(one: Collection) -> bool:
    return one.personal and "consent" in one.lawful_basis


def _resting(one: Collection, data_map: DataMap, declared: Declared) -> OnConsent:
    purposes = one.purposes or Hole(f"the purpose of {one.address}", f"{key_in(data_map, one)}.purposes")
    proof = declared.consent.get(one.address) or Hole(
        f"where the consents for {one.address} are kept", f"{FILE}: consent.{one.address}"
    )
    return OnConsent(place=one.address, purposes=purposes, proof=proof)


def _withdrawals(requests: Sequence[LoggedRequest], listed: Sequence[tuple[str, date, str]]) -> list[Withdrawal]:
    """Each case of that kind, and each entry of the list; a case on the list is told once, with its system."""
    states = {one.case: one for one in requests if one.right == "withdraw-consent"}
    on_list = [
        Withdrawal(case=case, since=since, system=system, state=f"on the list; {_state(states.get(case))}")
        for case, since, system in listed
    ]
    named = {case for case, _, _ in listed}
    others = [one for one in states.values() if one.case not in named]
    return on_list + [
        Withdrawal(case=one.case, since=one.received, system="not on a list", state=_state(one)) for one in others
    ]


def _state(one: LoggedRequest | None) -> str:
    if one is None:
        return "its case is not in the ledger"
    return f"{one.response} on {one.responded.isoformat()}" if one.responded else one.response
