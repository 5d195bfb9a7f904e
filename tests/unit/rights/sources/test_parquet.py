"""Parquet: the person is found however their identifier is stored, only files with them are replaced, shapes stay."""

import base64
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ombud.errors import Misused, NotFound, Unreadable
from ombud.rights.map.model import Collection, Column, Exemption, SourceSpec
from ombud.rights.sources.objects import DRAFT, Changed
from ombud.rights.sources.open import open_source
from ombud.rights.sources.parquet_shape import types_of
from ombud.rights.sources.source import Change, Match, Outcome, State
from support import needs

ANN = "ann@example.org"
NOON = datetime(1990, 1, 2, 12)  # noqa: DTZ001 (a column without a time zone)


def source(folder: Path | str, table: str = "people", **about: Any) -> Any:
    about = {"identities": {"email": "email"}, **about}
    people = Collection(source="lake", name="people", table=table, **about)
    spec = SourceSpec(name="lake", kind="parquet", address=str(folder), collections=(people,), backups="35d")
    return open_source(spec, Path("/"))


def people(opened: Any) -> Collection:
    return opened.spec.collections[0]  # type: ignore[no-any-return]


def email(*values: str) -> Match:
    return Match(("email",), frozenset((value,) for value in values), "email")


def erase(opened: Any, *matches: Match) -> Outcome:
    (outcome,) = opened.erase({"lake.people": matches})
    return outcome  # type: ignore[no-any-return]


