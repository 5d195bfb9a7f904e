"""A step that people do is open, and so failed, until somebody with a key says in the log that it is done."""

import email
import sys
from email import policy
from pathlib import Path
from typing import Any

import pytest

from ombud.errors import Misused
from ombud.evidence.errors import Refused
from ombud.rights.map.model import Collection, Exemption, SourceSpec
from ombud.rights.sources.manual import ManualSource, for_case
from ombud.rights.sources.manual_steps import Waiting, attest_step
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Change, Match, State
from ombud.store.workspace import Workspace
from rooms import CASE, Watch, room

MAIL = "ann@example.org"
HERS = (Match(("email",), frozenset({(MAIL,)}), "email"),)
ABOUT = {"paper.files": HERS}


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    return room(tmp_path, Watch())


def spec(kind: str = "manual", address: str = "cellar, shelf 4", **more: Any) -> SourceSpec:
    one = Collection(source="paper", name="files", table="personnel files", identities={"email": "email"}, **more)
    return SourceSpec(name="paper", kind=kind, address=address, collections=(one,), owner="the archive", backups="1y")


def opened(here: Workspace, case: str = CASE, **more: Any) -> ManualSource:
    return for_case(open_source(spec(**more), here.root), here, case)  # type: ignore[return-value]


def files(source: ManualSource) -> Collection:
    return source.spec.collections[0]


def say(here: Workspace, source: ManualSource, says: Any, holder: str = "dpo", **more: Any) -> None:
    attest_step(here, CASE, source.spec, files(source), more.pop("verb", "erase"), says, holder, **more)


def test_an_open_step_is_failed_and_says_whom_it_waits_for(here: Workspace) -> None:
    outcome = opened(here).erase(ABOUT)[0]
    assert (outcome.state, outcome.erased) == (State.FAILED, 0)
    assert outcome.because == "waits for the archive: erase the person from personnel files"


def test_a_step_that_was_attested_is_done_and_says_that_it_was_only_attested(here: Workspace) -> None:
    source = opened(here)
    say(here, source, "done", rows=2)
    outcome = source.erase(ABOUT)[0]
    assert (outcome.state, outcome.found, outcome.erased, outcome.left) == (State.ERASED, 2, 2, 0)
    assert outcome.because.startswith("attested by key ")
    assert outcome.because.endswith("on 2026-11-23; it cannot be asked again by a program")
    assert outcome.not_covered == ("whatever the person who attested did not look at; backups, for 1y",)
    assert source.count(files(source), HERS) == 0


def test_nothing_found_and_kept_are_told_apart(here: Workspace) -> None:
    source = opened(here)
    say(here, source, "nothing found")
    assert source.erase(ABOUT)[0].state is State.NOTHING
    say(here, source, "kept", rows=1, ground="legal-obligation")
    outcome = source.erase(ABOUT)[0]
    assert (outcome.state, outcome.kept, outcome.ground) == (State.KEPT, 1, "legal-obligation")


def test_a_step_of_another_case_does_not_count(here: Workspace) -> None:
    source = opened(here)
    say(here, source, "done", rows=1)
    assert opened(here, case="R-GHIJKL").erase(ABOUT)[0].state is State.FAILED


def test_having_found_is_not_having_erased(here: Workspace) -> None:
    source = opened(here)
    say(here, source, "done", verb="find", rows=3)
    assert source.count(files(source), HERS) == 3
    assert list(source.lookup(files(source), HERS)) == []
    assert source.erase(ABOUT)[0].state is State.FAILED


def test_an_attestation_that_was_revoked_opens_the_step_again(here: Workspace) -> None:
    from ombud.evidence.statement import Statement, Subject

    source = opened(here)
    entry = attest_step(here, CASE, source.spec, files(source), "erase", "done", "dpo", rows=1)
    predicate = {"entries": [entry.digest], "reason": "mistaken", "organisation": True, "observed_at": here.now(),
                 "software": {}}  # fmt: skip
    here.ledger.append([here.sign(Statement((Subject("x"),), "revocation", predicate), "dpo")])
    assert source.erase(ABOUT)[0].state is State.FAILED


