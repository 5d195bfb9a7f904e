"""Services that speak a small declared contract: find, count, erase, change (docs/reference/http-source.md)."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ombud.errors import OmbudError
from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.sources.http_client import Away, Client
from ombud.rights.sources.http_contract import PATH, Answer, Changed, Counted, Erased, Found, Listed, read
from ombud.rights.sources.matching import canonical, columns_of, fitting, ready
from ombud.rights.sources.source import Change, Match, Outcome, Progress, Selection, State, Value

_MOST_PAGES: Final = 1_000_000


def open_source(spec: SourceSpec, base: Path) -> "HttpSource":  # noqa: ARG001  an address of the net is never relative
    """Open a service; nothing is sent yet."""
    return HttpSource(spec, Client.open(spec))


@frozen
class HttpSource:
    """See `Source`. What the service says it did is believed only as far as it answers the same when asked again."""

    spec: SourceSpec
    client: Client

    def lookup(
        self, collection: Collection, matches: Sequence[Match], columns: Sequence[str] | None = None
    ) -> Iterator[dict[str, Value]]:
        """See `Source`. A row that does not fit was not asked for and stops everything: it is somebody else's."""
        wanted = ready(matches)
        if not wanted:
            return
        fits = fitting(wanted)
        needed = None if columns is None else list(dict.fromkeys((*columns, *columns_of(wanted))))
        for page in self._pages(Found, "find", collection, matches=_asked(matches), columns=needed):
            for row in page.rows:
                if not fits(row):
                    raise Away(self.spec.name, "it gives rows that were not asked for", "Mend the service's find.")
                yield row if columns is None else {name: row.get(name) for name in columns}

    def count(self, collection: Collection, matches: Sequence[Match]) -> int:
        """See `Source`."""
        if not ready(matches):
            return 0
        return self._ask(Counted, "count", collection, matches=_asked(matches)).count

    def queries(self, collection: Collection, matches: Sequence[Match]) -> tuple[str, ...]:
        """See `Source`."""
        what = f"POST {PATH}find: {collection.table} whose"
        return tuple(f"{what} ({', '.join(one.columns)}) is one of {len(one.values)} values ?" for one in matches)

    def erase(self, selection: Selection, progress: Progress | None = None) -> tuple[Outcome, ...]:
        """See `Source`. A service has no transaction: each collection is asked for on its own."""
        here = [one for one in self.spec.collections if one.address in selection]
        outcomes = []
        for done, collection in enumerate(here):
            if progress is not None:
                progress(f"asking {self.spec.name}", done, len(here))
            outcomes.append(self._erase(collection, selection[collection.address]))
        return tuple(outcomes)

    def change(self, change: Change, matches: Sequence[Match]) -> Outcome:
        """See `Source`; `masked` counts the rows that the service says it changed."""
        collection = {one.address: one for one in self.spec.collections}[change.collection]
        body = {"values": _plain(change.values), "where": _plain(change.where) if change.where else None}
        try:
            found = self.count(collection, matches)
            said = self._ask(Changed, "change", collection, matches=_asked(matches), **body).changed if found else 0
            left = self._unchanged(collection, change, matches)
        except OmbudError as error:
            return self._failed(collection, str(error))
        state = State.FAILED if left else State.CHANGED if found else State.NOTHING
        because = f"the service says changed, and {left} rows still hold other values" if left else ""
        return Outcome(
            collection=collection.address, state=state, found=found, masked=said, left=left, because=because
        )  # fmt: skip

    def identities(self, collection: Collection, column: str) -> Iterator[str]:
        """See `Source`."""
        for page in self._pages(Listed, "identities", collection, column=column):
            yield from page.values

    def close(self) -> None:
        """See `Source`."""
        self.client.close()

    def _erase(self, collection: Collection, matches: Sequence[Match]) -> Outcome:
        try:
            found = self.count(collection, matches)
            if not found:
                return Outcome(collection=collection.address, state=State.NOTHING)
            if collection.on_erase == "keep" or collection.exemption is not None:
                return self._kept(collection, found)
            said = self._ask(Erased, "erase", collection, matches=_asked(matches), **_meant(collection))
            return self._judged(collection, found, said, self.count(collection, matches))
        except OmbudError as error:
            return self._failed(collection, str(error))

    def _judged(self, collection: Collection, found: int, said: Erased, left: int) -> Outcome:
        """What the second count allows to be said; only a ground that the service names excuses what is left."""
        state, because = State.ERASED, ""
        if left and left == said.kept and said.ground:
            state, because = State.KEPT, "the service keeps it and names the ground"
        elif left:
            state, because = State.FAILED, f"the service says it is done, and still finds {left} rows"
        masked = min(said.masked, found - left) if collection.on_erase == "mask" else 0
        erased = 0 if collection.on_erase == "mask" else max(found - left, 0)
        return Outcome(
            collection=collection.address, state=state, found=found, erased=erased, masked=max(masked, 0), left=left,
            kept=left if state is State.KEPT else 0, ground=said.ground if state is State.KEPT else None,
            because=because, not_covered=(self._not_covered(),),
        )  # fmt: skip

    def _kept(self, collection: Collection, found: int) -> Outcome:
        ground = collection.exemption.ground if collection.exemption else None
        return Outcome(
            collection=collection.address, state=State.KEPT, found=found, kept=found, left=found, ground=ground,
            because="the map says that it is kept",
        )  # fmt: skip

    def _failed(self, collection: Collection, because: str) -> Outcome:
        return Outcome(collection=collection.address, state=State.FAILED, because=because)

    def _not_covered(self) -> str:
        kept = f"for {self.spec.backups}" if self.spec.backups else "for how long is not known"
        return f"copies, logs and backups of the service, {kept}"

    def _unchanged(self, collection: Collection, change: Change, matches: Sequence[Match]) -> int:
        """Rows of the person that do not hold the new values, though they should."""
        old = {name: canonical(value) for name, value in (change.where or {}).items()}
        new = {name: canonical(value) for name, value in change.values.items()}
        rows = self.lookup(collection, matches, tuple(dict.fromkeys((*new, *old))))
        meant = (row for row in rows if not old or all(canonical(row[name]) == one for name, one in old.items()))
        return sum(any(canonical(row[name]) != one for name, one in new.items()) for row in meant)

    def _ask(self, kind: type[Answer], verb: str, collection: Collection, **members: Any) -> Answer:
        given = {name: value for name, value in members.items() if value is not None}
        return read(kind, self.client.ask(PATH + verb, {"collection": collection.table, **given}), self.spec.name)

    def _pages(self, kind: type[Any], verb: str, collection: Collection, **members: Any) -> Iterator[Any]:
        cursor, seen = None, set[str]()
        for _ in range(_MOST_PAGES):
            page = self._ask(kind, verb, collection, cursor=cursor, **members)
            yield page
            cursor = page.next
            if cursor is None:
                return
            if cursor in seen:
                break
            seen.add(cursor)
        raise Away(self.spec.name, "its pages go round in a circle", "Mend the service's `next`.")


def _asked(matches: Sequence[Match]) -> list[dict[str, Any]]:
    """Matches as the contract writes them, in a fixed order."""
    return [
        {"columns": list(match.columns), "form": match.form, "values": sorted(_tuples(match), key=repr)}
        for match in matches
    ]  # fmt: skip


def _tuples(match: Match) -> list[list[Any]]:
    return [[_json(value) for value in values] for values in match.values]


def _plain(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _json(value) for name, value in values.items()}


def _json(value: Value) -> Any:
    """What JSON has as itself, and text for the rest: dates by ISO 8601, bytes and decimals as they are compared."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return value if value is None or isinstance(value, str | bool | int | float) else canonical(value)


def _meant(collection: Collection) -> dict[str, Any]:
    """What erasure means here."""
    if collection.on_erase != "mask":
        return {"on_erase": "delete"}
    masks = {name: column.mask for name, column in collection.columns.items()}
    return {"on_erase": "mask", "masks": {name: masks.get(name) for name in (*masks, *collection.identities)}}