def write(folder: Path, name: str = "people/a.parquet", /, **columns: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def test_rows_of_the_person_are_gone_and_others_stay(tmp_path: Path) -> None:
    path = write(tmp_path, email=[ANN, "bob@example.org", " ANN@Example.org ", None], n=[1, 2, 3, 4])
    outcome = erase(source(tmp_path), email("Ann@example.org"))
    assert outcome.state is State.ERASED
    assert (outcome.found, outcome.erased, outcome.left) == (2, 2, 0)
    assert outcome.files == ("people/a.parquet",)
    assert pq.read_table(path).column("n").to_pylist() == [2, 4]
    assert any("backups, for 35d" in said for said in outcome.not_covered)


def test_files_without_the_person_keep_their_bytes_and_their_inode(tmp_path: Path) -> None:
    write(tmp_path, email=[ANN], n=[1])
    other = write(tmp_path, "people/b.parquet", email=["bob@example.org"], n=[2])
    before = other.stat().st_ino, other.read_bytes()
    erase(source(tmp_path), email(ANN))
    assert (other.stat().st_ino, other.read_bytes()) == before


def test_a_second_erasure_finds_nothing(tmp_path: Path) -> None:
    write(tmp_path, email=[ANN], n=[1])
    opened = source(tmp_path)
    erase(opened, email(ANN))
    assert erase(opened, email(ANN)).state is State.NOTHING


def test_a_file_of_one_person_becomes_an_empty_one_with_its_schema(tmp_path: Path) -> None:
    path = write(tmp_path, email=[ANN], n=[1])
    before = pq.ParquetFile(path).schema
    erase(source(tmp_path), email(ANN))
    assert pq.ParquetFile(path).schema.equals(before)
    assert pq.read_table(path).num_rows == 0


@pytest.mark.parametrize(
    ("values", "kind", "asked"),
    [
        ([7, 8], pa.int64(), "7"),
        ([7, 8], pa.uint8(), 7),
        ([7.0, None], pa.float64(), "7"),
        ([Decimal("7.00"), Decimal("8.00")], pa.decimal128(9, 2), "7"),
        ([date(1990, 1, 2), None], pa.date32(), "1990-01-02"),
        ([NOON, None], pa.timestamp("us"), NOON),
        ([b"C7", b"\xff"], pa.binary(), "C7"),
        (["C7", "C8"], pa.large_string(), "C7"),
        (["C7", "C8"], pa.dictionary(pa.int8(), pa.string()), "C7"),
        ([" C7\t", "c7"], pa.string(), "C7"),
        (["Ze\u0301", "Z"], pa.string(), "Z\u00e9"),
        (["\u212a1", "k1"], pa.string(), "K1"),
    ],
)
def test_an_identifier_is_found_in_every_type_it_can_have(
    tmp_path: Path, values: list[Any], kind: pa.DataType, asked: Any
) -> None:
    path = write(tmp_path, id=pa.array(values, kind), n=[1, 2])
    opened = source(tmp_path, identities={"id": "customer_id"})
    match = Match(("id",), frozenset({(asked,)}))
    assert opened.count(people(opened), [match]) == 1
    assert erase(opened, match).state is State.ERASED
    assert pq.read_table(path).column("n").to_pylist() == [2]


@pytest.mark.parametrize("written", ["+49 30 1234-567", "+49(30)1234567", " +49301234567 "])
def test_a_telephone_number_is_found_however_it_is_written(tmp_path: Path, written: str) -> None:
    write(tmp_path, phone=[written, "+49301234568"])
    opened = source(tmp_path, identities={"phone": "phone"})
    assert opened.count(people(opened), [Match(("phone",), frozenset({("+49 30 1234567",)}), "phone")]) == 1


def test_a_tuple_fits_only_as_a_whole(tmp_path: Path) -> None:
    path = write(tmp_path, a=[1, 1, 2], b=["x", "y", "x"])
    opened = source(tmp_path, identities={})
    outcome = erase(opened, Match(("a", "b"), frozenset({("1", "x"), ("2", "y")})))
    assert outcome.erased == 1
    assert pq.read_table(path).to_pylist() == [{"a": 1, "b": "y"}, {"a": 2, "b": "x"}]


def test_a_field_inside_a_structure_is_an_identity_too(tmp_path: Path) -> None:
    path = write(tmp_path, contact=[{"email": ANN, "n": 1}, {"email": "bob@example.org", "n": 2}, None])
    opened = source(tmp_path, identities={"contact.email": "email"})
    outcome = erase(opened, Match(("contact.email",), frozenset({(ANN,)}), "email"))
    assert outcome.erased == 1
    assert pq.read_table(path).to_pylist() == [{"contact": {"email": "bob@example.org", "n": 2}}, {"contact": None}]


def test_the_shape_stays_and_the_row_groups_too(tmp_path: Path) -> None:
    schema = pa.schema(
        [
            pa.field("email", pa.string(), nullable=False, metadata={"PARQUET:field_id": "7", "note": "kept"}),
            pa.field("kind", pa.dictionary(pa.int16(), pa.string())),
            pa.field("tags", pa.list_(pa.struct([pa.field("t", pa.dictionary(pa.int8(), pa.string()))]))),
            pa.field("when", pa.timestamp("us", "Europe/Berlin")),
        ],
        metadata={"owner": "lending"},
    )
    rows = [
        {"email": f"p{i}@x.org" if i != 5 else ANN, "kind": "secret-kind" if i == 5 else "b", "tags": [{"t": str(i)}],
         "when": datetime(2026, 1, 1, tzinfo=UTC)}
        for i in range(10)
    ]  # fmt: skip
    path = tmp_path / "people/a.parquet"
    path.parent.mkdir()
    table = pa.Table.from_pylist(rows, schema)
    options = {"email": "zstd", "kind": "gzip", "tags.list.element.t": "none", "when": "snappy"}
    pq.write_table(table, path, row_group_size=4, compression=options, use_dictionary=["kind"], write_page_index=True)
    before = pq.ParquetFile(path)
    assert erase(source(tmp_path), email(ANN)).state is State.ERASED
    after = pq.ParquetFile(path)
    assert after.schema_arrow.equals(before.schema_arrow, check_metadata=True)
    assert types_of(after) == types_of(before)
    assert after.metadata.metadata == before.metadata.metadata
    assert [after.metadata.row_group(i).num_rows for i in range(3)] == [4, 3, 2]
    for i in range(4):
        old, new = before.metadata.row_group(0).column(i), after.metadata.row_group(0).column(i)
        assert (old.compression, old.has_dictionary_page, old.has_column_index) == (
            new.compression, new.has_dictionary_page, new.has_column_index
        )  # fmt: skip
    assert after.read().to_pylist() == [row for row in table.to_pylist() if row["email"] != ANN]
    assert b"secret-kind" not in path.read_bytes()


def test_times_of_the_old_kind_stay_of_the_old_kind(tmp_path: Path) -> None:
    path = tmp_path / "people/a.parquet"
    path.parent.mkdir()
    table = pa.table({"email": [ANN, "b@x.org"], "t": pa.array([NOON] * 2, pa.timestamp("ns"))})
    pq.write_table(table, path, use_deprecated_int96_timestamps=True, store_schema=False)
    assert erase(source(tmp_path), email(ANN)).state is State.ERASED
    assert pq.ParquetFile(path).schema.column(1).physical_type == "INT96"


def test_statistics_are_those_of_the_rows_that_stay(tmp_path: Path) -> None:
    path = write(tmp_path, email=["aaa@example.org", "b@x.org", "c@x.org"])
    erase(source(tmp_path), email("aaa@example.org"))
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).statistics.min == "b@x.org"
    assert b"aaa@example" not in path.read_bytes()


