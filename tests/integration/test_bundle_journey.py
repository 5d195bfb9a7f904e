"""Evidence that travels: exported here, verified and recomputed by somebody who has neither database nor data."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from doors import inside, obeyed, ombud


@pytest.fixture
def sent(demo: Path, tmp_path: Path) -> tuple[Path, str]:
    """The demo's bundle in an otherwise empty folder, and the root key as its reader was told it."""
    (tmp_path / "far away").mkdir()
    obeyed("ledger", "export", tmp_path / "far away" / "evidence.zip", at=demo)
    root = obeyed("keys", "list", "--format", "json", at=demo).json["root_key"]
    shutil.rmtree(demo)
    return tmp_path / "far away", root


def test_a_bundle_verifies_and_recomputes_where_there_is_no_database_and_no_data(sent: tuple[Path, str]) -> None:
    away, root = sent
    done = ombud("verify", "evidence.zip", "--root", root, "--recompute", "--format", "json", at=away)
    assert done.code == 0
    statements = done.json["recomputed"]["statements"]
    assert sum(one["numbers"] for one in statements) > 100
    assert sum(one["verdicts"] for one in statements) >= 4
    assert not [one for one in statements if one["differing"]]
    assert {one["check"] for one in statements if one["why_not"]} >= {"explanation.reasons", "security.model_format"}
    assert {"fairness.impact_ratio", "fairness.selection_rates"} <= {
        one["check"] for one in statements if one["numbers"] and not one["why_not"]
    }


def test_it_says_what_cannot_be_known(sent: tuple[Path, str]) -> None:
    said = obeyed("verify", "evidence.zip", at=sent[0]).said
    assert "this cannot be known from the bundle" in said
    assert "--root" in said and "--since" in said


@pytest.fixture
def held(passing: Path, tmp_path: Path) -> Path:
    """A checkpoint that an auditor took away before the log grew by two entries."""
    (tmp_path / "held.checkpoint").write_text(obeyed("ledger", "checkpoint", at=passing).out, encoding="utf-8")
    for item in ("document:ropa", "document:privacy-notice"):
        obeyed("attest", item, "--says", "Done and signed", "--as", "protection", at=passing)
    return tmp_path / "held.checkpoint"


@pytest.fixture
def bundle(passing: Path, held: Path, tmp_path: Path) -> Path:
    """The bundle of the small system as a folder, exported after the checkpoint was taken."""
    obeyed("ledger", "export", tmp_path / "bundle", at=passing)
    return tmp_path / "bundle"


def test_an_older_checkpoint_that_was_held_anchors_what_came_before_it(bundle: Path, held: Path) -> None:
    done = ombud("verify", bundle, "--since", held, "--anchored", at=bundle.parent)
    size = len((bundle / "leaves.txt").read_text(encoding="ascii").splitlines())
    assert done.code == 0 and f"anchored: up to entry {size - 3}" in done.out


def test_a_bundle_that_must_be_anchored_and_is_not_ends_with_3(bundle: Path) -> None:
    assert ombud("verify", bundle, "--anchored", at=bundle.parent).code == 3


def lines(bundle: Path) -> list[bytes]:
    return (bundle / "entries.jsonl").read_bytes().splitlines(keepends=True)


def write(bundle: Path, kept: list[bytes]) -> None:
    (bundle / "entries.jsonl").write_bytes(b"".join(kept))


def flip(bundle: Path) -> None:
    kept = lines(bundle)
    place = kept[9].index(b'"payload":"') + 60
    kept[9] = kept[9][:place] + bytes([kept[9][place] ^ 1]) + kept[9][place + 1 :]
    write(bundle, kept)


def drop_tail(bundle: Path) -> None:
    write(bundle, lines(bundle)[:-2])


def remove(bundle: Path) -> None:
    write(bundle, [line for at, line in enumerate(lines(bundle)) if at != 9])


def reorder(bundle: Path) -> None:
    kept = lines(bundle)
    kept[8], kept[9] = kept[9], kept[8]
    write(bundle, kept)


def replay(bundle: Path) -> None:
    write(bundle, [*lines(bundle), lines(bundle)[9]])


def remove_cube(bundle: Path) -> None:
    min((bundle / "cubes").iterdir()).unlink()


def change_cube(bundle: Path) -> None:
    cube = min((bundle / "cubes").iterdir())
    cube.write_bytes(cube.read_bytes().replace(b"1400", b"1401").replace(b"4000", b"4001"))


def change_law(bundle: Path) -> None:
    pack = bundle / "attachments" / "law-pack.json"
    pack.write_bytes(pack.read_bytes().replace(b"Art. 22", b"Art. 23"))


def change_manifest(bundle: Path) -> None:
    said = (bundle / "manifest.json").read_bytes()
    (bundle / "manifest.json").write_bytes(said.replace(b'"size":', b'"size":1'))


