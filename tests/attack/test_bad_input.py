"""Bad input at the front door: each ends as promised, in words that say what and what to do, and harms no evidence."""

import json
import math
import os
import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from doors import MANIFEST, PEOPLE, Done, inside, ombud, write_system
from ombud.store.workspace import create_workspace

Spoil = Callable[[Path], object]
ROWS = 400
PASSWORD = "tiger-9x7"
PERSON = re.compile(r"(?<![\w+/])C0\d{4}(?![\w+/=])|tiger-9x7")
"""What names a person in the tables of these tests, and the secret: neither may ever be shown or kept. Six such letters
inside a signature are chance."""


@pytest.fixture(scope="module")
def sound() -> Iterator[Path]:
    """A workspace with a system whose table is good."""
    with TemporaryDirectory() as folder:
        bank = Path(folder) / "bank"
        write_system(bank)
        create_workspace(bank, {name: ((role,), None) for name, role in PEOPLE.items()})
        put(bank, table())
        yield bank


@pytest.fixture
def bank(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "bank")


def table(**other: Any) -> pa.Table:
    """A good table: 400 people, 70 % of each sex decided favourably; other columns as given."""
    columns = {
        "case": [f"C0{number:04d}" for number in range(ROWS)],
        "sex": ["female", "male"] * (ROWS // 2),
        "approved": [int(number // 2 % 10 < 7) for number in range(ROWS)],
    }
    return pa.table(columns | other)


def put(bank: Path, rows: pa.Table) -> None:
    pq.write_table(rows, bank / "decisions.parquet")


def write(bank: Path, *changes: tuple[str, str]) -> None:
    """Write the manifest with these changes."""
    text = MANIFEST
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (bank / "ombud.yaml").write_text(text, encoding="utf-8")


def csv(bank: Path, content: bytes) -> None:
    (bank / "decisions.csv").write_bytes(content)
    write(bank, ("decisions.parquet", "decisions.csv"))


def checked(bank: Path, **environ: str) -> Done:
    """Check, and hold that the log is whole afterwards and that nobody was named anywhere."""
    done = inside("check", "--as", "engineer", "--format", "json", at=bank, **environ)
    assert not PERSON.search(done.out + done.err)
    held(bank)
    return done


def held(bank: Path) -> None:
    """The log is whole, and keeps neither a person nor a secret."""
    verified = inside("ledger", "verify", at=bank)
    assert verified.code == 0, verified
    kept = b"".join(path.read_bytes() for path in (bank / ".ombud").glob("ombud.db*"))
    assert not PERSON.search(kept.decode("latin-1"))


def findings(done: Done) -> dict[str, dict[str, Any]]:
    return {finding["check"]: finding for finding in done.json["findings"]}


def ratio(done: Done) -> dict[str, Any]:
    return next(one for one in findings(done)["fairness.impact_ratio"]["measurements"] if one["name"] == "impact_ratio")


def test_the_good_table_is_measured_so_that_what_follows_means_something(bank: Path) -> None:
    done = checked(bank)
    assert done.code == 0 and ratio(done)["outcome"] == "pass"
    assert ratio(done)["value"] == 1.0 and ratio(done)["n"] == 200


# --- tables that cannot be read: an answer, "unknown", with the reason; nothing measured, exit 3 ----------------------


def missing(bank: Path) -> None:
    (bank / "decisions.parquet").unlink()


def cut_short(bank: Path) -> None:
    path = bank / "decisions.parquet"
    path.write_bytes(path.read_bytes()[:-60])


def not_parquet(bank: Path) -> None:
    (bank / "decisions.parquet").write_bytes(b"PAR1" + b"\0" * 200)


def no_columns(bank: Path) -> None:
    put(bank, pa.table({}))


def a_pipe(bank: Path) -> None:
    missing(bank)
    os.mkfifo(bank / "decisions.parquet")


def an_empty_folder(bank: Path) -> None:
    missing(bank)
    (bank / "decisions.parquet").mkdir()


HEADER = b"case,sex,approved\n"
UNREADABLE: dict[str, tuple[Spoil, str]] = {
    "missing": (missing, "file not found: 'decisions.parquet'"),
    "truncated parquet": (cut_short, "this is not a complete Parquet file"),
    "not parquet": (not_parquet, "this is not a complete Parquet file"),
    "no columns": (no_columns, "decisions.parquet"),
    "a pipe": (a_pipe, "file not found: 'decisions.parquet'"),
    "an empty folder": (an_empty_folder, "file not found: 'decisions.parquet'"),
    "an empty file": (lambda bank: csv(bank, b""), "the file is empty: not even a header line"),
    "ragged, short": (lambda bank: csv(bank, HEADER + b"C00001,male,1\nC00002,male\n"), "line 3 has 2 columns"),
    "ragged, long": (lambda bank: csv(bank, HEADER + b"C00001,male,1\nC00002,male,1,1\n"), "line 3 has 4 columns"),
    "open quote": (lambda bank: csv(bank, HEADER + b'C00001,"male,1\n'), "a quote is opened and never closed"),
    "not UTF-8": (lambda bank: csv(bank, HEADER + b"C00001,m\xe4nnlich,1\n"), "line 2 is not UTF-8"),
    "twice": (lambda bank: csv(bank, b"case,sex,Sex,approved\nC00001,f,m,1\n"), "two columns are called 'sex'"),
    "no such table": (
        lambda bank: (duckdb.connect(str(bank / "w.duckdb")).close(), write(bank, ("decisions.parquet", "w.duckdb#d"))),
        "table 'd' not found",
    ),
    "a database and no table": (lambda bank: write(bank, ("decisions.parquet", "w.duckdb")), "w.duckdb"),
    "an address nobody opens": (lambda bank: write(bank, ("decisions.parquet", '"ftp://x/y"')), "'ftp'"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_table_that_cannot_be_read_leaves_everything_unknown_and_says_why(name: str, bank: Path) -> None:
    spoil, reason = UNREADABLE[name]
    spoil(bank)
    done = checked(bank)
    assert done.code == 3
    assert reason in findings(done)["fairness.impact_ratio"]["unmet"]
    assert {finding["outcome"] for finding in findings(done).values()} == {"unknown"}


# --- tables in which there is nothing to measure ----------------------------------------------------------------------


EMPTY: dict[str, Spoil] = {
    "parquet": lambda bank: put(bank, table().slice(0, 0)),
    "csv with a header": lambda bank: csv(bank, HEADER),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_table_without_rows_measures_nothing_and_ends_with_3(name: str, bank: Path) -> None:
    EMPTY[name](bank)
    done = checked(bank)
    assert done.code == 3
    assert {finding["outcome"] for finding in findings(done).values()} == {"unknown"}


NOBODY_TO_COMPARE: dict[str, pa.Table] = {
    "one row": table().slice(0, 1),
    "nine rows": table().slice(0, 9),
    "one group": table(sex=["female"] * ROWS),
    "all null": table(sex=pa.nulls(ROWS, pa.string()), approved=pa.nulls(ROWS, pa.int64())),
    "null without a type": table(sex=pa.nulls(ROWS), approved=pa.nulls(ROWS)),
    "groups too small": table(sex=[f"{number // 5}" for number in range(ROWS)]),
    "lists for groups": table(sex=[["female", "male"]] * ROWS),
}


@pytest.mark.parametrize("name", NOBODY_TO_COMPARE)
def test_where_nobody_can_be_compared_the_ratio_is_unknown_and_says_why(name: str, bank: Path) -> None:
    put(bank, NOBODY_TO_COMPARE[name])
    done = checked(bank)
    found = findings(done)["fairness.impact_ratio"]
    assert done.code in (0, 3) and found["outcome"] == "unknown"
    assert found["unmet"] or all(one["because"] for one in found["measurements"])
    assert inside("gate", at=bank).code == 3, "and so nothing goes live"


# --- values that cannot be meant --------------------------------------------------------------------------------------


def test_a_decision_of_three_values_is_not_read_as_two(bank: Path) -> None:
    put(bank, table(approved=[0, 1, 2, 1] * (ROWS // 4)))
    found = findings(checked(bank))["fairness.impact_ratio"]
    assert found["outcome"] == "unknown"
    assert "'approved' holds 3 values" in found["unmet"] and "columns.unfavourable" in found["unmet"]


def test_a_decision_of_three_values_is_read_once_somebody_says_what_they_mean(bank: Path) -> None:
    put(bank, table(approved=[0, 1, 2, 1, 1, 0, 1, 2] * (ROWS // 8)))
    write(bank, ("favourable: 1", "favourable: 1, unfavourable: [0]"))
    assert ratio(checked(bank))["value"] is not None


def test_a_label_of_three_values_leaves_the_error_rates_unknown_and_the_rest_measured(bank: Path) -> None:
    put(bank, table(label=["good", "bad", "ugly", "good"] * (ROWS // 4)))
    write(bank, ("decision: approved", "decision: approved, label: label, label_favourable: good"))
    done = checked(bank)
    assert "'label' holds 3 values" in findings(done)["fairness.error_rates"]["unmet"]
    assert ratio(done)["value"] == 1.0


def test_a_favourable_value_that_never_occurs_is_said_and_not_guessed(bank: Path) -> None:
    put(bank, table(approved=["yes", "no"] * (ROWS // 2)))
    found = findings(checked(bank))["fairness.impact_ratio"]
    assert found["outcome"] == "unknown" and "never holds its declared favourable value '1'" in found["unmet"]


SCORES: dict[str, list[Any]] = {
    "infinite and missing": [math.inf, -math.inf, math.nan, 0.5] * (ROWS // 4),
    "text": ["high"] * ROWS,
    "all missing": [math.nan] * ROWS,
}


@pytest.mark.parametrize("name", SCORES)
def test_scores_that_are_no_numbers_never_change_what_does_not_rest_on_them(name: str, bank: Path) -> None:
    put(bank, table(score=SCORES[name]))
    write(bank, ("decision: approved", "decision: approved, score: score"))
    done = checked(bank)
    assert done.code == 0 and ratio(done)["value"] == 1.0
    json.loads(done.out, parse_constant=_no_number)


def _no_number(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def test_dates_in_the_future_are_measured_or_said_and_never_believed_silently(bank: Path) -> None:
    put(bank, table(at=pa.array([32_503_680_000_000_000] * ROWS, pa.timestamp("us"))))
    write(bank, ("subject: case", "subject: case, time: at"), ("2026-01-01", "2999-01-01"))
    done = checked(bank)
    assert done.code == 0 and ratio(done)["value"] == 1.0
    quality = findings(done)["monitoring.data_quality"]
    future = [one for one in quality["measurements"] if "future" in one["name"]]
    assert future and future[0]["value"] == ROWS


# --- names: odd ones work, foreign ones are never replaced, and none is ever run --------------------------------------


ODD_NAMES = ["Geschlecht „amtlich“ 性別", 'quoted "sex"', "it's; --", "sex\tor gender", "∑ {x} $y %s", "SELECT"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_column_may_be_called_anything(name: str, bank: Path) -> None:
    put(bank, table().rename_columns(["case", name, "approved"]))
    write(bank, ("[sex]", f"[{_quoted(name)}]"))
    done = checked(bank)
    assert ratio(done)["value"] == 1.0 and ratio(done)["protected"] == name


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


INJECTIONS = ['sex"; DROP TABLE decisions; --', "sex' OR '1'='1", "sex\" FROM decisions) TO 'stolen.csv'; --"]


@pytest.mark.parametrize("name", INJECTIONS)
def test_a_column_whose_name_is_a_statement_is_counted_and_never_run(name: str, bank: Path) -> None:
    rows = table().rename_columns(["case", name, "approved"])
    with duckdb.connect(str(bank / "w.duckdb")) as database:
        database.register("incoming", rows)
        database.execute("CREATE TABLE decisions AS FROM incoming")
    write(bank, ("decisions.parquet", "w.duckdb#decisions"), ("[sex]", f"[{_quoted(name)}]"))
    assert ratio(checked(bank))["value"] == 1.0
    with duckdb.connect(str(bank / "w.duckdb")) as database:
        assert database.sql("SELECT count(*) FROM decisions").fetchall() == [(ROWS,)]
    assert not (bank / "stolen.csv").exists()


@pytest.mark.parametrize("name", INJECTIONS)
def test_a_column_that_is_not_there_is_refused_whatever_its_name_says(name: str, bank: Path) -> None:
    write(bank, ("[sex]", f"[{_quoted(name)}]"))
    assert checked(bank).code == 2


@pytest.mark.parametrize("address", ["w.duckdb#decisions; DROP TABLE decisions", 'w.duckdb#decisions" WHERE 1=0; --'])
def test_a_table_whose_name_is_a_statement_is_not_found_and_never_run(address: str, bank: Path) -> None:
    with duckdb.connect(str(bank / "w.duckdb")) as database:
        database.execute(f"CREATE TABLE decisions AS FROM '{bank / 'decisions.parquet'}'")
    write(bank, ("decisions.parquet", _quoted(address)))
    done = checked(bank)
    assert done.code == 3 and "not found" in findings(done)["fairness.impact_ratio"]["unmet"]
    with duckdb.connect(str(bank / "w.duckdb")) as database:
        assert database.sql("SELECT count(*) FROM decisions").fetchall() == [(ROWS,)]


def size(bank: Path) -> int:
    return int(inside("ledger", "verify", "--format", "json", at=bank).json["size"])


NOT_THERE: dict[str, tuple[tuple[str, str], str]] = {
    "decision": (("decision: approved", "decision: aproved"), "columns.decision"),
    "protected": (("[sex]", "[sexe]"), "columns.protected"),
    "subject": (("subject: case", "subject: cas"), "columns.subject"),
    "nothing near": (("[sex]", "[ethnicity]"), "columns.protected"),
}
NEAREST = {"decision": "approved", "protected": "sex", "subject": "case", "nothing near": ""}


@pytest.mark.parametrize("name", NOT_THERE)
def test_a_column_that_is_not_there_is_an_error_and_no_other_is_taken(name: str, bank: Path) -> None:
    change, key = NOT_THERE[name]
    before = size(bank)
    write(bank, change)
    done = checked(bank)
    assert done.code == 2 and re.search(rf"ombud.yaml:\d+: {key}", done.err)
    assert ("Did you mean" in done.err) == bool(NEAREST[name]) and NEAREST[name] in done.err
    assert done.out == "" and size(bank) == before, "nothing was measured, nothing was signed"


def test_a_misspelt_key_is_an_error_with_its_line_and_the_nearest_right_one(bank: Path) -> None:
    write(bank, ("jurisdictions:", "jurisdictons:"))
    done = checked(bank)
    assert done.code == 2
    assert "ombud.yaml:4: jurisdictons" in done.err and "Did you mean 'jurisdictions'?" in done.err


# --- manifests that are attacks or accidents --------------------------------------------------------------------------


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)
SECRETS = (
    f'"postgresql://scott:{PASSWORD}@db/bank#decisions"',
    f'"decisions.parquet?password={PASSWORD}"',
    f'"host=db user=scott password={PASSWORD}"',
)
MANIFESTS: dict[str, tuple[bytes, str]] = {
    "a bomb": ((BOMB + MANIFEST).encode(), "anchors and aliases"),
    "ten megabytes": ((MANIFEST + "# " + "x" * 10_000_000).encode(), "larger than"),
    "deep": (("a: " + "[" * 50_000).encode(), "ombud.yaml"),
    "empty": (b"", "holds nothing"),
    "bytes": (bytes(range(256)) * 8, "ombud.yaml"),
    "a list": (b"- system\n- purpose\n", "ombud.yaml"),
    "a tag": (MANIFEST.replace("small-loans", "!!python/object/apply:os.mkdir [canary]").encode(), "ombud.yaml"),
    "twice": ((MANIFEST + "system: other\n").encode(), "stands here a second time"),
    "two documents": ((MANIFEST + "---\nsystem: other\n").encode(), "ombud.yaml"),
    "no YAML": (b"system: [unclosed\n", "ombud.yaml"),
    "a wrong word": (MANIFEST.replace("consumer-credit", "consumer-kredit").encode(), "'consumer-credit'"),
    "a nul byte": (MANIFEST.replace("decisions.parquet", '"d\\0.parquet"').encode(), "holds control characters"),
    "a wrong place": (MANIFEST.replace("[DE]", "[XX]").encode(), "XX"),
    "a wrong date": (MANIFEST.replace("2026-01-01", "2026-02-30").encode(), "in_use_since"),
    "a wrong limit": (MANIFEST.replace('"4/5"', '"4/0"').encode(), "policy"),
    "a limit on nothing": (MANIFEST.replace("impact_ratio", "impact_rato").encode(), "fairness.impact_ratio"),
    "too small a group": ((MANIFEST + "evidence: {minimum_group: 1}\n").encode(), "minimum_group"),
}  # fmt: skip


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_cannot_be_meant_is_an_error_that_says_where(name: str, bank: Path) -> None:
    content, word = MANIFESTS[name]
    (bank / "ombud.yaml").write_bytes(content)
    before = size(bank)
    done = checked(bank)
    assert done.code == 2 and word in done.err and "next: " in done.err
    assert len(done.err) < 1000 and done.out == ""
    assert size(bank) == before and not (bank / "canary").exists()


@pytest.mark.parametrize("address", SECRETS)
def test_a_secret_in_an_address_is_refused_and_not_repeated(address: str, bank: Path) -> None:
    write(bank, ("decisions.parquet", address))
    done = checked(bank)
    assert done.code == 2 and "ombud.yaml:12: data.decisions.table" in done.err
    assert "${env:" in done.err and PASSWORD not in done.said


def test_a_secret_from_the_environment_is_used_and_never_shown_nor_kept(bank: Path) -> None:
    write(bank, ("decisions.parquet", '"${env:DECISIONS_URL}"'))
    done = checked(bank, DECISIONS_URL=f"postgresql://scott:{PASSWORD}@127.0.0.1:1/bank?connect_timeout=2#decisions")
    assert done.code == 3 and findings(done)["fairness.impact_ratio"]["unmet"]


def a_folder(bank: Path) -> None:
    (bank / "ombud.yaml").unlink()
    (bank / "ombud.yaml").mkdir()


def a_pipe_for_a_manifest(bank: Path) -> None:
    (bank / "ombud.yaml").unlink()
    os.mkfifo(bank / "ombud.yaml")


SURROUNDINGS: dict[str, tuple[Spoil, int, str]] = {
    "the manifest is a folder": (a_folder, 2, "ombud.yaml: is not a file"),
    "the manifest is a pipe": (a_pipe_for_a_manifest, 2, "ombud.yaml: is not a file"),
    "the manifest is missing": (lambda bank: (bank / "ombud.yaml").unlink(), 2, "manifest not found: ombud.yaml"),
    "no workspace": (lambda bank: shutil.rmtree(bank / ".ombud"), 2, "ombud keys init"),
    "no store": (lambda bank: (bank / ".ombud" / "ombud.db").unlink(), 2, "store not found"),
    "another file for a store": (
        lambda bank: (bank / ".ombud" / "ombud.db").write_bytes(b"x" * 9000), 3, "not an Ombud store",
    ),
    "a misspelt setting": (
        lambda bank: (bank / ".ombud" / "config.yaml").write_text("root_kee: x\n"), 2, "root_kee",
    ),
    "no key": (lambda bank: (bank / ".ombud" / "keys" / "engineer.pem").unlink(), 2, "private key of engineer"),
    "a key others may read": (
        lambda bank: (bank / ".ombud" / "keys" / "engineer.pem").chmod(0o644), 2, "chmod 600",
    ),
    "a key that is none": (
        lambda bank: (bank / ".ombud" / "keys" / "engineer.pem").write_text("x"), 2, "not a private key",
    ),
    "an organisation that is none": (
        lambda bank: (bank / "organisation.yaml").write_text("nmae: x\n"), 2, "Did you mean 'name'?",
    ),
    "an organisation that is a folder": (
        lambda bank: ((bank / "organisation.yaml").unlink(), (bank / "organisation.yaml").mkdir()), 2,
        "organisation.yaml: is not a file",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_surroundings_that_are_wrong_are_named_with_what_to_do(name: str, bank: Path) -> None:
    spoil, code, word = SURROUNDINGS[name]
    spoil(bank)
    done = ombud("check", "--as", "engineer", at=bank)
    assert (done.code, done.out) == (code, "") and word in done.err and "next: " in done.err


def test_a_lost_store_is_not_quietly_begun_anew(bank: Path) -> None:
    (bank / ".ombud" / "ombud.db").unlink()
    done = ombud("keys", "init", at=bank)
    assert done.code == 3 and "the checkpoint promised" in done.err


# --- models -----------------------------------------------------------------------------------------------------------


class Canary:
    """Pickles to a call that makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("name", ["model.pkl", "model.json", "model.txt", "model.joblib"])
def test_a_pickle_never_runs_whatever_it_is_called(name: str, bank: Path) -> None:
    canary = bank / "canary"
    (bank / name).write_bytes(pickle.dumps(Canary(canary)))
    write(bank, ("data: {", f"model: {{artifact: {name}, threshold: 0.5}}\ndata: {{"))
    done = checked(bank)
    assert not canary.exists(), "the model ran"
    assert findings(done)["security.model_format"]["measurements"][0]["value"] >= 1
    assert "refused" in findings(done)["explanation.reasons"]["unmet"]
    assert ratio(done)["value"] == 1.0
    pickle.loads((bank / name).read_bytes())
    assert canary.exists(), "loaded, it would have run; so the test would have seen it"


def test_a_policy_of_no_unsafe_finding_stops_a_pickle_at_the_check_and_at_the_gate(bank: Path) -> None:
    (bank / "model.pkl").write_bytes(pickle.dumps(Canary(bank / "canary")))
    write(
        bank,
        ("data: {", "model: {artifact: model.pkl, threshold: 0.5}\ndata: {"),
        ("policy: {", "policy: {security.model_format: {measurement: unsafe_findings, max: 0}, "),
    )
    done = checked(bank)
    assert done.code == 1 and findings(done)["security.model_format"]["outcome"] == "fail"
    gate = inside("gate", at=bank)
    assert gate.code == 1 and "security.model_format: unsafe_findings" in gate.out
    assert not (bank / "canary").exists()


# a file that is no model fails the default limit on findings; a file that is not there is a mistake of the manifest
MODELS: dict[str, tuple[bytes | None, int]] = {"missing": (None, 2), "empty": (b"", 1), "no model": (b"{}", 1)}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_is_none_is_said(name: str, bank: Path) -> None:
    content, code = MODELS[name]
    if content is not None:
        (bank / "model.json").write_bytes(content)
    write(bank, ("data: {", "model: {artifact: model.json, threshold: 0.5}\ndata: {"))
    done = checked(bank)
    assert done.code == code
    if code == 2:
        assert "model file not found: model.json" in done.err
    else:
        assert "model.json" in findings(done)["explanation.reasons"]["unmet"]


# --- every other verb -------------------------------------------------------------------------------------------------


COMMANDS = [
    ("frobnicate", "No such command"),
    ("check nothere.yaml", "manifest not found: nothere.yaml"),
    ("check --format pdf", "'pdf'"),
    ("check --as nobody", "private key of nobody not found"),
    ("check --as ../../etc/passwd", "cannot be the name of a holder"),
    ("gate --format html", "'html'"),
    ("gate rollback abc --reason x --as lender", "no unrevoked release abc"),
    ("gate waive X --reason x --expires soon --as lender", "X"),
    ("status --as-of yesterday", "'yesterday' is not a date"),
    ("status --as-of 2026-02-30", "'2026-02-30' is not a date"),
    ("status --law nothere", "nothere"),
    ("law show GDPR.999", "Did you mean"),
    ("law applies", "Name a manifest"),
    ("law applies --fact rol=provider", "Did you mean role?"),
    ("law applies --fact role=providr", "Did you mean provider?"),
    ("law list --framework gdpr", "eu-gdpr"),
    ("law diff --from x --to y", "'x' is not a date"),
    ("law clocks eu-breach-authority --start now", "'now' is not an instant"),
    ("attest document:dpai --says x --as protection", "Did you mean document:dpia"),
    ("attest document:dpia --says x --document nothere.pdf --as protection", "nothere.pdf"),
    ("attest document:dpia --says x --expires tomorrow --as protection", "'tomorrow' is not a date"),
    ("attest document:dpia --says x --as engineer", "engineer may not sign attestation"),
    ("attest revoke 999 --reason mistaken --as protection", "0 entries are meant by '999'"),
    ("attest revoke 2 --reason because --as protection", "Choose from: mistaken"),
    ("keys add ../evil --role ml", "cannot be the name of a holder"),
    ("keys add bob --role boss", "'boss' is not a role"),
    ("keys add engineer --role ml", "has a key here already"),
    ("keys add bob --role ml --public zz", "64 hexadecimal digits"),
    ("keys show nobody", "0 keys are meant by 'nobody'"),
    ("keys init /proc/nowhere", "/proc/nowhere"),
    ("ledger show 999", "entry 999 not found"),
    ("ledger prove 999", "has no entry 999"),
    ("ledger prove 0 --since 999", "999"),
    ("ledger export ombud.yaml", "there already"),
    ("ledger export /nowhere/x.zip", "cannot be written"),
    ("ledger backup ombud.yaml", "is there already"),
    ("ledger backup /nowhere/x.db", "/nowhere/x.db"),
    ("verify nothing.zip", "this is not a bundle"),
    ("verify ombud.yaml", "this is not a bundle"),
    ("verify .", "."),
    ("init decisions.parquet", "is never overwritten"),
    ("init nothere.csv --output new", "file not found: 'nothere.csv'"),
    (f"init postgresql://scott:{PASSWORD}@db/x#t --output new", "holds a secret"),
    ("init decisions.parquet --output /proc/nowhere", "/proc/nowhere"),
    ("init decisions.parquet --output new --use-case mortage", "Did you mean mortgage?"),
    ("init decisions.parquet --output new --where Germany", "'Germany' is not a place"),
    ("demo --into /proc/nowhere", "/proc/nowhere"),
]


@pytest.mark.parametrize(("line", "word"), COMMANDS, ids=[line for line, _ in COMMANDS])
def test_a_command_used_wrongly_ends_with_2_or_3_and_says_what_to_do(line: str, word: str, bank: Path) -> None:
    before = size(bank)
    done = inside(*line.split(), at=bank)
    assert done.code in (2, 3), done
    assert word in " ".join(done.err.split()) and PASSWORD not in done.said
    assert done.out == "" and size(bank) == before
    held(bank)
