"""What a Kubernetes object says of releases, and what it would run. Every field is doubted: anybody can write objects.

A workload names its release in its pod template, so that the pods carry it too and a restart can be told:
`ombud.dev/release` (an annotation) and, if it likes, `ombud.dev/system` (an annotation or a label). A KServe
InferenceService names it in its own annotations, which KServe hands on to what it starts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

RELEASE: Final = "ombud.dev/release"
SYSTEM: Final = "ombud.dev/system"
_DIGEST: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})")

_COUNTS: Final = frozenset(("replicas", "minReplicas"))
_BESIDE_THE_POINT: Final = _COUNTS | frozenset((
    "maxReplicas", "scaleTarget", "scaleMetric", "resources", "nodeSelector", "affinity", "tolerations",
    "topologySpreadConstraints", "priority", "priorityClassName", "terminationGracePeriodSeconds", "nodeName",
))  # fmt: skip
"""What says how often, where and with how much something runs, and not what."""


@frozen
class Object:
    """One side of a request: the object as it would be, or as it was.

    Attributes:
        governed: whether it names a system or a release, or is a KServe InferenceService.
        release: the digest it names; None if it names none, or names it wrongly.
        system: the system it names.
        problem: what is wrong with what it names; "" if nothing is.
        runs: what would run, for comparing; spec: all it asks for but how often.
        copies: how often it is asked to run.
        leaving: it is being deleted, and only waits for finalizers.
    """

    governed: bool
    release: str | None = None
    system: str | None = None
    problem: str = ""
    runs: Any = field(default=None, repr=False)
    spec: Any = field(default=None, repr=False)
    copies: tuple[tuple[str, int], ...] = ()
    leaving: bool = False


NOTHING: Final = Object(governed=False)


def read_object(group: str, kind: str, data: Any) -> Object:
    """What an object says; `NOTHING` where there is none."""
    if not isinstance(data, Mapping):
        return NOTHING
    template, of_kserve = _template(group, kind, data), group == "serving.kserve.io"
    own, inner = _named(data, RELEASE), _named(template, RELEASE)
    systems = _named(data, SYSTEM) | _named(template, SYSTEM)
    release, problem = _release(own, inner, systems, template is data)
    spec = data.get("spec")
    return Object(
        governed=bool(own or inner or systems) or (of_kserve and kind == "InferenceService"),
        release=None if problem else release,
        system=next(iter(systems)) if len(systems) == 1 else None,
        problem=problem,
        runs=_without(spec if template is data else template.get("spec"), _BESIDE_THE_POINT),
        spec=_without(spec, _COUNTS),
        copies=tuple(sorted(_copies(spec))),
        leaving=bool(_map(data.get("metadata")).get("deletionTimestamp")),
    )


def _release(own: set[str], inner: set[str], systems: set[str], one_place: bool) -> tuple[str | None, str]:
    """The digest that is named, and what is wrong with how."""
    if len(systems) > 1:
        return None, f"it names {len(systems)} systems in {SYSTEM}"
    if len(own | inner) > 1:
        return None, f"it names {len(own | inner)} releases in {RELEASE}"
    if not own | inner:
        return None, f"it names no release in the annotation {RELEASE}"
    if not inner and not one_place:
        return None, f"{RELEASE} is missing in spec.template.metadata.annotations, so its pods would not carry it"
    found = _DIGEST.fullmatch(next(iter(own | inner)).strip())
    return (found[1], "") if found else (None, f"{RELEASE} is no digest of 64 hexadecimal digits")


def _template(group: str, kind: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where the pods are described; the object itself where there is no template in it."""
    spec = _map(data.get("spec"))
    if group == "batch" and kind == "CronJob":
        spec = _map(_map(spec.get("jobTemplate")).get("spec"))
    found = spec.get("template")
    described = group in ("apps", "batch") or (isinstance(found, Mapping) and "spec" in found)
    return found if isinstance(found, Mapping) and described else data


def _named(data: Mapping[str, Any], name: str) -> set[str]:
    """What annotations (for a system also labels) say under a name."""
    metadata = _map(data.get("metadata"))
    places = ("annotations", "labels") if name == SYSTEM else ("annotations",)
    said = [_map(metadata.get(place)).get(name) for place in places]
    return {one if isinstance(one, str) else "" for one in said if one is not None}


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _without(value: Any, names: Iterable[str]) -> Any:
    """The same without some keys, at any depth."""
    if isinstance(value, Mapping):
        return {key: _without(one, names) for key, one in value.items() if key not in names}
    return [_without(one, names) for one in value] if isinstance(value, list) else value


def _copies(value: Any, path: str = "") -> Iterator[tuple[str, int]]:
    """How often, by where it is said."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key in _COUNTS and isinstance(one, int):
                yield f"{path}.{key}", one
            else:
                yield from _copies(one, f"{path}.{key}")
