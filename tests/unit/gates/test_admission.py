"""What may be started in a cluster, for every way of starting it, by what the log says of the release."""

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve

from admissions import REPLICASETS, SOMEBODY, deployment, inference, owned, pod, review
from ombud.gates.admission.decide import decide
from ombud.gates.admission.review import read_review, written
from ombud.gates.admit import Answer
from ombud.gates.lookup import Known, Said
from ombud.living.released import Grace, Release, Releases
from ombud.release.gate import Verdict

NOW = "2026-11-23T12:00:00.000000Z"
OLD, GOOD, BAD, GLASS, NOBODY = "1" * 64, "2" * 64, "3" * 64, "4" * 64, "f" * 64


def release(digest: str, place: int, **more: Any) -> Release:
    said = {"system": "loans", "release": digest, "model": None, "released_at": "2026-11-01T00:00:00.000000Z"}
    return Release(**{**said, "place": place, **more})


REVOKED = release(BAD, 30, revoked_from="2026-11-20T00:00:00.000000Z")
BROKEN = release(GLASS, 40, released_at=None, glass_until="2026-11-24T00:00:00.000000Z")
ALL = Releases((release(OLD, 10), release(GOOD, 20, current=True), REVOKED, BROKEN), NOW, 50)
FRESH = Known(ALL, lambda _release, _now: Said(Verdict.MAY))
STALE = Known(ALL, lambda _release, _now: Said(Verdict.CANNOT_TELL, ("fairness.impact_ratio: stale",)))
AWAY = Known(ALL, lambda _release, _now: Said(Verdict.MAY), away="the store cannot be asked")


def asked(question: Mapping[str, Any], known: Known = FRESH, strict: bool = False) -> Answer:
    import json

    return decide(read_review(json.dumps(question).encode()), known, NOW, strict=strict)


