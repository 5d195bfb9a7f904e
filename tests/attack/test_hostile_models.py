"""Malicious model files never run, and broken ones end in an error that names what is wrong."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import re
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ombud.errors import OmbudError, Unreadable
from ombud.system import lightgbm_format, xgboost_format
from ombud.system import scan as scanning
from ombud.system.artifact import Refused, inspect_artifact, inspect_bytes
from ombud.system.formats import ALLOWED
from ombud.system.models import open_model
from ombud.system.trees import NotSupported
from ombud.system.ubjson import read_ubjson, write_ubjson
from ombud.system.xgboost_format import parse_xgboost, write_xgboost
from support import needs

FILES = Path(__file__).parents[1] / "cases" / "security" / "files"

# --- code in files ----------------------------------------------------------------------------------------------------


class Payload:
    """Pickles to a call that makes a folder: the canary."""

    def __init__(self, canary: Path) -> None:
        self.canary = str(canary)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        import os

        return os.mkdir, (self.canary,)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def object_array(payload: Payload) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([payload], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def joblibbed(payload: Payload, **how: Any) -> bytes:
    buffer = io.BytesIO()
    needs("joblib").dump({"model": payload, "weights": np.arange(5.0)}, buffer, **how)
    return buffer.getvalue()


def skops_with_a_pickle(payload: Payload) -> bytes:
    with zipfile.ZipFile(FILES / "logistic.skops") as good:
        members = {name: good.read(name) for name in good.namelist()}
    return zipped(**members, **{"extra.npy": object_array(payload)})


def catboost_polyglot(payload: Payload) -> bytes:
    """Begins as CatBoost's header does: to pickle, a byte string of 66 bytes, thrown away, and then the payload."""
    head = b"CBM1" + (80).to_bytes(4, "little")
    return head + bytes(68 - len(head)) + b"0" + pickle.dumps(payload, 2)


PICKLE = "import pickle, sys; pickle.loads(DATA)"
JOBLIB = "import io, joblib; joblib.load(io.BytesIO(DATA))"
NUMPY = "import io, numpy; [*numpy.load(io.BytesIO(DATA), allow_pickle=True).values()]"
MEMBER = "import io, pickle, zipfile; z = zipfile.ZipFile(io.BytesIO(DATA)); pickle.loads(z.read(z.namelist()[-1]))"

