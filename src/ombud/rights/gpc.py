"""Global Privacy Control: a browser says "do not sell or share", and from then on that is so (11 CCR § 7025)."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from ombud import __version__
from ombud.errors import Misused
from ombud.evidence.statement import Statement, Subject
from ombud.store.identity import Identity
from ombud.store.people import Listed
from ombud.store.workspace import Workspace

Headers = Mapping[str, str] | Iterable[tuple[str, str]]

HEADER: Final = "sec-gpc"
LIST: Final = "sale-opted-out"
MATTER: Final = "opt-out-signal"
LAW: Final = "ccpa"
CITE: Final = "CCR.7025"

CHOICES: Final = MappingProxyType({
    "financial-incentive": "the person takes part in a financial incentive that needs sale or sharing: the signal "
    "holds; tell them what it means for the incentive, and let them choose",
    "consent": "the person consented to sale or sharing before: the signal holds; consent counts again only if it is "
    "given anew, in two steps",
})  # fmt: skip
"""What the signal can be in conflict with, and what follows. Beyond our fact sheets: not checked against the text."""


@frozen(kw_only=True)
class Honoured:
    """That a signal was taken as an opt-out of sale and sharing.

    Attributes:
        aliases: the people's aliases it was recorded for: of the device, and of the known profile if it has another.
        since: the day from which nothing is sold or shared, ISO 8601.
        new: False if all of it was recorded before.
        conflicts: what the business has to tell, one sentence each.
    """

    aliases: tuple[str, ...]
    since: str
    new: bool
    conflicts: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What the person is shown: that the signal was honoured."""
        return f"Opt-out request honoured: since {self.since} your personal information is not sold or shared."


def signal(headers: Headers) -> bool:
    """Whether a request carries the signal: the header Sec-GPC once, with the value 1 and nothing else."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [value for name, value in pairs if name.lower() == HEADER] == ["1"]


def accept(
    workspace: Workspace, headers: Headers, identities: Iterable[Identity], holder: str, *, choices: Iterable[str] = ()
) -> Honoured | None:
    """Take the signal as an opt-out of sale and sharing, on receipt and for good; None without a signal.

    It is recorded for whoever the identities belong to: the pseudonymous device, and the profile if the person is
    known. Once is enough: what was recorded before is not recorded again.

    Args:
        workspace: whose lists, clock and log.
        headers: of the request.
        identities: the device's, and the person's if they are signed in.
        holder: whose key signs the entry in the log; it must be allowed to sign cases.
        choices: what the business knows of the person that the signal conflicts with: keys of `CHOICES`.

    Raises:
        Misused: nobody to record it for, or a choice that is not known.
        Refused, NotFound: the holder may not sign, or their key is not here.
    """
    known, against = tuple(dict.fromkeys(identities)), tuple(dict.fromkeys(choices))
    if not known or not set(against) <= CHOICES.keys():
        raise Misused("a signal is of a device or a person", "Hand over its identities, and choices that are known.")
    if not signal(headers):
        return None
    before = {one.alias: one for one in workspace.people.listed(known) if one.list == LIST and one.system is None}
    aliases = _aliases(workspace, known)
    new = [alias for alias in aliases if alias not in before]
    today = workspace.context.clock.now().date()
    for alias in new:
        _opt_out(workspace, Listed(alias=alias, list=LIST, law=LAW, since=today, case=_case(alias)), holder, against)
    since = min([one.since for one in before.values()], default=today)
    conflicts = tuple(CHOICES[choice] for choice in against)
    return Honoured(aliases=aliases, since=since.isoformat(), new=bool(new), conflicts=conflicts)


def _aliases(workspace: Workspace, identities: tuple[Identity, ...]) -> tuple[str, ...]:
    """Of one person, also where only the device or only the profile was known; of two, if they are kept apart."""
    people = workspace.people
    known = dict.fromkeys(alias for one in identities if (alias := people.alias_of(one)) is not None)
    if len(known) > 1:
        return tuple(known)
    return (people.enrol(identities),)


def _case(alias: str) -> str:
    return f"G-{alias[:6].upper()}"


def _opt_out(workspace: Workspace, listed: Listed, holder: str, against: tuple[str, ...]) -> None:
    """First do it, then say so: the log never says honoured of what is not."""
    workspace.people.enlist(listed)
    try:
        _say(workspace, listed, holder, against)
    except BaseException:
        workspace.people.delist(listed)
        raise


def _say(workspace: Workspace, listed: Listed, holder: str, against: tuple[str, ...]) -> None:
    """Say in the log that it was honoured; the alias is random, and nothing else is said of the person."""
    predicate = {
        "case": listed.case, "matter": MATTER, "event": "honoured", "alias": listed.alias, "after": None,
        "details": {"type": "opt-out-sale", "laws": [LAW], "channel": "gpc", "conflicts": list(against)},
        "organisation": True, "observed_at": workspace.now(), "software": {"ombud": __version__},
    }  # fmt: skip
    signed = workspace.sign(Statement((Subject(listed.alias),), "case", predicate), holder)
    workspace.ledger.append([signed])
