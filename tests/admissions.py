"""Shared by tests of the admission webhook: requests as the API server sends them, and a server over real HTTPS."""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

from attrs import frozen

from ombud.gates.admission.http import Limits
from ombud.gates.admission.server import Certificate, Webhook, run
from ombud.gates.lookup import Known
from ombud.store.clock import Clock
from tls import certificate

REPLICASETS = "system:serviceaccount:kube-system:replicaset-controller"
SOMEBODY = "deployer"


def pod(release: str | None = None, image: str = "serve:1", system: str | None = None, **more: Any) -> dict[str, Any]:
    """A pod."""
    named = {"ombud.dev/release": release, "ombud.dev/system": system}
    annotations = {name: value for name, value in named.items() if value is not None}
    metadata = {"name": "scorer", "namespace": "lending", "annotations": annotations, **more}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [{"image": image}]}}


def owned(release: str | None = None, **more: Any) -> dict[str, Any]:
    """A pod that a ReplicaSet made."""
    owner = {"kind": "ReplicaSet", "name": "scorer-1", "uid": "1", "controller": True}
    return pod(release, ownerReferences=[owner], **more)


def deployment(release: str | None = None, replicas: int = 2, image: str = "serve:1", **more: Any) -> dict[str, Any]:
    """A Deployment whose pods name a release."""
    inner = pod(release, image, **more)
    template = {"metadata": {"annotations": inner["metadata"]["annotations"]}, "spec": inner["spec"]}
    metadata = {"name": "scorer", "namespace": "lending"}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
        "spec": {"replicas": replicas, "template": template},
    }  # fmt: skip


def inference(release: str | None = None, uri: str = "s3://models/a", **more: Any) -> dict[str, Any]:
    """A KServe InferenceService."""
    metadata = {"name": "scorer", "annotations": {"ombud.dev/release": release} if release else {}}
    predictor = {"minReplicas": 1, "model": {"storageUri": uri, "modelFormat": {"name": "lightgbm"}}, **more}
    return {
        "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "metadata": metadata,
        "spec": {"predictor": predictor},
    }  # fmt: skip


def review(
    new: Mapping[str, Any] | None,
    old: Mapping[str, Any] | None = None,
    operation: str | None = None,
    by: str = SOMEBODY,
    **more: Any,
) -> dict[str, Any]:
    """An AdmissionReview of admission.k8s.io/v1."""
    shown = new or old or {}
    group, _, version = str(shown.get("apiVersion", "v1")).rpartition("/")
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "operation": operation or ("UPDATE" if old else "CREATE"),
        "kind": {"group": group, "version": version, "kind": shown.get("kind", "Pod")},
        "resource": {"group": group, "version": version, "resource": "things"},
        "namespace": "lending", "name": "scorer", "userInfo": {"username": by, "groups": ["system:authenticated"]},
        "object": new, "oldObject": old, "dryRun": False, "options": {}, **more,
    }  # fmt: skip
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


@frozen
class Client:
    """Asks as the API server does: over HTTPS, on a connection that stays open."""

    port: int
    trusted: Path

    def connection(self, timeout: float = 20, **more: Any) -> HTTPSConnection:
        """A new connection."""
        context = ssl.create_default_context(cafile=str(self.trusted))
        for name, value in more.items():
            setattr(context, name, value)
        return HTTPSConnection("localhost", self.port, timeout=timeout, context=context)

    def post(
        self, body: bytes | Mapping[str, Any], path: str = "/validate?timeout=5s", kind: str = "application/json"
    ) -> tuple[int, Any]:
        """Post a body: status, and what was answered."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = self.connection()
        connection.request("POST", path, data, {"Content-Type": kind})
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read())
        connection.close()
        return found

    def asked(self, question: Mapping[str, Any], path: str = "/validate?timeout=5s") -> dict[str, Any]:
        """The response to an AdmissionReview."""
        status, told = self.post(question, path)
        assert status == 200, told
        assert told["apiVersion"] == "admission.k8s.io/v1" and told["kind"] == "AdmissionReview"
        assert told["response"]["uid"] == question["request"]["uid"]
        return dict(told["response"])

    def get(self, path: str) -> tuple[int, str]:
        """Get a page."""
        connection = self.connection()
        connection.request("GET", path)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode()
        connection.close()
        return found


@contextmanager
def serving(
    folder: Path, known: Callable[[], Known | None], clock: Clock, limits: Limits | None = None
) -> Iterator[tuple[Client, Webhook]]:
    """Run the webhook over HTTPS with a certificate of its own making."""
    folder.mkdir(parents=True, exist_ok=True)
    pem = certificate(folder)
    webhook = Webhook(known, clock, limits=limits or Limits())
    loop, listening, ports = asyncio.new_event_loop(), threading.Event(), list[int]()

    def ready(port: int) -> None:
        ports.append(port)
        listening.set()

    task = loop.create_task(run(webhook, Certificate(pem, pem), "localhost", 0, ready))

    def keep() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            listening.set()
            loop.close()

    thread = threading.Thread(target=keep)
    thread.start()
    assert listening.wait(10) and ports
    try:
        yield Client(ports[0], pem), webhook
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
