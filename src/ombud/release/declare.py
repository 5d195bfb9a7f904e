"""Declare a system: its facts, limits, plan and release enter the log when they change, and only then."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import yaml

from ombud import __version__
from ombud.evidence.canonical import digest
from ombud.evidence.entry import Entry
from ombud.evidence.statement import Statement, Subject
from ombud.release.composite import Composite
from ombud.store.workspace import Workspace
from ombud.system.facts import facts
from ombud.system.manifest import Organisation, System


def declaration_of(
    system: System, organisation: Organisation | None, release: Composite, checks: Sequence[str], now: str
) -> Statement:
    """What is declared of a system, with the checks that are planned for it."""
    known = facts(system, organisation)
    content = {
        "what": "system",
        "system": system.name,
        "content": system.content,
        "organisation": organisation.content if organisation else None,
        "facts": {fact: sorted(values) for fact, values in sorted(known.items())},
        "policy": policy_of(system),
        "settings": system.settings(),
        "checks": list(checks),
        "release": release.digest,
        "parts": release.to_json(),
        "observed_at": now,
        "software": {"ombud": __version__},
    }
    return Statement(subjects=(Subject("manifest", system.digest),), kind="declaration", predicate=content)


def policy_of(system: System) -> list[dict[str, Any]]:
    """The limits of the manifest, and where it has a model and is silent on them, the default ones."""
    own = [limit.to_json() for limit in system.policy]
    set_already = {(limit["check"], limit["measurement"]) for limit in own}
    defaults = yaml.safe_load((files("ombud.release") / "default_policy.yaml").read_text(encoding="utf-8"))
    wanted = [
        one for one in defaults if (one["check"], one["measurement"]) not in set_already and _bears_on(one, system)
    ]
    return [*own, *({key: value for key, value in one.items() if key != "where"} for one in wanted)]


def _bears_on(limit: dict[str, Any], system: System) -> bool:
    """Whether a default limit is for a system: one with a model and with the keys that the number needs."""
    keys = (path.split(".") for path in limit.get("where", ()))
    return system.model is not None and all((system.content.get(top) or {}).get(key) for top, key in keys)


def declare(workspace: Workspace, declaration: Statement, holder: str) -> Sequence[Entry]:
    """Append a declaration, if it says anything new."""
    said = dict(declaration.predicate)
    earlier = [
        entry
        for entry in workspace.ledger.log().trusted("declaration")
        if entry.statement.predicate.get("system") == said["system"]
    ]
    if earlier and _same(dict(earlier[-1].statement.predicate), said):
        return ()
    return workspace.ledger.append([workspace.sign(declaration, holder)])


def _same(held: dict[str, Any], new: dict[str, Any]) -> bool:
    return digest(held | {"observed_at": ""}) == digest(new | {"observed_at": ""})