TAMPERING: dict[str, tuple[Callable[[Path], None], str]] = {
    "a flipped byte": (flip, "entry 9 was changed"),
    "a dropped tail": (drop_tail, "the tail was dropped: the last 2 of"),
    "a removed entry": (remove, "entry 9 was removed"),
    "reordered entries": (reorder, "reordered: entry 9 stands at 8"),
    "a replayed entry": (replay, "was replayed: it repeats entry 9"),
    "a removed cube": (remove_cube, "is missing, though a measurement rests on it"),
    "a changed cube": (change_cube, "its counts do not have the digest it is called by"),
    "a changed law pack": (change_law, "attachments/law-pack.json was changed"),
    "a changed manifest": (change_manifest, "the manifest was changed: its signature does not fit"),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_each_tampering_has_its_own_message(name: str, bundle: Path) -> None:
    tamper, message = TAMPERING[name]
    tamper(bundle)
    done = inside("verify", bundle, "--recompute", at=bundle.parent)
    assert done.code == 1 and message in done.out
    others = [other for known, (_, other) in TAMPERING.items() if known != name]
    assert not [other for other in others if other in done.out]
    assert "not recomputed: the bundle was tampered with" in done.err


def test_a_tail_dropped_by_the_keys_own_holder_shows_only_against_the_held_checkpoint(
    passing: Path, held: Path, tmp_path: Path
) -> None:
    shutil.copytree(passing, tmp_path / "earlier")
    obeyed("ledger", "export", tmp_path / "later.zip", at=passing)
    obeyed("attest", "document:datasheet", "--says", "Done and signed", "--as", "protection", at=passing)
    newest = tmp_path / "newest.checkpoint"
    newest.write_text(obeyed("ledger", "checkpoint", at=passing).out, encoding="utf-8")
    assert inside("verify", tmp_path / "later.zip", at=tmp_path).code == 0
    done = ombud("verify", tmp_path / "later.zip", "--since", newest, at=tmp_path)
    assert done.code == 1 and "the checkpoint you hold promised" in done.out


def test_another_root_key_than_the_one_that_is_trusted_ends_with_3(bundle: Path) -> None:
    done = ombud("verify", bundle, "--root", "0123456789abcdef" * 4, at=bundle.parent)
    assert done.code == 3 and "which you trust" in done.out


def test_a_flipped_byte_in_the_zip_file_itself_is_never_believed(sent: tuple[Path, str]) -> None:
    zipped = sent[0] / "evidence.zip"
    data = bytearray(zipped.read_bytes())
    data[len(data) // 2] ^= 1
    zipped.write_bytes(bytes(data))
    done = ombud("verify", "evidence.zip", at=sent[0])
    assert done.code in (1, 2) and done.said


LAW_OF_ONES_OWN = """\
framework: house-rules
title: A rule made for this test
cite: House rule 1
href: https://example.org/house
binding: law
in_pack_since: 2020-01-01
when: {jurisdiction: [EU]}
versions:
  - {published: 2020-01-01, instrument: House rule 1, status: in_force, applies: [{from: 2020-01-01}]}
requirements:
  HOUSE.RATIO:
    title: Groups are treated alike
    text: The ratio of rates has a floor.
    cite: s. 1
    certainty: V
    owner: ml
    due: continuous
    shown_by: {all_of: [{check: fairness.impact_ratio, strength: direct}]}
"""


def test_verdicts_under_law_of_ones_own_are_repeated_if_the_bundle_carries_it_and_listed_if_not(
    assessed: Path, tmp_path: Path
) -> None:
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "house-rules.yaml").write_text(LAW_OF_ONES_OWN, encoding="utf-8")
    obeyed("check", "--as", "engineer", "--law", tmp_path / "law", at=assessed)
    obeyed("ledger", "export", tmp_path / "without.zip", at=assessed)
    obeyed("ledger", "export", tmp_path / "with.zip", "--law", tmp_path / "law", at=assessed)
    without = obeyed("verify", tmp_path / "without.zip", "--recompute", at=tmp_path).out
    carried = obeyed("verify", tmp_path / "with.zip", "--recompute", at=tmp_path).out
    ratio = "fairness.impact_ratio: they were made under law pack"
    assert without.count(ratio) == carried.count(ratio) == 1, "the one of before, the one of after"
    assert [line for line in without.splitlines() if ratio in line] != [
        line for line in carried.splitlines() if ratio in line
    ]


def test_verdicts_without_any_law_in_the_bundle_are_listed_as_not_repeated(assessed: Path, tmp_path: Path) -> None:
    obeyed("ledger", "export", tmp_path / "bare.zip", "--no-law", at=assessed)
    said = obeyed("verify", tmp_path / "bare.zip", "--recompute", at=tmp_path).said
    assert "and 0 verdicts" in said and "is not in the bundle" in said
