"""People in MLflow: tables among artifacts, tags and parameters; models are listed and never opened."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ombud.errors import Misused, NotFound
from ombud.rights.map.model import Collection, Exemption, SourceSpec
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Change, Match, State

MAIL = "planted.person@example.org"
BY_MAIL = (Match(("email",), frozenset({(MAIL,)}), "email"),)
BY_VALUE = (Match(("value",), frozenset({(MAIL,)}), "email"),)
RUN = "mlruns/0/0123456789abcdef0123456789abcdef"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A file store as MLflow lays it out."""
    written = {
        "mlruns/0/meta.yaml": "name: Default\n",
        f"{RUN}/meta.yaml": "run_id: 0123456789abcdef0123456789abcdef\n",
        f"{RUN}/tags/contact": f"asked by {MAIL.upper()}, twice",
        f"{RUN}/tags/mlflow.source.name": "train.py",
        f"{RUN}/tags/other": f"x{MAIL}",
        f"{RUN}/params/customer": MAIL,
        f"{RUN}/params/depth": "7",
        f"{RUN}/artifacts/model/MLmodel": "flavors: {python_function: {}}\n",
        f"{RUN}/artifacts/model/model.pkl": "\x80never opened",
        f"{RUN}/artifacts/examples.csv": f"email,amount\n{MAIL},1\nother@example.org,2\n",
        f"{RUN}/artifacts/tags/contact": f"an artifact that only looks like a tag of {MAIL}",
    }
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    table = pa.table({"email": [MAIL, "other@example.org", MAIL], "amount": [1, 2, 3]})
    pq.write_table(table, tmp_path / RUN / "artifacts" / "train.parquet")
    return tmp_path


def collection(name: str, table: str, column: str, **more: Any) -> Collection:
    return Collection(source="ml", name=name, table=table, identities={column: "email"}, **more)


ALL = (
    collection("frames", "*/*/artifacts/*.parquet", "email"),
    collection("examples", "*/*/artifacts/*.csv", "email"),
    collection("tags", "tags", "value"),
    collection("params", "params", "value"),
)
ABOUT = {"ml.frames": BY_MAIL, "ml.examples": BY_MAIL, "ml.tags": BY_VALUE, "ml.params": BY_VALUE}


def opened(root: Path, *collections: Collection, address: str = "mlruns", **options: str) -> Any:
    spec = SourceSpec(
        name="ml", kind="mlflow", address=address, collections=collections or ALL, backups="30d", options=options
    )
    return open_source(spec, root)


def everything(root: Path) -> bytes:
    return b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())


def test_rows_of_tables_and_tags_are_found(root: Path) -> None:
    source = opened(root)
    counts = [source.count(one, ABOUT[one.address]) for one in ALL]
    assert counts == [2, 1, 1, 1]
    assert [row["amount"] for row in source.lookup(ALL[0], BY_MAIL)] == [1, 3]
    (tag,) = source.lookup(ALL[2], BY_VALUE, ["owner", "key"])
    assert tag == {"owner": RUN.removeprefix("mlruns/"), "key": "contact"}


def test_everything_is_erased_and_the_others_stay(root: Path) -> None:
    source = opened(root)
    outcomes = source.erase(ABOUT)
    assert [(one.collection, one.state) for one in outcomes] == [(name, State.ERASED) for name in ABOUT]
    assert (root / RUN / "tags/contact").read_text() == "[erased]"
    assert (root / RUN / "params/depth").read_text() == "7"
    assert (root / RUN / "artifacts/examples.csv").read_text() == "email,amount\nother@example.org,2\n"
    assert pq.read_table(root / RUN / "artifacts/train.parquet")["email"].to_pylist() == ["other@example.org"]
    assert [source.count(one, ABOUT[one.address]) for one in ALL] == [0, 0, 0, 0]
    assert [one.state for one in source.erase(ABOUT)] == [State.NOTHING] * 4


def test_an_identifier_inside_of_another_word_is_somebody_elses(root: Path) -> None:
    opened(root).erase(ABOUT)
    assert (root / RUN / "tags/other").read_text() == f"x{MAIL}"


def test_artifacts_are_no_tags(root: Path) -> None:
    opened(root).erase(ABOUT)
    assert MAIL in (root / RUN / "artifacts/tags/contact").read_text()


def test_a_short_identifier_is_looked_for_as_the_whole_only(root: Path) -> None:
    one = collection("params", "params", "value")
    source = opened(root, one)
    (root / RUN / "params/note").write_text("version 7 of 7", encoding="utf-8")
    found = source.lookup(one, (Match(("value",), frozenset({("7",)})),))
    assert [row["key"] for row in found] == ["depth"]


def test_a_telephone_number_within_text_is_found(root: Path) -> None:
    one = collection("tags", "tags", "value")
    (root / RUN / "tags/phone").write_text("call +49 (731) 123-4567 in the morning", encoding="utf-8")
    matches = (Match(("value",), frozenset({("+497311234567",)}), "phone"),)
    assert [row["key"] for row in opened(root, one).lookup(one, matches)] == ["phone"]


