"""What somebody may do to a bundle on its way, and what verification says of it. Each has its own message."""

import contextlib
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers import (
    COUNTS,
    a_story,
    added,
    at,
    beginning,
    bundled,
    counted,
    entries,
    key,
    log,
    measured,
    noted,
    revoked,
    says,
    turned,
)  # fmt: skip
from ombud.errors import Misused, Unreadable
from ombud.evidence import archive
from ombud.evidence.archive import Limits
from ombud.evidence.bundle import Bundle
from ombud.evidence.canonical import canonical, parse
from ombud.evidence.checkpoint import Checkpoint
from ombud.evidence.dsse import PAYLOAD_TYPE, Envelope, sign_bytes
from ombud.evidence.entry import Entry
from ombud.evidence.log import Log
from ombud.evidence.verify import Verdict, verify_bundle

Files = dict[str, bytes]
STORY = a_story()
ROOT = STORY.root_key


def good() -> Files:
    return bundled(STORY, COUNTS, **{"law-pack.json": b'{"rows":[]}'})


def verified(files: Files, since: Checkpoint | None = None, **options: bool) -> Verdict:
    return verify_bundle(Bundle.of(files), ROOT, since, **options)


def messages(verdict: Verdict) -> str:
    return " | ".join(problem.message for problem in verdict.tampered)


def lines(files: Files) -> list[bytes]:
    return files["entries.jsonl"].splitlines(keepends=True)


def with_lines(files: Files, kept: list[bytes]) -> Files:
    return files | {"entries.jsonl": b"".join(kept)}


def flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_a_sound_bundle_is_sound_and_says_what_it_cannot_know() -> None:
    verdict = verified(good())
    assert (verdict.exit_code, verdict.tampered, verdict.unknown, verdict.notes) == (0, (), (), ())
    assert (verdict.size, verdict.trusted, verdict.kinds["measurement"]) == (8, 8, 3)
    assert any("dropped its end" in what for what in verdict.cannot_know)
    assert any("is true" in what for what in verdict.cannot_know)


def test_without_a_root_key_of_ones_own_nobody_is_known() -> None:
    assert any("--root" in what for what in verify_bundle(Bundle.of(good())).cannot_know)
    assert not any("--root" in what for what in verified(good()).cannot_know)


def test_a_held_checkpoint_anchors_everything_before_it() -> None:
    verdict = verified(good(), noted(STORY, 6), anchored=True)
    assert (verdict.exit_code, verdict.anchored_size, verdict.anchored_at) == (0, 6, at(5))
    assert any("after entry 5" in what for what in verdict.cannot_know)


def test_a_bundle_that_must_be_anchored_and_is_not_is_no_yes() -> None:
    assert verified(good(), anchored=True).exit_code == 3


@pytest.mark.parametrize("index", range(8))
def test_a_flipped_byte_in_an_entry_names_the_entry(index: int) -> None:
    kept = lines(good())
    place = kept[index].index(b'"payload":"') + 40
    kept[index] = flip(kept[index], place)
    verdict = verified(with_lines(good(), kept))
    assert verdict.exit_code == 1
    assert f"entry {index} was changed" in messages(verdict)


def test_a_changed_time_of_receipt_names_the_entry_though_no_signature_covers_it() -> None:
    kept = lines(good())
    kept[4] = kept[4].replace(b"07:00:04", b"07:00:03")
    verdict = verified(with_lines(good(), kept))
    assert "entry 4 was changed" in messages(verdict)
    assert "entry 4 says it was received at" in messages(verdict)


@given(st.data())
@settings(max_examples=60)
def test_no_byte_of_any_file_can_change_unseen(data: st.DataObject) -> None:
    files = good()
    name = data.draw(st.sampled_from(sorted(files)))
    place = data.draw(st.integers(0, len(files[name]) - 1))
    try:
        verdict = verified(files | {name: flip(files[name], place)})
    except Unreadable:
        return
    assert verdict.exit_code == 1


def test_a_dropped_tail_shows_against_the_checkpoint_in_the_bundle() -> None:
    assert "the tail was dropped: the last 2 of 8 entries" in messages(verified(with_lines(good(), lines(good())[:-2])))


def test_a_tail_dropped_by_the_holder_of_the_keys_shows_only_against_a_held_checkpoint() -> None:
    shorter = bundled(STORY.first(6), COUNTS)
    assert verified(shorter).exit_code == 0
    verdict = verified(shorter, noted(STORY))
    assert verdict.exit_code == 1
    assert "the checkpoint you hold promised 8 entries, here are 6: the tail was dropped" in messages(verdict)