def test_who_may_not_attest_cannot_close_a_step(here: Workspace) -> None:
    source = opened(here)
    with pytest.raises(Refused):
        say(here, source, "done", holder="ml", rows=1)
    assert source.erase(ABOUT)[0].state is State.FAILED


@pytest.mark.parametrize(
    ("says", "more"),
    [
        ("done", {}), ("done", {"rows": -1}), ("nothing found", {"rows": 1}), ("kept", {"rows": 1}),
        ("done", {"rows": 1, "ground": "legal-obligation"}), ("kept", {"rows": 1, "ground": "Ann wants it"}),
        ("whatever", {"rows": 1}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_not_attested(here: Workspace, says: str, more: Any) -> None:
    with pytest.raises(Misused):
        say(here, opened(here), says, **more)


def test_until_somebody_looked_nothing_is_known(here: Workspace) -> None:
    source = opened(here)
    for question in (source.count, source.lookup):
        with pytest.raises(Waiting, match="waits for the archive: look for the person"):
            question(files(source), HERS)
    with pytest.raises(Waiting):
        source.identities(files(source), "email")


def test_outside_of_a_case_nothing_is_done(here: Workspace) -> None:
    assert open_source(spec(), here.root).erase(ABOUT)[0].state is State.FAILED


def test_what_the_map_keeps_is_kept(here: Workspace) -> None:
    outcome = opened(here, exemption=Exemption(ground="legal-obligation")).erase(ABOUT)[0]
    assert (outcome.state, outcome.ground) == (State.KEPT, "legal-obligation")


def test_nothing_said_names_the_person(here: Workspace) -> None:
    source = opened(here)
    told = [str(source.erase(ABOUT)), str(source.queries(files(source), HERS)), repr(source)]
    say(here, source, "done", rows=1)
    told += [entry.leaf.decode() for entry in here.ledger.log().entries]
    assert not any(MAIL in one for one in told)


def test_sources_of_other_kinds_are_left_alone(here: Workspace) -> None:
    thing = object()
    assert for_case(thing, here, CASE) is thing


# --- mail ---------------------------------------------------------------------------------------------------------


def by_mail(here: Workspace, **options: str) -> ManualSource:
    from attrs import evolve

    whole = evolve(spec("mail", "mailto:privacy@processor.example"), options=options)
    return for_case(open_source(whole, here.root), here, CASE)  # type: ignore[return-value]


def command(tmp_path: Path, code: int = 0) -> str:
    """A mail program that appends what it gets to a file."""
    script = tmp_path / "mail.py"
    script.write_text(
        "import os, sys\n"
        f"open({str(tmp_path / 'sent')!r}, 'ab').write(sys.stdin.buffer.read() + b'====')\n"
        f"open({str(tmp_path / 'seen')!r}, 'w').write(' '.join(sys.argv[1:]) + repr(sorted(os.environ)))\n"
        f"sys.exit({code})\n",
        encoding="utf-8",
    )
    return f"{sys.executable} {script}"


def sent(tmp_path: Path) -> list[Any]:
    data = (tmp_path / "sent").read_bytes() if (tmp_path / "sent").exists() else b""
    return [email.message_from_bytes(one, policy=policy.default) for one in data.split(b"====") if one]


def test_the_owner_is_written_to_once(here: Workspace, tmp_path: Path) -> None:
    source = by_mail(here, command=command(tmp_path))
    for _ in range(3):
        outcome = source.erase(ABOUT)[0]
        assert outcome.state is State.FAILED
        assert outcome.because == "waits for the archive: erase the person from personnel files (asked by mail)"
    (message,) = sent(tmp_path)
    assert message["To"] == "privacy@processor.example"
    assert message["Subject"] == f"{CASE}: erase"
    assert f"email: {MAIL}" in message.get_content()


def test_more_identities_are_another_message(here: Workspace, tmp_path: Path) -> None:
    source = by_mail(here, command=command(tmp_path))
    source.erase(ABOUT)
    source.erase({"paper.files": (Match(("email",), frozenset({(MAIL,), ("ann@old.example",)}), "email"),)})
    assert len(sent(tmp_path)) == 2


def test_a_value_with_line_breaks_adds_no_line(here: Workspace, tmp_path: Path) -> None:
    source = by_mail(here, command=command(tmp_path))
    source.erase({"paper.files": (Match(("name",), frozenset({("Ann\n\nPlease erase: everybody",)})),)})
    lines = sent(tmp_path)[0].get_content().splitlines()
    assert "- name: Ann Please erase: everybody" in lines
    assert not any(line.startswith("Please erase: everybody") for line in lines)


def test_the_program_does_not_see_our_secrets(here: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMBUD_KEY_PASSPHRASE", "x")
    by_mail(here, command=command(tmp_path)).erase(ABOUT)
    assert "OMBUD" not in (tmp_path / "seen").read_text(encoding="utf-8")


def test_words_for_a_shell_are_only_words(here: Workspace, tmp_path: Path) -> None:
    by_mail(here, command=command(tmp_path) + f" ; touch {tmp_path / 'ran'}").erase(ABOUT)
    assert not (tmp_path / "ran").exists()
    assert (tmp_path / "seen").read_text(encoding="utf-8").startswith("; touch")


def test_a_mail_program_that_fails_is_said_and_asked_again(here: Workspace, tmp_path: Path) -> None:
    outcome = by_mail(here, command=command(tmp_path, code=3)).erase(ABOUT)[0]
    assert outcome.because.endswith("; the message was not sent by the command: it ended with 3")
    by_mail(here, command=command(tmp_path)).erase(ABOUT)
    assert len(sent(tmp_path)) == 2


def test_without_a_way_to_send_the_message_is_a_file_for_its_owner_alone(here: Workspace) -> None:
    outcome = by_mail(here).erase(ABOUT)[0]
    assert outcome.because.endswith("(the message is in .ombud/outbox, to be sent by hand)")
    (path,) = (here.root / ".ombud" / "outbox").iterdir()
    assert path.name == f"{CASE}.paper.files.erase.eml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert MAIL in path.read_text(encoding="utf-8")


def test_after_the_answer_the_file_goes(here: Workspace) -> None:
    source = by_mail(here)
    source.erase(ABOUT)
    say(here, source, "done", rows=1)
    assert list((here.root / ".ombud" / "outbox").iterdir()) == []
    assert source.erase(ABOUT)[0].state is State.ERASED


def test_new_values_are_written_to_whoever_corrects_them(here: Workspace, tmp_path: Path) -> None:
    source = by_mail(here, command=command(tmp_path))
    outcome = source.change(Change(collection="paper.files", values={"city": "Ulm"}), HERS)
    assert outcome.state is State.FAILED
    assert "new city: Ulm" in sent(tmp_path)[0].get_content()


@pytest.mark.parametrize(
    "options",
    [
        {"command": "a", "smtp": "h:1"}, {"smtp": "host"}, {"smtp": "h:587", "password": "secret", "user": "u"},
        {"smtp": "h:587", "security": "later"}, {"smtp": "mail.example:25", "security": "none"},
    ],
)  # fmt: skip
def test_mail_that_cannot_be_meant_is_refused(here: Workspace, options: dict[str, str]) -> None:
    with pytest.raises(Misused):
        by_mail(here, **options)


@pytest.mark.parametrize("options", [{"smtp": "mail.example:587"}, {"smtp": "localhost:25", "security": "none"}])
def test_mail_beside_it_is_taken(here: Workspace, options: dict[str, str]) -> None:
    assert by_mail(here, **options).steps is not None
