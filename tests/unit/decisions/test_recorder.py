import asyncio
import errno
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from ombud.decisions import Recorder, spool
from ombud.decisions.drain import Drainer, drain, only_drainer
from ombud.decisions.errors import SpoolFailed
from ombud.decisions.spool import files_of, spool_of
from ombud.errors import Misused, NotFound
from ombud.store.workspace import Workspace
from recorded import bank, decision, decisions


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return bank(tmp_path)


@pytest.fixture
def recorder(workspace: Workspace) -> Recorder:
    return Recorder.at(workspace.root, "mortgage", threshold="0.5", subject_kind="customer_id", model="m" * 64)


def kept(workspace: Workspace) -> list[str]:
    return [str(row.id) for row in workspace.decided.since("mortgage")]


def test_one_line_around_a_predict_call_records_what_it_saw(workspace: Workspace, recorder: Recorder) -> None:
    predict = recorder.around(lambda row: np.array([row[0] * 0.5]), ["income", "debt"])
    assert predict(np.array([1.5, 2.0]), id="A-1", subject="C-1") == [0.75]
    drain(workspace)
    row = next(workspace.decided.since("mortgage"))
    assert row.content is not None and b'"score":0.75' in row.content and b'"outcome":"favourable"' in row.content
    assert b'"inputs":{"debt":2,"income":1.5}' in row.content and b"C-1" in row.content


def test_a_decorated_function_and_a_coroutine_are_recorded(workspace: Workspace, recorder: Recorder) -> None:
    @recorder.recorded(id="application", inputs="features", subject="customer")
    def score(application: str, customer: str, features: dict[str, float]) -> float:
        return features["income"]

    @recorder.recorded(id="application", inputs="features", wait=True)
    async def later(application: str, features: dict[str, float]) -> float:
        return features["income"]

    assert score("A-1", "C-1", {"income": 0.25}) == 0.25
    assert asyncio.run(later("A-2", features={"income": 0.75})) == 0.75
    assert drain(workspace).receipt.new == 2


def test_a_low_score_can_be_the_good_one(recorder: Recorder, workspace: Workspace) -> None:
    low = Recorder("risk", recorder.spool, threshold="0.5", favours="low")
    assert low.decide(id="A-1", score=0.5).outcome == "favourable"
    assert low.decide(id="A-1", score=0.6).outcome == "unfavourable"
    assert low.decide(id="A-1").outcome is None


def test_threads_that_record_at_once_lose_nothing(workspace: Workspace, recorder: Recorder) -> None:
    def work(first: int) -> None:
        for number in range(first, first + 25):
            recorder.record(decision(number))

    threads = [threading.Thread(target=work, args=(25 * number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert drain(workspace).receipt.new == 200


def test_a_child_of_a_fork_writes_a_file_of_its_own(workspace: Workspace, recorder: Recorder) -> None:
    recorder.record(decision(1))
    child = os.fork()
    if child == 0:
        recorder.record(decision(2))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    recorder.record(decision(3))
    assert len(files_of(spool_of(workspace.root))) == 2
    drain(workspace)
    assert sorted(kept(workspace)) == ["A-1", "A-2", "A-3"]


def test_a_writer_goes_on_in_a_new_file_when_the_drainer_took_the_old_one(
    workspace: Workspace, recorder: Recorder
) -> None:
    for number in range(5):
        recorder.record(decision(number))
        assert drain(workspace).files == 1
    assert files_of(spool_of(workspace.root)) == [] and len(kept(workspace)) == 5


def test_a_patient_drainer_leaves_a_file_until_it_has_come_to_rest(workspace: Workspace, recorder: Recorder) -> None:
    drainer = Drainer(workspace, patient=True)
    recorder.record(decision(1))
    assert drainer.drain().files == 0
    recorder.record(decision(2))
    assert (drainer.drain().receipt.new, len(files_of(spool_of(workspace.root)))) == (1, 1)
    assert drainer.drain().files == 1 and not workspace.decided.spooled()


def test_a_full_disk_is_told_and_leaves_no_half_record(
    workspace: Workspace, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.record(decision(1))
    write = os.write
    monkeypatch.setattr(spool.os, "write", lambda file, data: write(file, data[:40]))  # what a full disk does
    with pytest.raises(SpoolFailed, match="the disk is full") as refused:
        recorder.record(decision(2))
    assert "C-2" not in str(refused.value) and "A-2" not in str(refused.value)
    monkeypatch.undo()
    recorder.record(decision(3))
    done = drain(workspace)
    assert (done.receipt.new, done.damaged, done.torn) == (2, 0, 0) and kept(workspace) == ["A-1", "A-3"]


def test_a_disk_that_refuses_to_sync_is_told_to_whoever_waited_and_to_nobody_after(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.EIO, "broken")

    recorder.record(decision(1))
    monkeypatch.setattr(spool.os, "fdatasync", refuse)
    number = recorder.spool.append(b"x")
    with pytest.raises(SpoolFailed, match="not known"):
        recorder.spool.sync(number)
    monkeypatch.undo()
    with pytest.raises(SpoolFailed):
        recorder.spool.sync(number)
    recorder.record(decision(2))


def test_noted_together_and_synced_once(workspace: Workspace, recorder: Recorder) -> None:
    with recorder.together() as noting:
        for one in decisions(10):
            noting.note(one)
    assert drain(workspace).receipt.new == 10


def test_one_drainer_works_at_a_time(workspace: Workspace) -> None:
    folder = spool_of(workspace.root)
    with only_drainer(folder) as first, only_drainer(folder, wait=False) as second:
        assert (first, second) == (True, False)
    with only_drainer(folder, wait=False) as third:
        assert third


def test_a_recorder_knows_what_the_manifest_says(workspace: Workspace) -> None:
    (workspace.root / "model.txt").write_text("a model")
    (workspace.root / "ombud.yaml").write_text(
        "system: mortgage\nmodel: {artifact: model.txt, threshold: 0.5}\ncolumns: {subject: customer_id}\n"
    )
    recorder = Recorder.of(workspace.root / "ombud.yaml")
    made = recorder.record(id="A-1", subject="C-1", score=0.5)
    assert (made.threshold, made.outcome, len(str(made.model))) == ("0.5", "favourable", 64)
    assert made.subject is not None and made.subject.kind == "customer_id"


def test_misuse_is_told(recorder: Recorder, tmp_path: Path) -> None:
    with pytest.raises(Misused):
        recorder.around(lambda row: [0.1, 0.9], ["a"])([1.0], id="A-1")
    with pytest.raises(Misused):
        recorder.around(lambda row: 0.1, ["a"])([1.0, 2.0], id="A-1")
    with pytest.raises(Misused):
        Recorder("mortgage", recorder.spool).record(id="A-1", subject="C-1")
    with pytest.raises(NotFound):
        Recorder.at("/", "mortgage")