def test_models_are_listed_with_their_digests_and_left_alone(root: Path) -> None:
    source = opened(root)
    pickle = root / RUN / "artifacts/model/model.pkl"
    before = pickle.read_bytes()
    listed = {one.name: one.digest for one in source.models}
    inside = RUN.removeprefix("mlruns/") + "/artifacts/model"
    assert listed[f"{inside}/model.pkl"] == hashlib.sha256(before).hexdigest()
    assert set(listed) == {f"{inside}/model.pkl", f"{inside}/MLmodel"}
    source.erase(ABOUT)
    assert pickle.read_bytes() == before


def test_what_the_map_keeps_is_kept(root: Path) -> None:
    one = collection("tags", "tags", "value", exemption=Exemption(ground="legal-obligation"))
    outcome = opened(root, one).erase({"ml.tags": BY_VALUE})[0]
    assert (outcome.state, outcome.kept, outcome.ground) == (State.KEPT, 1, "legal-obligation")


def test_what_is_not_looked_at_is_said(root: Path) -> None:
    one = collection("tags", "tags", "value")
    outcome = opened(root, one).erase({"ml.tags": BY_VALUE})[0]
    assert outcome.not_covered == ("copies and backups, for 30d", "names of runs and of tags, and meta.yaml")


def test_rows_of_tables_are_changed_and_tags_are_not(root: Path) -> None:
    source = opened(root)
    assert source.change(Change(collection="ml.frames", values={"amount": 9}), BY_MAIL).state is State.CHANGED
    assert [row["amount"] for row in source.lookup(ALL[0], BY_MAIL)] == [9, 9]
    with pytest.raises(Misused, match="not changed"):
        source.change(Change(collection="ml.tags", values={"value": "x"}), BY_VALUE)


def test_identities_are_listed(root: Path) -> None:
    source = opened(root)
    assert sorted(source.identities(ALL[0], "email")) == ["other@example.org", MAIL]
    assert list(source.identities(ALL[3], "value")) == ["7", MAIL]


# --- a registry in SQLite -----------------------------------------------------------------------------------------


@pytest.fixture
def registry(root: Path) -> Path:
    with closing(sqlite3.connect(root / "mlflow.db")) as base, base:
        base.execute("CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT, PRIMARY KEY (key, run_uuid))")
        base.execute("CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT)")
        base.execute("CREATE TABLE model_version_tags (key TEXT, value TEXT, name TEXT, version INTEGER)")
        base.executemany("INSERT INTO tags VALUES (?, ?, 'r')", [("contact", f"to {MAIL}"), ("kind", "tree")])
        base.execute("INSERT INTO params VALUES ('customer', ?, 'r')", (MAIL,))
        base.execute("INSERT INTO model_version_tags VALUES ('owner', ?, 'loans', 3)", (MAIL,))
    return root


def test_tags_of_a_registry_are_erased_and_nothing_stays_in_its_file(registry: Path) -> None:
    source = opened(registry, *ALL[2:], address="sqlite:///mlflow.db")
    outcomes = source.erase({"ml.tags": BY_VALUE, "ml.params": BY_VALUE})
    assert [(one.state, one.masked, one.left) for one in outcomes] == [(State.ERASED, 2, 0), (State.ERASED, 1, 0)]
    assert MAIL.encode() not in (registry / "mlflow.db").read_bytes()
    with closing(sqlite3.connect(registry / "mlflow.db")) as base:
        assert base.execute("SELECT value FROM tags ORDER BY key").fetchall() == [("[erased]",), ("tree",)]


def test_artifacts_beside_a_registry_are_searched(registry: Path) -> None:
    source = opened(registry, address="sqlite:///mlflow.db", artifacts="mlruns")
    assert source.count(ALL[0], BY_MAIL) == 2


def test_a_registry_that_is_none_failed_and_says_so(registry: Path) -> None:
    (registry / "mlflow.db").write_bytes(b"not a database " * 100)
    outcome = opened(registry, ALL[2], address="sqlite:///mlflow.db").erase({"ml.tags": BY_VALUE})[0]
    assert outcome.state is State.FAILED
    assert outcome.because.endswith("MLflow's registry cannot be read or written")


# --- bad input ----------------------------------------------------------------------------------------------------


def test_a_store_that_is_not_there_is_said(root: Path) -> None:
    with pytest.raises(NotFound):
        opened(root, address="elsewhere")
    with pytest.raises(NotFound):
        opened(root, address="sqlite:///none.db")


def test_a_server_is_refused_with_the_way_to_map_it(root: Path) -> None:
    with pytest.raises(Misused, match="a folder and a SQLite registry"):
        opened(root, address="https://mlflow.example")


def test_a_pattern_of_no_table_is_refused(root: Path) -> None:
    with pytest.raises(Misused, match="no kind of table"):
        opened(root, collection("models", "*/*/artifacts/model/model.pkl", "email"))


def test_tags_are_looked_up_by_value_only(root: Path) -> None:
    with pytest.raises(Misused, match="by their value"):
        opened(root).count(ALL[2], (Match(("key",), frozenset({("contact",)})),))


def test_a_tag_behind_a_symbolic_link_is_left_alone(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "outside"
    secret.write_text(MAIL, encoding="utf-8")
    (root / RUN / "tags/linked").symlink_to(secret)
    opened(root).erase(ABOUT)
    assert secret.read_text(encoding="utf-8") == MAIL