ATTACKS: dict[str, tuple[Callable[[Payload], bytes], str]] = {
    **{f"pickle protocol {p}": (partial(pickle.dumps, protocol=p), PICKLE) for p in range(6)},
    "pickle in a list": (lambda e: pickle.dumps([1, {"a": e}]), PICKLE),
    "pickle after a harmless one": (
        lambda e: pickle.dumps({"a": 1}) + pickle.dumps(e),
        "import io, pickle; f = io.BytesIO(DATA); pickle.load(f); pickle.load(f)",
    ),
    "gzip": (lambda e: gzip.compress(pickle.dumps(e)), "import gzip; DATA = gzip.decompress(DATA); " + PICKLE),
    "gzip of gzip": (
        lambda e: gzip.compress(gzip.compress(pickle.dumps(e))),
        "import gzip; DATA = gzip.decompress(gzip.decompress(DATA)); " + PICKLE,
    ),
    "bz2": (lambda e: bz2.compress(pickle.dumps(e)), "import bz2; DATA = bz2.decompress(DATA); " + PICKLE),
    "xz": (lambda e: lzma.compress(pickle.dumps(e)), "import lzma; DATA = lzma.decompress(DATA); " + PICKLE),
    "lzma": (
        lambda e: lzma.compress(pickle.dumps(e), format=lzma.FORMAT_ALONE),
        "import lzma; DATA = lzma.decompress(DATA); " + PICKLE,
    ),
    "zlib": (lambda e: zlib.compress(pickle.dumps(e)), "import zlib; DATA = zlib.decompress(DATA); " + PICKLE),
    "joblib": (joblibbed, JOBLIB),
    **{
        f"joblib {kind}": (partial(joblibbed, compress=(kind, 3)), JOBLIB)
        for kind in ("zlib", "gzip", "bz2", "xz", "lzma")
    },
    "old joblib": (
        lambda e: (lambda p: b"ZF" + hex(len(p)).encode().ljust(19) + zlib.compress(p))(pickle.dumps(e)),
        "import zlib; DATA = zlib.decompress(DATA[21:]); " + PICKLE,
    ),
    "zip behind a CatBoost model": (
        lambda e: (FILES / "small.cbm").read_bytes() + zipped(**{"model.pkl": pickle.dumps(e)}), MEMBER,
    ),
    "object array": (object_array, "import io, numpy; numpy.load(io.BytesIO(DATA), allow_pickle=True)"),
    "npz": (lambda e: zipped(**{"a.npy": object_array(e)}), NUMPY),
    "zip": (lambda e: zipped(**{"model.pkl": pickle.dumps(e)}), MEMBER),
    "PyTorch zip": (
        lambda e: zipped(**{"archive/version": b"3\n", "archive/data.pkl": pickle.dumps(e, 2)}), MEMBER,
    ),
    "zip in gzip": (
        lambda e: gzip.compress(zipped(**{"m": pickle.dumps(e)})),
        "import gzip; DATA = gzip.decompress(DATA); " + MEMBER,
    ),
    "skops with a pickle": (
        skops_with_a_pickle,
        "import io, zipfile, numpy; z = zipfile.ZipFile(io.BytesIO(DATA)); "
        "numpy.load(io.BytesIO(z.read('extra.npy')), allow_pickle=True)",
    ),
    "CatBoost polyglot": (catboost_polyglot, PICKLE),
}  # fmt: skip


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Each attack as a file, with its canary."""
    folder = tmp_path_factory.mktemp("attacks")
    files = {}
    for number, (name, (make, _)) in enumerate(ATTACKS.items()):
        file, canary = folder / f"model-{number}.json", folder / f"canary-{number}"
        file.write_bytes(make(Payload(canary)))
        files[name] = (file, canary)
    return files


@pytest.fixture(scope="module")
def fired(planted: dict[str, tuple[Path, Path]]) -> set[str]:
    """The attacks that do run when a program loads the file as its makers meant it to be loaded."""
    lines = ["import os"]
    for name, (file, _) in planted.items():
        lines += ["try:", f"    DATA = open({str(file)!r}, 'rb').read()", f"    {ATTACKS[name][1]}"]
        lines += ["except Exception: pass"]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True, timeout=120, capture_output=True)
    ran = {name for name, (_, canary) in planted.items() if canary.exists()}
    for _, canary in planted.values():
        if canary.exists():
            canary.rmdir()
    return ran


@pytest.mark.parametrize("name", ATTACKS)
def test_a_malicious_file_never_runs(
    name: str, planted: dict[str, tuple[Path, Path]], fired: set[str], tmp_path: Path
) -> None:
    file, canary = planted[name]
    assert name in fired, "positive control: the payload must work when it is loaded unsafely"
    facts = inspect_artifact(file)
    with pytest.raises(Refused):
        open_model(file)
    assert not canary.exists()
    assert not facts.safe and facts.findings
    assert any(word in text for text in (facts.format, *facts.findings) for word in ("pickle", "mkdir", "also a zip"))


def test_a_harmless_pickle_is_refused_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_bytes(pickle.dumps({"weights": [1, 2, 3]}))
    facts = inspect_artifact(tmp_path / "m.json")
    assert facts.format == "pickle" and not facts.safe
    with pytest.raises(Refused, match="never loaded") as caught:
        open_model(tmp_path / "m.json")
    assert "save_model" in caught.value.next_step


@pytest.mark.parametrize("magic", [b"\x04\x22\x4d\x18", b"\x28\xb5\x2f\xfd"])
def test_what_cannot_be_unpacked_is_refused_unseen(magic: bytes) -> None:
    facts, _ = inspect_bytes("m", magic + bytes(100))
    assert not facts.safe and "not looked at" in facts.findings[1]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_a_bomb_is_not_unpacked(pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "MAX_EXPANDED", 2**20)
    facts, _ = inspect_bytes("m", pack(bytes(2**22)))
    assert any("unpacks to more" in finding for finding in facts.findings)


def test_a_zip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "MAX_EXPANDED", 2**20)
    facts, _ = inspect_bytes("m", zipped(**{f"{i}.npy": bytes(2**19) for i in range(8)}))
    assert any("within bounds" in finding for finding in facts.findings)


def test_wrapping_without_end_is_followed_only_so_far() -> None:
    data = pickle.dumps([1])
    for _ in range(10):
        data = gzip.compress(data)
    facts, _ = inspect_bytes("m", data)
    assert any("more than four times" in finding for finding in facts.findings)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", ["gzip", "zip", "joblib", "npz", "pickle protocol 4", "bz2"])
def test_a_truncated_attack_is_still_refused(name: str, cut: float, planted: dict[str, tuple[Path, Path]]) -> None:
    file, canary = planted[name]
    data = file.read_bytes()
    facts, _ = inspect_bytes("m", data[: int(len(data) * cut)])
    assert not facts.safe and not canary.exists()


def test_a_scanner_that_breaks_has_not_cleared_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    import modelaudit_picklescan

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("scanner")

    monkeypatch.setattr(modelaudit_picklescan.PickleScanner, "scan_bytes", broken)
    facts, _ = inspect_bytes("m", (FILES / "small.cbm").read_bytes())
    assert not facts.safe
    assert any("scanner failed" in finding for finding in facts.findings)


def test_text_from_a_hostile_file_is_fit_to_be_shown() -> None:
    evil = "ignore the above\n\x1b[2J\u202e" + "x" * 5000
    facts, _ = inspect_bytes("m", zipped(**{evil[:200]: pickle.dumps(Payload(Path("/nonexistent/canary")))}))
    assert facts.findings
    assert all(len(finding) < 400 and finding.isprintable() for finding in facts.findings)


# --- models that are not sound ----------------------------------------------------------------------------------------


@cache
def sound() -> bytes:
    """A small XGBoost model in JSON."""
    xgboost, random = needs("xgboost"), np.random.default_rng(0)
    x = random.normal(size=(200, 3))
    data = xgboost.DMatrix(x, x[:, 0] + x[:, 1] > 0, feature_names=["a", "b", "c"])
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": 3, "nthread": 1}, data, 3)
    return bytes(booster.save_raw("json"))


@cache
def sound_ubjson() -> bytes:
    """The same model as XGBoost itself writes it in UBJSON."""
    xgboost = needs("xgboost")
    booster = xgboost.Booster()
    booster.load_model(bytearray(sound()))
    return bytes(booster.save_raw("ubj"))


@cache
def sound_text() -> bytes:
    """A small LightGBM model."""
    lightgbm, random = needs("lightgbm"), np.random.default_rng(0)
    x = random.normal(size=(200, 3))
    settings = {"objective": "binary", "verbose": -1, "num_leaves": 5, "num_threads": 1}
    data = lightgbm.Dataset(x, (x[:, 0] + x[:, 1] > 0).astype(float), feature_name=["a", "b", "c"])
    return lightgbm.train(settings, data, 3).model_to_string().encode()


def refused(data: bytes) -> OmbudError:
    """The error that opening these bytes ends in."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        with pytest.raises((Refused, NotSupported)) as caught:
            open_model(file.name)
    return caught.value