def test_head_and_tail_dropped_together_are_both_named() -> None:
    found = messages(verified(with_lines(good(), lines(good())[1:-1])))
    assert "the head was dropped: the first 1 of 8" in found and "the tail was dropped: the last 1 of 8" in found
    assert "does not begin with its root key" in found


def test_head_and_tail_dropped_and_signed_anew_still_lack_the_root_key() -> None:
    cut = Log(tuple(Entry.at(i, e.received_at, e.envelope) for i, e in enumerate(STORY.entries[1:-1])), ROOT)
    verdict = verified(bundled(cut, COUNTS), noted(STORY))
    assert "does not begin with its root key" in messages(verdict)


def test_a_removed_entry_is_named() -> None:
    kept = lines(good())
    del kept[5]
    assert "entry 5 was removed" in messages(verified(with_lines(good(), kept)))


def test_reordered_entries_are_named() -> None:
    kept = lines(good())
    kept[4], kept[6] = kept[6], kept[4]
    found = messages(verified(with_lines(good(), kept)))
    assert "reordered: entry 4 stands at 6" in found and "reordered: entry 6 stands at 4" in found


def test_an_entry_put_in_is_named() -> None:
    kept = lines(good())
    kept.insert(7, Entry.at(7, at(6.5), measured("ml", 99)).leaf + b"\n")
    assert "entry 7 was put in" in messages(verified(with_lines(good(), kept)))


def test_a_replayed_entry_is_named_with_the_one_it_repeats() -> None:
    kept = lines(good())
    assert "entry 8 was replayed: it repeats entry 4" in messages(verified(with_lines(good(), [*kept, kept[4]])))


def test_an_envelope_replayed_by_the_holder_of_the_keys_counts_once_and_is_named() -> None:
    again = log(*beginning(), measured("ml", 1), measured("ml", 1))
    assert "entry 5 was replayed: it repeats entry 4" in messages(verified(bundled(again)))


def test_a_rewritten_past_shows_against_a_held_checkpoint() -> None:
    other = log(*beginning(), measured("ml", 7), *[e.envelope for e in STORY.entries[5:]])
    assert verified(bundled(other, COUNTS)).exit_code == 0
    found = messages(verified(bundled(other, COUNTS), noted(STORY, 6)))
    assert "the first 6 entries are not those of the checkpoint you hold" in found


def test_a_signature_by_a_foreign_key_is_named() -> None:
    honest = measured("ml", 1)
    forged = Envelope(honest.payload, honest.key_id, measured("thief", 1).signature)
    verdict = verified(bundled(log(*beginning(), forged)))
    assert verdict.exit_code == 1
    assert "entry 4: the signature was not made with key" in messages(verdict)


def test_an_unknown_key_is_neither_yes_nor_tampering() -> None:
    verdict = verified(bundled(log(*beginning(), measured("stranger", 1))))
    assert verdict.exit_code == 3
    assert "which is unknown" in verdict.unknown[0].message and verdict.unknown[0].entry == 4


def test_another_root_key_than_the_one_trusted_is_unknown() -> None:
    verdict = verify_bundle(Bundle.of(good()), key("my root").key_id)
    assert verdict.exit_code == 3 and "which you trust" in verdict.unknown[0].message


def test_one_key_under_two_names_is_named() -> None:
    verdict = verified(bundled(log(*beginning(), added("twin", "dpo", named="ml"))))
    assert verdict.exit_code == 1 and "one key under two names" in messages(verdict)


def test_a_kind_that_was_not_granted_is_named_with_its_signer() -> None:
    verdict = verified(bundled(log(*beginning(), says("ml", "approval", {"release": "r"}))))
    assert "entry 4: the key may not sign this kind: ml, approval" in messages(verdict)


def test_a_key_used_after_its_end_is_named() -> None:
    verdict = verified(bundled(log(*beginning(), turned("retire", "ml"), measured("ml", 1))))
    assert "entry 5: the key was not valid at this position: ml" in messages(verdict)


def test_what_a_later_revocation_took_away_is_no_tampering() -> None:
    wrong = measured("ml", 1)
    found = log(
        *beginning(), wrong, revoked("dpo", "mistaken", wrong), added("x", "platform", grants=["key"]),
        added("y", "owner", by="x"), says("y", "approval", {"release": "r"}),
        turned("revoke", "x", reason="key compromised"),
    )  # fmt: skip
    verdict = verified(bundled(found))
    assert verdict.exit_code == 0
    assert "entry 4 is revoked: mistaken" in verdict.notes
    assert any("entry 8 counted once, and no longer" in note for note in verdict.notes)