def test_metadata_that_names_the_person_is_cleaned_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "people/a.parquet"
    path.parent.mkdir()
    table = pa.table({"email": [ANN, "b@x.org"]}).replace_schema_metadata({"made for": f"<{ANN}>", "kept": "yes"})
    pq.write_table(table, path)
    outcome = erase(source(tmp_path), email(ANN))
    assert "metadata" in outcome.because and ANN not in outcome.because
    kept = pq.ParquetFile(path).metadata.metadata
    assert kept[b"kept"] == b"yes" and b"made for" not in kept
    assert b"ann@example" not in base64.b64decode(kept[b"ARROW:schema"])


def test_masking_keeps_the_row_without_the_person_in_it(tmp_path: Path) -> None:
    path = write(tmp_path, email=[ANN, "b@x.org"], name=["Ann", "Bob"], zip=["10115", "10117"], amount=[10, 20])
    columns = {name: Column(name=name, mask=mask) for name, mask in {"email": None, "name": "gone", "zip": "1"}.items()}
    outcome = erase(source(tmp_path, columns=columns, on_erase="mask"), email(ANN))
    assert (outcome.state, outcome.masked, outcome.erased) == (State.ERASED, 1, 0)
    assert pq.read_table(path).to_pylist()[0] == {"email": None, "name": "gone", "zip": "1", "amount": 10}


def test_what_is_exempt_is_kept_with_its_ground(tmp_path: Path) -> None:
    path = write(tmp_path, email=[ANN])
    before = path.read_bytes()
    outcome = erase(source(tmp_path, exemption=Exemption(ground="legal-obligation")), email(ANN))
    assert (outcome.state, outcome.kept, outcome.ground) == (State.KEPT, 1, "legal-obligation")
    assert path.read_bytes() == before


def test_partitions_in_folder_names_are_columns_and_are_not_told(tmp_path: Path) -> None:
    path = write(tmp_path, f"people/email={ANN.replace('@', '%40')}/a.parquet", n=[1, 2])
    other = write(tmp_path, "people/email=b%40x.org/a.parquet", n=[3])
    opened = source(tmp_path)
    assert next(opened.lookup(people(opened), [email(ANN)])) == {"n": 1, "email": ANN}
    outcome = erase(opened, email(ANN))
    assert (outcome.state, outcome.erased, outcome.files) == (State.ERASED, 2, ("people/email=…/a.parquet",))
    assert not path.parent.exists() and other.exists()


