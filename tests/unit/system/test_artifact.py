"""A model file is judged by its bytes, and its bytes are read once."""

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ombud.errors import NotFound, Unreadable
from ombud.system import artifact
from ombud.system.artifact import ALLOWED, ArtifactFacts, inspect_artifact

FILES = Path(__file__).parents[2] / "cases" / "security" / "files"


@pytest.mark.parametrize(
    ("name", "format"),
    [("linear.onnx", "onnx"), ("small.cbm", "catboost-cbm"), ("logistic.skops", "skops")],
)
def test_a_data_only_format_is_recognised_by_its_content(name: str, format: str, tmp_path: Path) -> None:
    disguised = tmp_path / "model.pkl"
    disguised.write_bytes((FILES / name).read_bytes())
    assert inspect_artifact(disguised).format == format
    assert inspect_artifact(disguised).safe


def test_the_digest_is_that_of_the_bytes() -> None:
    facts = inspect_artifact(FILES / "small.cbm")
    assert facts.digest == hashlib.sha256((FILES / "small.cbm").read_bytes()).hexdigest()
    assert facts.size == (FILES / "small.cbm").stat().st_size
    assert facts.name == "small.cbm"


@pytest.mark.parametrize(
    ("name", "finding"), [("external.onnx", "another file"), ("custom.onnx", "outside the standard")]
)
def test_a_graph_that_reaches_beyond_its_file_is_not_safe(name: str, finding: str) -> None:
    facts = inspect_artifact(FILES / name)
    assert facts.format == "onnx" and not facts.safe
    assert finding in facts.findings[0]


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b'{"a": 1}',
        b"{}",
        b"\x89HDF\r\n" + bytes(9),
        b"GGUF" + bytes(64),
        b"tree\nversion=4\n",
        b"\x00",
    ],
)
def test_what_is_not_on_the_list_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(content)
    facts = inspect_artifact(tmp_path / "model.json")
    assert facts.format not in ALLOWED and not facts.safe
    assert any("not an allowed model format" in finding for finding in facts.findings)


def test_an_array_of_numbers_is_no_model_but_no_pickle_either(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(3.0))
    facts = inspect_artifact(tmp_path / "a.npy")
    assert facts.format == "numpy array of numbers" and not facts.safe


def test_an_empty_file_is_not_safe(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(b"")
    assert inspect_artifact(tmp_path / "model.json").findings == ("the file is empty",)


def test_a_missing_file_says_which_key_to_check(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nothing\.json") as caught:
        inspect_artifact(tmp_path / "nothing.json")
    assert "model.artifact" in caught.value.next_step


def test_a_folder_and_a_pipe_are_not_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(Unreadable, match="a folder or a device"):
            inspect_artifact(path)


def test_a_link_is_followed_to_the_file_that_is_hashed(tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to(FILES / "linear.onnx")
    assert inspect_artifact(tmp_path / "latest").digest == inspect_artifact(FILES / "linear.onnx").digest


def test_a_link_to_itself_is_an_error_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(Unreadable):
        inspect_artifact(tmp_path / "loop")


def test_a_file_too_large_to_scan_is_not_scanned_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "MAX_BYTES", 10)
    (tmp_path / "model.json").write_bytes(bytes(10))
    assert inspect_artifact(tmp_path / "model.json").size == 10
    (tmp_path / "model.json").write_bytes(bytes(11))
    with pytest.raises(Unreadable, match="not scanned"):
        inspect_artifact(tmp_path / "model.json")


def test_only_an_allowed_format_without_findings_is_safe() -> None:
    def facts(format: str, *findings: str) -> ArtifactFacts:
        return ArtifactFacts("m", format, 1, "0", findings)

    assert facts("onnx").safe
    assert not facts("onnx", "something").safe
    assert not facts("pickle").safe


def test_a_skops_archive_with_a_foreign_type_is_not_safe(tmp_path: Path) -> None:
    target = tmp_path / "m.skops"
    with zipfile.ZipFile(FILES / "logistic.skops") as good, zipfile.ZipFile(target, "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            if name == "schema.json":
                schema = json.loads(content)
                schema["content"]["content"]["C"] |= {"__module__": "os", "__class__": "system"}
                content = json.dumps(schema).encode()
            bad.writestr(name, content)
    facts = inspect_artifact(target)
    assert facts.format == "skops"
    assert facts.findings == ("untrusted type os.system (JsonNode)",)


def test_a_skops_archive_may_hold_sparse_arrays_and_plain_bytes(tmp_path: Path) -> None:
    sparse = io.BytesIO()
    np.savez(sparse, data=np.ones(3), indices=np.arange(3))
    with zipfile.ZipFile(FILES / "logistic.skops") as good, zipfile.ZipFile(tmp_path / "m.skops", "w") as more:
        for name in good.namelist():
            more.writestr(name, good.read(name))
        more.writestr("1.npz", sparse.getvalue())
        more.writestr("2.bin", b"just bytes")
    assert inspect_artifact(tmp_path / "m.skops").safe