def test_times_that_do_not_rise_are_named() -> None:
    made = list(log(*beginning(), measured("ml", 1)).entries)
    made[4] = Entry.at(4, made[3].received_at, made[4].envelope)
    assert "entry 4 says it was received at" in messages(verified(bundled(Log(tuple(made), ROOT))))


def test_a_clock_that_ran_back_is_told_and_is_no_tampering() -> None:
    made = list(log(*beginning(), measured("ml", 1)).entries)
    made[4] = Entry.at(4, at(3.000001), made[4].envelope, ("clock behind",))
    verdict = verified(bundled(Log(tuple(made), ROOT)))
    assert verdict.exit_code == 0 and "clock behind" in verdict.notes[0]


def test_an_unknown_kind_is_kept_and_counted() -> None:
    payload = canonical(parse(measured("ml", 1).payload) | {"predicateType": "https://ombud.dev/dream/v1"})
    verdict = verified(bundled(log(*beginning(), sign_bytes(payload, PAYLOAD_TYPE, key("ml")))))
    assert (verdict.exit_code, verdict.unknown_kinds) == (0, {"dream": 1})


def test_a_statement_that_is_not_canonical_is_kept_counted_and_says_nothing() -> None:
    payload = measured("ml", 1).payload + b"\n"
    verdict = verified(bundled(log(*beginning(), sign_bytes(payload, PAYLOAD_TYPE, key("ml")))))
    assert (verdict.exit_code, verdict.size, verdict.trusted) == (0, 5, 4)
    assert "not in canonical form" in verdict.notes[0]


def test_a_cube_with_other_counts_is_named() -> None:
    files = good()
    name = next(name for name in files if name.startswith("cubes/"))
    found = messages(verified(files | {name: files[name].replace(b"30", b"31")}))
    assert found.startswith(f"cube {name[6:22]} was changed")


def test_a_missing_cube_is_named() -> None:
    files = good()
    name = next(name for name in files if name.startswith("cubes/"))
    del files[name]
    assert f"cube {name[6:22]} is missing" in messages(verified(files))


def test_a_changed_attachment_is_named() -> None:
    found = messages(verified(good() | {"attachments/law-pack.json": b'{"rows":[1]}'}))
    assert "attachments/law-pack.json was changed" in found


def test_a_missing_attachment_and_one_put_in_are_named() -> None:
    files = good()
    del files["attachments/law-pack.json"]
    found = messages(verified(files | {"attachments/other.json": b"{}"}))
    assert "law-pack.json is missing" in found and "other.json was put in" in found


def test_a_manifest_made_to_fit_is_not_signed() -> None:
    files = good()
    changed = bundled(STORY, COUNTS, by="ml", **{"law-pack.json": b"[]"})
    forged = files | {
        name: changed[name] for name in ("manifest.json", "manifest.sig.json", "attachments/law-pack.json")
    }
    assert "the manifest was changed" in messages(verified(forged))


def test_a_checkpoint_by_another_key_is_named() -> None:
    files = good() | {"checkpoints/8": noted(STORY, by="ml").encode().encode()}
    assert "the checkpoint over 8 entries was not signed by this log's key" in messages(verified(files))


def test_a_changed_list_of_hashes_is_told_from_a_changed_log() -> None:
    other = good() | {"leaves.txt": good()["leaves.txt"].replace(b"a", b"b")}
    assert "leaves.txt was changed" in messages(verified(other))
    kept = lines(good())
    both = with_lines(other, [*kept[:4], kept[4].replace(b"07:00:04", b"07:00:03"), *kept[5:]])
    assert "cannot be told from the bundle alone" in messages(verified(both))


def test_a_held_checkpoint_by_another_key_or_of_another_log_is_no_anchor() -> None:
    assert "you hold was not signed" in messages(verified(good(), noted(STORY, by="ml")))
    with pytest.raises(Misused):
        verified(good(), Checkpoint("another.log", 1, STORY.root).signed(key("log")))


# ---- hostile archives ----------------------------------------------------------------------------------------------