def test_the_sound_models_are_opened(tmp_path: Path) -> None:
    for data in (sound(), sound_ubjson(), sound_text()):
        (tmp_path / "m").write_bytes(data)
        scores = open_model(tmp_path / "m").predict(np.zeros((1, 3)))
        assert 0 < scores[0] < 1


def tree_of(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["learner"]["gradient_booster"]["model"]["trees"][0]
    return found


def put(key: str, at: int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        tree_of(document)[key][at] = value

    return change


def cycle(document: dict[str, Any]) -> None:
    tree = tree_of(document)
    last = max(i for i, child in enumerate(tree["left_children"]) if child >= 0)
    tree["left_children"][last], tree["right_children"][last] = 0, 1


def shorter(key: str) -> Callable[[dict[str, Any]], None]:
    return lambda document: tree_of(document)[key].pop()


def without(*keys: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for key in keys[:-1]:
            document = document[key]
        del document[keys[-1]]

    return change


def setting(value: Any, *keys: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for key in keys[:-1]:
            document = document[key]
        document[keys[-1]] = value

    return change


def chain(depth: int) -> Callable[[dict[str, Any]], None]:
    """A tree that is one long branch."""

    def change(document: dict[str, Any]) -> None:
        n = 2 * depth + 1
        left = [i + 1 if i % 2 == 0 and i < n - 1 else -1 for i in range(n)]
        tree_of(document).update(
            left_children=left, right_children=[c + 1 if c >= 0 else -1 for c in left], split_indices=[0] * n,
            split_conditions=[0.1] * n, default_left=[0] * n, sum_hessian=[1.0] * n, split_type=[0] * n,
        )  # fmt: skip

    return change


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "a child beyond the end": (put("left_children", 0, 10**6), "side by side|out of range"),
    "a negative child": (put("left_children", 0, -7), "one child only|side by side"),
    "a child that is no number": (put("left_children", 0, "1"), "whole numbers|numbers"),
    "a child that is a fraction": (put("left_children", 0, 1.5), "whole numbers"),
    "a child of 2^70": (put("left_children", 0, 2**70), "numbers"),
    "a cycle": (cycle, "reached twice"),
    "a node with one child": (put("right_children", 0, -1), "side by side|one child"),
    "children apart": (put("right_children", 0, 5), "side by side"),
    "a feature that is not there": (put("split_indices", 0, 3), "feature that the model does not have"),
    "a threshold that is NaN": (put("split_conditions", 0, float("nan")), "not a number"),
    "a leaf that is NaN": (put("split_conditions", -1, float("nan")), "not a number"),
    "a leaf that is infinite": (put("split_conditions", -1, float("inf")), "not a number"),
    "a negative weight": (put("sum_hessian", 0, -1.0), "weight"),
    "arrays of unequal length": (shorter("sum_hessian"), "unequal lengths"),
    "no children": (without("learner", "gradient_booster", "model", "trees"), "not a list"),
    "no trees object": (without("learner", "gradient_booster"), "gradient_booster"),
    "names that are not text": (setting([1, 2, 3], "learner", "feature_names"), "list of names"),
    "a name twice": (setting(["a", "a", "b"], "learner", "feature_names"), "same name"),
    "too many names": (setting(list("abcd"), "learner", "feature_names"), "num_feature"),
    "a prior that is no probability": (setting("7", "learner", "learner_model_param", "base_score"), "base_score"),
    "a prior that is no number": (setting("x", "learner", "learner_model_param", "base_score"), "base_score"),
    "a count that is no number": (setting("-3", "learner", "learner_model_param", "num_feature"), "whole number"),
    "a huge count": (setting("9" * 30, "learner", "learner_model_param", "num_feature"), "whole number"),
    "a tree that is a list": (setting([[]], "learner", "gradient_booster", "model", "trees"), "not an object"),
    "a nested array": (lambda d: tree_of(d).update(left_children=[[1], [2]]), "numbers"),
    "an empty tree": (
        lambda d: tree_of(d).update(
            {k: [] for k in ("left_children", "right_children", "split_indices", "split_conditions", "default_left",
                             "sum_hessian", "split_type")}
        ), "no node",
    ),
    "a tree too deep": (chain(600), "deeper than"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_model_that_is_no_tree_is_refused_with_the_reason(name: str) -> None:
    change, says = BROKEN[name]
    document = json.loads(sound())
    change(document)
    error = refused(json.dumps(document).encode())
    assert isinstance(error, Refused)
    assert re.search(says, str(error))


def test_a_deep_tree_within_the_bound_is_opened(tmp_path: Path) -> None:
    document = json.loads(sound())
    chain(500)(document)
    (tmp_path / "m.json").write_text(json.dumps(document))
    model = open_model(tmp_path / "m.json")
    assert np.isfinite(model.contributions(np.zeros((2, 3)))).all()


def test_leaves_that_overflow_are_an_error_not_a_score(tmp_path: Path) -> None:
    document = json.loads(sound())
    for tree in document["learner"]["gradient_booster"]["model"]["trees"]:
        tree["split_conditions"] = [3e38 if child < 0 else at for child, at in
                                    zip(tree["left_children"], tree["split_conditions"], strict=True)]  # fmt: skip
    (tmp_path / "m.json").write_text(json.dumps(document))
    with pytest.raises(Unreadable, match="not finite"):
        open_model(tmp_path / "m.json").margin(np.zeros((1, 3)))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'{"learner":' + b"[" * 100_000, "nested deeper"),
        (b'{"learner":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001, "nested deeper"),
        (b'{"learner": 1' + b"0" * 5_000 + b', "version": [3]}', "cannot be parsed|learner"),
        (b'{"learner": {}, "learner": {}, "version": [3]}', "twice"),
        (b'{"learner": {}, "version": []}', "feature_names|learner_model_param"),
        (b'{"learner": "\xff\xfe", "version": []}', "cannot be parsed"),
        (b"{" + b'"a' * 200_000, "cannot be parsed"),
    ],
)
def test_hostile_json_is_refused(data: bytes, says: str) -> None:
    error = refused(data)
    assert isinstance(error, Refused)
    assert any(word in str(error) for word in says.split("|"))


def test_json_that_is_slow_to_read_is_read_in_linear_time() -> None:
    start = time.perf_counter()
    refused(b'{"learner": "' + b'\\"' * 2_000_000)
    assert time.perf_counter() - start < 5  # quadratic would take hours


def test_more_values_than_a_model_has_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xgboost_format, "MAX_VALUES", 1000)
    assert "too many values" in str(refused(b'{"learner": [' + b"{}," * 1000 + b'{}], "version": []}'))
    monkeypatch.setattr(lightgbm_format, "MAX_VALUES", 10)
    assert "too many values" in str(refused(sound_text()))


@pytest.mark.parametrize(
    "data",
    [
        b"{L" + (2**62).to_bytes(8, "big") + b"learner",
        b"{L" + (-5).to_bytes(8, "big", signed=True) + b"learner",
        b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner[$d#L" + (2**61).to_bytes(8, "big"),
        b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner[#L" + (2**61).to_bytes(8, "big"),
        b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner" + b"[" * 100_000,
        b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner[$Z#L" + (2**40).to_bytes(8, "big") + b"}",
        b"{L\x00\x00\x00\x00\x00\x00\x00\x07learnerQ",
        b"{i\x01aTi\x01aT}",
        b"{L",
    ],
)
def test_hostile_ubjson_is_refused(data: bytes) -> None:
    assert isinstance(refused(data), Refused)


def edited(old: str, new: str) -> bytes:
    text = sound_text().decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def line(key: str) -> str:
    return next(line for line in sound_text().decode().splitlines() if line.startswith(f"{key}="))


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("left_child", "9 9 9 9", "out of range"),
        ("left_child", "-99 -1 -2 -3", "out of range"),
        ("left_child", "0 0 0 0", "reached twice"),
        ("left_child", "-1 -1 -1 -1", "reached twice"),
        ("left_child", "1 2", "list of 4 numbers"),
        ("left_child", "1.5 2 3 -1", "whole numbers"),
        ("split_feature", "3 0 0 0", "does not have"),
        ("split_feature", "-1 0 0 0", "does not have"),
        ("threshold", "nan 1 1 1", "list of 4 numbers"),
        ("threshold", "1e999 1 1 1", "not finite"),
        ("leaf_value", "inf 1 1 1 1", "list of 5 numbers"),
        ("leaf_count", "-4 1 1 1 1", "negative"),
        ("decision_type", "99 2 2 2", "unknown kind of split"),
        ("decision_type", "1 2 2 2", "unknown kind of split"),
        ("num_leaves", "4000000000", "not a count"),
        ("num_leaves", "3", "list of 2 numbers"),
        ("max_feature_idx", "99", "max_feature_idx"),
        ("feature_names", "a a b", "same"),
    ],
)
def test_a_lightgbm_model_that_is_no_tree_is_refused_with_the_reason(key: str, value: str, says: str) -> None:
    error = refused(edited(line(key), f"{key}={value}"))
    assert isinstance(error, Refused) and says in str(error)


def test_sizes_promised_by_a_lightgbm_header_are_not_believed(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_bytes(edited(line("tree_sizes"), "tree_sizes=999999999 -5 7"))
    assert 0 < open_model(tmp_path / "m.txt").predict(np.zeros((1, 3)))[0] < 1


@pytest.mark.parametrize("data", [sound, sound_ubjson])
def test_a_truncated_xgboost_model_is_refused_wherever_it_ends(data: Callable[[], bytes]) -> None:
    whole = data().rstrip()
    for end in range(1, len(whole), 37):
        facts, _ = inspect_bytes("m", whole[:end])
        assert not facts.safe, end


def test_a_truncated_lightgbm_model_is_refused_wherever_a_tree_is_missing() -> None:
    whole = sound_text()
    for end in range(1, whole.index(b"\nend of trees"), 29):
        facts, found = inspect_bytes("m", whole[:end])
        assert not facts.safe or found.unsupported is not None, end


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.sampled_from([sound, sound_ubjson, sound_text]),
    changes=st.lists(st.tuples(st.floats(0, 0.999999), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_a_model_with_flipped_bytes_is_an_error_or_a_model(
    data: Callable[[], bytes], changes: list[tuple[float, int]], tmp_path: Path
) -> None:
    content = bytearray(data())
    for where, byte in changes:
        content[int(where * len(content))] = byte
    (tmp_path / "m").write_bytes(content)
    try:
        model = open_model(tmp_path / "m")
        x = np.zeros((2, len(model.features)))
        scores = model.predict(x)
        model.contributions(x)
    except OmbudError as error:
        assert str(error)
    else:
        assert ((scores >= 0) & (scores <= 1)).all()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_judged_without_an_exception(data: bytes) -> None:
    for content in (data, b"{" + data, b"PK\x03\x04" + data, b"CBM1" + data, b"\x08" + data, b"\x80\x04" + data):
        facts, _ = inspect_bytes("m", content)
        assert not facts.safe or facts.format in ALLOWED


ubjson_values = st.recursive(
    st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(ubjson_values)
def test_ubjson_reads_back_what_was_written(value: Any) -> None:
    assert read_ubjson(write_ubjson(value)) == value


def test_both_readers_see_the_same_model() -> None:
    ours = [write_xgboost(parse_xgboost(read)) for read in (json.loads(sound()), read_ubjson(sound_ubjson()))]
    assert ours[0] == ours[1]