def test_a_file_named_after_the_person_is_not_reported_done(tmp_path: Path) -> None:
    write(tmp_path, "people/CUST-0007.parquet", id=["CUST-0007", "CUST-0008"])
    outcome = erase(source(tmp_path, identities={"id": "id"}), Match(("id",), frozenset({("CUST-0007",)})))
    assert outcome.state is State.FAILED and "name of a file" in outcome.because
    assert "0007" not in str(outcome.to_json())


def test_a_column_renamed_since_mapping_fails_and_nothing_is_said_done(tmp_path: Path) -> None:
    write(tmp_path, mail=[ANN])
    outcome = erase(source(tmp_path), email(ANN))
    assert outcome.state is State.FAILED and "no column 'email'" in outcome.because


def test_an_unreadable_file_fails_while_the_others_are_erased(tmp_path: Path) -> None:
    path = write(tmp_path, email=[ANN, "b@x.org"])
    (tmp_path / "people/b.parquet").write_bytes(b"PAR1 nothing PAR1")
    outcome = erase(source(tmp_path), email(ANN))
    assert (outcome.state, outcome.erased) == (State.FAILED, 1)
    assert pq.read_table(path).num_rows == 1


def test_no_file_where_the_map_says_there_are_some_fails(tmp_path: Path) -> None:
    assert erase(source(tmp_path, "nowhere/*.parquet"), email(ANN)).state is State.FAILED
    opened = source(tmp_path, "nowhere")
    with pytest.raises(NotFound):
        opened.count(people(opened), [email(ANN)])


def test_a_file_that_changes_meanwhile_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, email=[ANN], n=[1])
    opened = source(tmp_path)
    with opened.files.replacing("people/a.parquet") as draft:
        draft.stream.write(b"new")
        write(tmp_path, email=["carl@x.org"], n=[9])
        with pytest.raises(Changed):
            draft.publish()
    assert pq.read_table(path).column("n").to_pylist() == [9]
    assert [one.name for one in path.parent.iterdir()] == ["a.parquet"]


def test_drafts_left_by_a_crash_are_removed_and_those_in_use_are_not(tmp_path: Path) -> None:
    path = write(tmp_path, email=["b@x.org"])
    left = path.parent / f"{DRAFT}left.tmp"
    left.write_bytes(b"half")
    opened = source(tmp_path)
    with opened.files.replacing("people/a.parquet") as draft:
        assert erase(opened, email(ANN)).state is State.NOTHING
        assert not left.exists() and draft.path.exists()


def test_a_symbolic_link_stays_one_and_its_target_is_replaced(tmp_path: Path) -> None:
    real = write(tmp_path / "real", "a.parquet", email=[ANN, "b@x.org"])
    (tmp_path / "people").mkdir()
    (tmp_path / "people/a.parquet").symlink_to(real)
    assert erase(source(tmp_path), email(ANN)).erased == 1
    assert (tmp_path / "people/a.parquet").is_symlink() and pq.read_table(real).num_rows == 1


def test_another_name_of_the_same_file_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, email=[ANN])
    os.link(path, tmp_path / "copy.parquet")
    assert any("hard-linked" in said for said in erase(source(tmp_path), email(ANN)).not_covered)


def test_permissions_stay(tmp_path: Path) -> None:
    path = write(tmp_path, email=[ANN])
    path.chmod(0o640)
    erase(source(tmp_path), email(ANN))
    assert path.stat().st_mode & 0o777 == 0o640