def test_the_same_log_gives_the_same_bytes_and_both_forms_say_the_same(tmp_path: Path) -> None:
    assert archive.pack(good()) == archive.pack(dict(reversed(good().items())))
    for name in ("bundle.zip", "folder"):
        archive.write(good(), tmp_path / name)
        assert archive.read(tmp_path / name) == good()
        assert verify_bundle(Bundle.open(tmp_path / name), ROOT).exit_code == 0
    with pytest.raises(Misused, match="there already"):
        archive.write(good(), tmp_path / "bundle.zip")


def zipped(path: Path, fill: Callable[[zipfile.ZipFile], None]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        fill(file)
    return path


@pytest.mark.parametrize(
    "name",
    ["../up", "/etc/passwd", "cubes/../x", "a/b", "cubes\\x", ".hidden", "", "C:x", "cubes/", "x" * 200, "cubes/a/b"],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        archive.read(zipped(tmp_path / "b.zip", lambda file: file.writestr(zipfile.ZipInfo(name or "/"), b"x")))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "b.zip", lambda file: file.writestr("entries.jsonl", b"0" * 50_000_000))
    assert bomb.stat().st_size < 100_000
    with pytest.raises(Unreadable, match="unpacks to more"):
        archive.read(bomb, Limits(file_bytes=1_000_000))
    with pytest.raises(Unreadable, match="unpacks to more"):
        archive.read(bomb, Limits(total_bytes=1_000_000))


def test_a_size_that_lies_does_not_get_around_the_limit(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "b.zip", lambda file: file.writestr("entries.jsonl", b"0" * 5_000_000))
    data = bytearray(bomb.read_bytes())
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    bomb.write_bytes(data)
    with pytest.raises(Unreadable):
        archive.read(bomb, Limits(file_bytes=1_000_000))


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    def twice(file: zipfile.ZipFile) -> None:
        file.writestr("root.pub", b"a")
        with pytest.warns(UserWarning):
            file.writestr("root.pub", b"b")

    with pytest.raises(Unreadable, match="one name"):
        archive.read(zipped(tmp_path / "b.zip", twice))


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    def many(file: zipfile.ZipFile) -> None:
        for number in range(50):
            file.writestr(f"f{number}", b"")

    with pytest.raises(Unreadable, match="50 files"):
        archive.read(zipped(tmp_path / "b.zip", many), Limits(files=10))


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\x00" * 18])
def test_what_is_no_bundle_is_unreadable(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(data)
    with pytest.raises(Unreadable):
        Bundle.open(tmp_path / "b.zip")
    with pytest.raises(Unreadable):
        Bundle.open(tmp_path / "missing.zip")


@given(st.integers(0, 10**6), st.integers(1, 255))
@settings(max_examples=40)
def test_a_damaged_zip_file_is_refused_or_told_never_believed(place: int, change: int) -> None:
    data = bytearray(archive.pack(good()))
    data[place % len(data)] ^= change
    try:
        with zipfile.ZipFile(io.BytesIO(bytes(data))) as file:
            files = archive._read_zip(file, "b", Limits())
        verdict = verified(files)
    except (Unreadable, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        return
    assert verdict.exit_code == 1 or files == good()


def test_links_and_devices_in_a_folder_are_refused(tmp_path: Path) -> None:
    archive.write(good(), tmp_path / "linked")
    (tmp_path / "linked" / "attachments" / "secret").symlink_to("/etc/hostname")
    with pytest.raises(Unreadable, match="link"):
        archive.read(tmp_path / "linked")
    archive.write(good(), tmp_path / "piped")
    os.mkfifo(tmp_path / "piped" / "pipe")
    with pytest.raises(Unreadable, match="device"):
        archive.read(tmp_path / "piped")


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig.json", "root.pub", "entries.jsonl", "leaves.txt"])
@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"[" * 100_000, b"null", b"9" * 5000])
def test_no_content_of_a_file_ends_in_a_crash(name: str, content: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert verified(good() | {name: content}).exit_code == 1


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"axes":["a"],"cells":[[1]]}', b'{"axes":1,"cells":2}', b"\xff"]
)
def test_a_cube_that_is_none_is_unreadable_when_it_is_used(content: bytes) -> None:
    files = good()
    name = next(name for name in files if name.startswith("cubes/"))
    assert verified(files | {name: content}).exit_code == 1
    with pytest.raises(Unreadable):
        Bundle.of(files | {name: content}).cubes()
    assert Bundle.of(files).cubes() == {name[6:-5]: COUNTS}


def test_the_story_is_as_the_tests_above_take_it_to_be() -> None:
    assert [entry.index for entry in entries(beginning())] == [0, 1, 2, 3]
    assert counted("ml", seconds=5).digest == STORY.entries[5].digest
