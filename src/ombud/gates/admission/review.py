"""AdmissionReview, as bytes from outside: read strictly, answered in its own form (admission.k8s.io/v1)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from ombud.errors import Unreadable
from ombud.gates.admission.objects import NOTHING, Object, read_object
from ombud.gates.admit import Answer

VERSION: Final = "admission.k8s.io/v1"
OPERATIONS: Final = ("CREATE", "UPDATE", "DELETE", "CONNECT")
_NEXT: Final = "Send an AdmissionReview of admission.k8s.io/v1, as the API server does."
_LONGEST: Final = 250
"""Characters of one warning; the API server cuts at 256."""


@frozen
class Review:
    """One question of the API server.

    Attributes:
        uid: to be repeated in the answer.
        operation: CREATE, UPDATE, DELETE or CONNECT; subresource: "" for the object itself.
        where: kind, namespace and name, to be told in the answer.
        by: who asks; used to tell controllers from others, and never written anywhere.
        made_by_owner: the object says that a controller made it.
        dry_run: nothing will come of it.
        new, old: the object as it would be and as it was.
    """

    uid: str
    operation: str
    subresource: str
    where: str
    by: str = field(repr=False)
    made_by_owner: bool
    dry_run: bool
    new: Object
    old: Object


def read_review(body: bytes) -> Review:
    """Read a question.

    Raises:
        Unreadable: not JSON, not an AdmissionReview of this version, or not a whole one.
    """
    try:
        data = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
        return _review(data)
    except RecursionError:
        raise Unreadable("request body", "it is nested too deeply", _NEXT) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unreadable("request body", f"it is not an AdmissionReview of {VERSION}", _NEXT) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(word)


def _review(data: Any) -> Review:
    if data["apiVersion"] != VERSION or data["kind"] != "AdmissionReview":
        raise ValueError
    asked = data["request"]
    uid, operation, kind = asked["uid"], asked["operation"], asked["kind"]
    texts = (uid, kind["group"], kind["kind"], asked.get("namespace", ""), asked.get("name", ""))
    if not all(isinstance(text, str) for text in texts) or not 0 < len(uid) <= 128 or operation not in OPERATIONS:
        raise ValueError
    metadata = (asked.get("object") or {}).get("metadata") or {}
    return Review(
        uid=uid,
        operation=operation,
        subresource=str(asked.get("subResource") or ""),
        where=_where(asked, kind["kind"], metadata),
        by=str((asked.get("userInfo") or {}).get("username") or ""),
        made_by_owner=_made_by_owner(metadata.get("ownerReferences")),
        dry_run=asked.get("dryRun") is True,
        new=read_object(kind["group"], kind["kind"], asked.get("object")),
        old=read_object(kind["group"], kind["kind"], asked["oldObject"]) if asked.get("oldObject") else NOTHING,
    )


def _where(asked: Mapping[str, Any], kind: str, metadata: Mapping[str, Any]) -> str:
    name = asked.get("name") or metadata.get("name") or f"{metadata.get('generateName') or ''}…"
    return f"{kind} {asked.get('namespace') or '-'}/{name}"[:_LONGEST]


def _made_by_owner(owners: Any) -> bool:
    return isinstance(owners, list) and any(isinstance(one, dict) and one.get("controller") is True for one in owners)


def written(review: Review, answer: Answer) -> bytes:
    """The answer in the API server's form: why, what to do next, warnings, and what its audit log keeps."""
    said = f"{review.where}: {answer.because}." + (f" Next: {answer.next_step}" if answer.next_step else "")
    response: dict[str, Any] = {
        "uid": review.uid,
        "allowed": answer.allowed,
        "auditAnnotations": _kept(answer),
    }
    if not answer.allowed:
        response["status"] = {"status": "Failure", "code": 403, "reason": "Forbidden", "message": said}
    if answer.warnings:
        response["warnings"] = [warning[:_LONGEST] for warning in answer.warnings]
    return json.dumps({"apiVersion": VERSION, "kind": "AdmissionReview", "response": response}).encode()


def _kept(answer: Answer) -> dict[str, str]:
    """What the API server's audit log keeps of the answer; it puts the webhook's name before each."""
    kept = {"how": answer.how}
    if answer.standing is not None:
        kept |= {"state": str(answer.standing.state), "digest": answer.standing.digest}
        if answer.standing.release is not None:
            kept |= {"system": answer.standing.release.system, "release": answer.standing.release.release}
    return kept