def test_values_are_changed_where_they_still_are_the_old_ones(tmp_path: Path) -> None:
    path = write(tmp_path, email=[ANN, ANN, "b@x.org"], city=["Bonn", "Ulm", "Bonn"], n=[1, 2, 3])
    opened = source(tmp_path)
    change = Change(collection="lake.people", values={"city": "Kiel", "n": "7"}, where={"city": "Bonn"})
    outcome = opened.change(change, [email(ANN)])
    assert (outcome.state, outcome.masked) == (State.CHANGED, 1)
    assert pq.read_table(path).column("city").to_pylist() == ["Kiel", "Ulm", "Bonn"]
    assert pq.read_table(path).column("n").to_pylist() == [7, 2, 3]


def test_a_value_of_another_type_is_refused(tmp_path: Path) -> None:
    write(tmp_path, email=[ANN], n=[1])
    outcome = source(tmp_path).change(Change(collection="lake.people", values={"n": "many"}), [email(ANN)])
    assert outcome.state is State.FAILED and "type of column 'n'" in outcome.because


def test_identities_are_streamed_once_each(tmp_path: Path) -> None:
    write(tmp_path, email=[ANN, ANN, None, "b@x.org"])
    write(tmp_path, "people/b.parquet", email=[ANN])
    opened = source(tmp_path)
    assert sorted(opened.identities(people(opened), "email")) == [ANN, "b@x.org"]


def test_a_dry_run_shows_no_values(tmp_path: Path) -> None:
    opened = source(tmp_path)
    (asked,) = opened.queries(people(opened), [email(ANN, "b@x.org")])
    assert "2 values" in asked and "ann" not in asked


def test_objects_in_a_store_are_replaced_too(tmp_path: Path) -> None:
    fsspec = needs("fsspec")
    system = fsspec.filesystem("memory")
    with system.open("/lake/people/a.parquet", "wb") as stream:
        pq.write_table(pa.table({"email": [ANN, "b@x.org"]}), stream)
    outcome = erase(source("memory://lake"), email(ANN))
    assert (outcome.state, outcome.erased) == (State.ERASED, 1)
    assert any("earlier versions of objects" in said for said in outcome.not_covered)
    with system.open("/lake/people/a.parquet") as stream:
        assert pq.read_table(stream).num_rows == 1
    assert list(system.find("/lake")) == ["/lake/people/a.parquet"]


def test_a_store_without_its_package_says_what_to_install() -> None:
    needs("fsspec")
    with pytest.raises(Misused, match="gs://"):
        source("gs://bucket")


def test_errors_repeat_no_data(tmp_path: Path) -> None:
    opened = source(tmp_path)
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "a.parquet").write_bytes(f"PAR1 {ANN}".encode() * 20)
    with pytest.raises(Unreadable) as raised:
        opened.count(people(opened), [email(ANN)])
    assert ANN not in str(raised.value)


def test_a_very_large_row_group_is_written_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ombud.rights.sources import parquet

    monkeypatch.setattr(parquet, "PIECE_BYTES", 4_000)
    path = write(tmp_path, email=[f"p{n}@x.org" for n in range(3_000)] + [ANN], n=list(range(3_001)))
    assert erase(source(tmp_path), email(ANN)).erased == 1
    after = pq.ParquetFile(path)
    assert after.read().column("n").to_pylist() == list(range(3_000))
    assert after.metadata.num_row_groups > 3


def test_an_encrypted_file_fails(tmp_path: Path) -> None:
    path = write(tmp_path, email=[ANN])
    content = path.read_bytes()
    path.write_bytes(b"PARE" + content[4:-4] + b"PARE")
    outcome = erase(source(tmp_path), email(ANN))
    assert outcome.state is State.FAILED and path.read_bytes()[:4] == b"PARE"


def test_views_of_text_are_text(tmp_path: Path) -> None:
    path = write(tmp_path, email=pa.array([ANN, None, "b@x.org"], pa.string_view()), n=[1, 2, 3])
    assert erase(source(tmp_path), email(ANN)).erased == 1
    assert pq.read_table(path).column("n").to_pylist() == [2, 3]
    assert pq.ParquetFile(path).schema_arrow.field("email").type == pa.string_view()