# (what, question, fresh, stale, away): whether it may start while evidence is fresh, stale, and the store away
CASES = {
    "a new pod of a release": (review(pod(GOOD)), True, False, False),
    "a new deployment of a release": (review(deployment(GOOD)), True, False, False),
    "a new service of KServe": (review(inference(GOOD)), True, False, False),
    "a pod that its ReplicaSet makes again": (review(owned(GOOD), by=REPLICASETS), True, True, True),
    "a pod that says so, but somebody else makes": (review(owned(GOOD), by=SOMEBODY), True, False, False),
    "a deployment with more copies": (review(deployment(GOOD, 5), deployment(GOOD, 2)), True, True, True),
    "a deployment that is restarted": (
        review(deployment(GOOD, system="loans"), deployment(GOOD)), True, True, True,
    ),
    "a deployment with another image": (review(deployment(GOOD, image="x"), deployment(GOOD)), True, False, False),
    "KServe with another model behind": (review(inference(GOOD, "s3://b"), inference(GOOD)), True, False, False),
    "KServe with more copies": (review(inference(GOOD, minReplicas=4), inference(GOOD)), True, True, True),
    "the next release": (review(deployment(GOOD), deployment(OLD)), True, False, False),
    "back to the release before": (review(deployment(OLD), deployment(GOOD)), True, True, True),
    "back from a revoked release": (review(deployment(GOOD), deployment(BAD)), True, True, True),
    "broken glass": (review(pod(GLASS)), True, True, True),
    "a revoked release": (review(pod(BAD)), False, False, False),
    "a revoked one that its ReplicaSet makes again": (review(owned(BAD), by=REPLICASETS), False, False, False),
    "a revoked one with more copies": (review(deployment(BAD, 3), deployment(BAD, 2)), False, False, False),
    "a revoked one with fewer copies": (review(deployment(BAD, 0), deployment(BAD, 2)), True, True, True),
    "a label on a revoked one": (review(deployment(BAD), deployment(BAD)), True, True, True),
    "nobody's release": (review(pod(NOBODY)), False, False, False),
    "nobody's release made again": (review(owned(NOBODY), by=REPLICASETS), False, False, False),
    "a release of another system": (review(pod(GOOD, system="cards")), False, False, False),
    "a system without a release": (review(pod(system="loans")), False, False, False),
    "KServe without a release": (review(inference()), False, False, False),
    "what names nothing": (review(pod()), True, True, True),
    "a release taken off a pod": (review(pod(), pod(GOOD)), False, False, False),
    "deleting": (review(None, pod(BAD), "DELETE"), True, True, True),
    "connecting": (review(None, pod(BAD), "CONNECT"), True, True, True),
    "a status": (review(pod(BAD), pod(GOOD), subResource="status"), True, True, True),
    "what is being deleted already": (
        review(pod(BAD, deletionTimestamp="2026-11-23T12:00:00Z"), pod(BAD)), True, True, True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_who_may_start(name: str) -> None:
    question, *expected = CASES[name]
    assert [asked(question, known).allowed for known in (FRESH, STALE, AWAY)] == expected


@pytest.mark.parametrize("name", CASES)
def test_a_dry_run_is_answered_like_any_other(name: str) -> None:
    question = CASES[name][0]
    dry = {**question, "request": {**question["request"], "dryRun": True}}
    assert asked(dry) == asked(question)


def test_a_revoked_deployment_is_not_restarted_by_a_word() -> None:
    again = deployment(BAD)
    again["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = "now"
    assert not asked(review(again, deployment(BAD))).allowed
    live = deployment(GOOD)
    live["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = "now"
    assert asked(review(live, deployment(GOOD)), STALE).how == "restart"


def test_a_strict_namespace_lets_nothing_in_that_names_nothing() -> None:
    assert not asked(review(pod()), strict=True).allowed
    assert not asked(review(owned(), by=REPLICASETS), strict=True).allowed
    assert asked(review(pod(GOOD)), strict=True).allowed
    assert asked(review(pod(), pod()), strict=True).how == "nothing starts", "what ran before the gate goes on"


def test_a_deployment_names_its_release_where_its_pods_get_it() -> None:
    outside = deployment()
    outside["metadata"]["annotations"] = {"ombud.dev/release": GOOD}
    found = asked(review(outside))
    assert not found.allowed and "spec.template.metadata.annotations" in found.because


@pytest.mark.parametrize("wrong", ["", "v1", "2" * 63, "G" * 64, "sha256:", {"a": 1}, 7, None, ["x"], "2" * 10_000])
def test_what_is_no_digest_is_refused(wrong: Any) -> None:
    odd = pod(system="loans")
    odd["metadata"]["annotations"]["ombud.dev/release"] = wrong
    assert not asked(review(odd)).allowed


def test_two_releases_are_refused() -> None:
    two = deployment(GOOD)
    two["metadata"]["annotations"] = {"ombud.dev/release": OLD}
    assert "names 2 releases" in asked(review(two)).because


def test_a_digest_may_be_written_as_container_tools_write_it() -> None:
    assert asked(review(pod(f"sha256:{GOOD}"))).allowed


def test_a_recorded_rollback_starts_anew_whatever_the_evidence_says() -> None:
    back = Releases((release(OLD, 10, current=True, rolled_back=True), release(GOOD, 20)), NOW, 50)
    found = asked(review(pod(OLD)), Known(back, STALE.judge))
    assert found.allowed and found.how == "rollback"
    assert not any("not on record" in warning for warning in found.warnings)


def test_an_unrecorded_rollback_passes_and_says_what_is_missing() -> None:
    found = asked(review(deployment(OLD), deployment(GOOD)), STALE)
    assert found.how == "rollback" and any("ombud gate rollback" in warning for warning in found.warnings)


def test_alarms_are_told_and_do_not_stop_what_runs() -> None:
    late = Grace(target="T.NEW", cause="new law", since="2026-10-01", until="2026-10-31", because="")
    alarmed = Releases((evolve(release(GOOD, 20, current=True), grace=(late,)),), NOW, 50)
    found = asked(review(owned(GOOD), by=REPLICASETS), Known(alarmed, STALE.judge))
    assert found.allowed and found.warnings == ("alarm: T.NEW: new law, grace until 2026-10-31",)


def test_the_answer_says_what_where_and_what_next_and_names_nobody() -> None:
    import json

    question = review(pod(BAD), by="erika.mustermann@example.org")
    read = read_review(json.dumps(question).encode())
    told = json.loads(written(read, decide(read, FRESH, NOW)))["response"]
    assert told["status"]["code"] == 403
    assert told["status"]["message"].startswith("Pod lending/scorer: release 333333333333 of loans is revoked since")
    assert "Next: Go back to a release that stands" in told["status"]["message"]
    assert told["auditAnnotations"] == {
        "how": "revoked", "state": "revoked", "digest": BAD, "system": "loans", "release": BAD,
    }  # fmt: skip
    assert "mustermann" not in json.dumps(told) and "mustermann" not in repr(read)


def test_jobs_of_a_cron_job_are_found() -> None:
    template = {"metadata": {"annotations": {"ombud.dev/release": BAD}}, "spec": {"containers": []}}
    cron = {
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"},
        "spec": {"jobTemplate": {"spec": {"template": template}}},
    }  # fmt: skip
    assert not asked(review(cron)).allowed
