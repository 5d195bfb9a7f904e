"""Requests through the command line: the clocks of the law's test vectors, refusals beside what is allowed, attacks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine

from doors import Done, inside, obeyed
from doors import ombud as command

PRIVATE = """\
identities: [email=ann@example.org, customer_id=7]
name: Ann Example
contact: |
  1 Road
  Example Town
words: Please delete everything about me.
"""


@pytest.fixture(scope="session")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    with on("2026-11-01"):
        obeyed("keys", "init", at=folder)
        obeyed("keys", "add", "officer", "--role", "dpo", at=folder)
    (folder / "ann.yaml").write_text(PRIVATE, encoding="utf-8")
    (folder / "why.txt").write_text("Many systems have to be searched.", encoding="utf-8")
    return folder


@pytest.fixture
def office(_office: Path, tmp_path: Path) -> Path:
    """A workspace with an officer's key, a private file of Ann, and a file with reasons."""
    import shutil

    return shutil.copytree(_office, tmp_path / "office")


@contextmanager
def on(day: str) -> Iterator[None]:
    """The day by the machine's clock, at 18:00 UTC."""
    with time_machine.travel(f"{day}T18:00:00+00:00", tick=True):
        yield


def received(office: Path, right: str, *more: str, lives: str = "DE") -> str:
    """The number of a new request of Ann."""
    words = ("rights", "receive", "--right", right, "--lives", lives, "--file", "ann.yaml", *more)
    return str(obeyed(*words, "--format", "json", at=office).json["case"])


def clock(office: Path, what: str = "answer", law: str | None = None) -> dict[str, Any]:
    """A clock of the only open request, as `due` tells it."""
    done = inside("rights", "due", "--format", "json", at=office)
    (one,) = done.json["due"]
    (found,) = [row for row in one["clocks"] if row["what"] == what and law in (None, row["law"])]
    return dict(found)


def verified(office: Path, case: str) -> str:
    obeyed("rights", "verify", case, "--method", "staff", "--seen", "passport", at=office)
    return case


# --- the vectors of the law sheets ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "right", "lives", "calendar", "extended", "what", "legal"),
    [
        ("2026-11-23", "access", "DE", None, None, "answer", "2026-12-23"),
        ("2026-11-23", "access", "DE", None, "2026-12-10", "answer", "2027-02-23"),
        ("2027-01-31", "access", "DE", None, None, "answer", "2027-03-01"),
        ("2027-01-31", "access", "DE", None, "2027-02-10", "answer", "2027-04-28"),
        ("2026-08-31", "access", "DE", None, None, "answer", "2026-09-30"),
        ("2026-11-30", "access", "DE", None, "2026-12-10", "answer", "2027-03-01"),
        ("2026-11-23", "erasure", "US-CA", "none", None, "acknowledgement", "2026-12-07"),
        ("2026-11-23", "erasure", "US-CA", None, None, "acknowledgement", "2026-12-09"),
        ("2026-11-23", "opt-out-sale", "US-CA", "none", None, "answer", "2026-12-14"),
        ("2026-11-23", "opt-out-sale", "US-CA", None, None, "answer", "2026-12-16"),
        ("2026-11-23", "limit-sensitive", "US-CA", None, None, "answer", "2026-12-16"),
        ("2026-11-23", "erasure", "US-CA", None, None, "answer", "2027-01-07"),
        ("2026-11-23", "erasure", "US-CA", None, "2027-01-07", "answer", "2027-02-21"),
        ("2026-11-30", "access", "GB", None, None, "answer", "2026-12-30"),
    ],
)
def test_the_vectors_of_the_law_sheets_hold(
    office: Path, start: str, right: str, lives: str, calendar: str | None, extended: str | None, what: str, legal: str
) -> None:
    with on(extended or start):
        case = received(
            office, right, "--received", start, *(("--calendar", calendar) if calendar else ()), lives=lives
        )
        if extended:
            words = ("--because", "complexity", "--reasons", "why.txt", "--on", extended)
            obeyed("rights", "extend", case, *words, at=office)
        found = clock(office, what)
    assert (found["legal"], found["extended"]) == (legal, extended is not None)


@pytest.mark.parametrize(
    ("clock", "legal"),
    [("ai-incident", "2027-12-25"), ("ai-incident-death", "2027-12-20"), ("ai-incident-widespread", "2027-12-12")],
)
def test_the_vectors_of_the_ai_act_hold(office: Path, clock: str, legal: str) -> None:
    done = obeyed("law", "clocks", clock, "--start", "2027-12-10T12:00+01:00", "--format", "json", at=office)
    assert done.json["legal"] == legal


def test_a_bare_day_is_that_day_under_every_law_of_the_request(office: Path) -> None:
    with on("2026-11-24"):
        received(office, "erasure", "--received", "2026-11-23", "--lives", "US-CA")
        assert clock(office, law="gdpr")["legal"] == "2026-12-23"
        assert clock(office, law="ccpa")["legal"] == "2027-01-07"


# --- extension, pause, overdue ----------------------------------------------------------------------------------------


def test_a_late_extension_is_refused_and_one_on_the_last_day_is_taken(office: Path) -> None:
    extend = ("--because", "complexity", "--reasons", "why.txt")
    with on("2026-11-23"):
        case = received(office, "access")
    with on("2026-12-24"):
        late = inside("rights", "extend", case, *extend, at=office)
        assert late.code == 2 and "not inside the first period, which ended on 2026-12-23" in late.said
        assert clock(office)["legal"] == "2026-12-23"
        assert obeyed("rights", "extend", case, *extend, "--on", "2026-12-23", at=office)
        assert clock(office)["legal"] == "2027-02-23"


def test_an_extension_without_reasons_is_refused(office: Path) -> None:
    with on("2026-11-23"):
        done = inside("rights", "extend", received(office, "access"), "--because", "complexity", at=office)
    assert done.code == 2 and "needs reasons" in done.err


def test_due_ends_with_one_once_something_is_late_and_with_nothing_before(office: Path) -> None:
    with on("2026-11-23"):
        case = received(office, "access")
    with on("2026-12-23"):
        assert inside("rights", "due", at=office).code == 0
    with on("2026-12-24"):
        done = inside("rights", "due", at=office)
        assert done.code == 1 and "OVERDUE" in done.out
        obeyed("rights", "withdraw", case, at=office)
        assert inside("rights", "due", at=office).out.strip() == "no request is open"
    assert inside("rights", "due", "--on", "2026-12-24", at=office).code == 0


def test_a_pause_is_taken_only_on_a_ground_that_a_clock_knows(office: Path) -> None:
    with on("2026-11-23"):
        case = received(office, "access")
        assert inside("rights", "pause", case, "--ground", "holidays", at=office).code == 2
        obeyed("rights", "pause", case, "--ground", "identity", at=office)
        assert clock(office)["legal"] is None and clock(office)["target"] == "2026-12-23"
    with on("2026-11-28"):
        obeyed("rights", "resume", case, at=office)
        assert clock(office)["legal"] == "2026-12-28"


# --- a whole request, and refusals ------------------------------------------------------------------------------------


def test_a_request_is_received_proved_and_decided_and_its_timeline_names_nobody(office: Path) -> None:
    with on("2026-11-23"):
        case = verified(office, received(office, "objection", "--channel", "phone"))
        obeyed("rights", "review", case, "--decision", "grant", at=office)
        plain = obeyed("rights", "show", case, at=office)
        private = obeyed("rights", "show", case, "--private", at=office)
        told = obeyed("rights", "show", case, "--private", "--format", "json", at=office).json
    assert [word for word in ("received", "verified", "reviewed") if word in plain.out] == [
        "received",
        "verified",
        "reviewed",
    ]
    assert not any(word in plain.out for word in ("ann@", "Ann", "1 Road", "delete everything"))
    assert all(word in private.out for word in ("ann@example.org", "Ann Example", "1 Road", "delete everything"))
    assert told["private"]["contact"] == "1 Road\nExample Town\n" and told["state"] == "reviewed"


def test_nothing_of_the_person_is_in_the_log_or_in_any_name_of_a_file(office: Path) -> None:
    with on("2026-11-23"):
        verified(office, received(office, "erasure"))
        log = obeyed("ledger", "export", "bundle.zip", at=office) and (office / "bundle.zip").read_bytes()
    for word in (b"ann@example.org", b"Ann Example", b"1 Road", b"delete everything"):
        assert word not in log
    assert not [path for path in office.rglob("*") if "ann@" in path.name]


@pytest.mark.parametrize(
    ("ground", "allowed"), [("legal-claims", True), ("excessive", True), ("data-accurate", False), ("no-time", False)]
)
def test_a_refusal_is_taken_only_on_a_listed_ground(office: Path, ground: str, allowed: bool) -> None:
    with on("2026-11-23"):
        case = verified(office, received(office, "erasure"))
        done = inside("rights", "refuse", case, "--ground", ground, "--reasons", "why.txt", at=office)
    assert done.code == (0 if allowed else 2)
    assert allowed or ("on no such ground" in done.err and "legal-claims" in done.err)


def test_a_refusal_needs_reasons_and_every_law(office: Path) -> None:
    with on("2026-11-23"):
        case = verified(office, received(office, "erasure", "--lives", "US-CA"))
        assert "told why" in inside("rights", "refuse", case, "--ground", "excessive", at=office).err
        half = inside("rights", "refuse", case, "--ground", "gdpr=excessive", "--reasons", "why.txt", at=office)
        assert half.code == 2 and "each law is decided for itself" in half.err
        obeyed("rights", "refuse", case, "--ground", "excessive", "--reasons", "why.txt", at=office)


def test_what_is_kept_is_decided_with_its_ground_and_day(office: Path) -> None:
    with on("2026-11-23"):
        case = verified(office, received(office, "objection"))
        words = ("rights", "review", case, "--decision", "partly", "--reasons", "why.txt", "--format", "json")
        assert inside(*words, "--keep", "core.invoices", at=office).code == 2
        assert inside(*words, "--keep", "core.invoices=habit", at=office).code == 2
        obeyed(*words, "--keep", "core.invoices=legal-obligation@2036-12-31", at=office)
        steps = obeyed("rights", "show", case, "--format", "json", at=office).json["steps"]
    assert steps[-1]["details"]["kept"] == [
        {"collection": "core.invoices", "ground": "legal-obligation", "law": "gdpr", "until": "2036-12-31"}
    ]


def test_a_request_of_the_future_is_refused_and_one_of_today_is_taken(office: Path) -> None:
    with on("2026-11-23"):
        words = ("rights", "receive", "--right", "access", "--lives", "DE", "--file", "ann.yaml", "--received")
        done = inside(*words, "2026-11-24", at=office)
        assert done.code == 2 and "still to come" in done.err
        obeyed(*words, "2026-11-23", at=office)
        obeyed(*words, "2026-11-23T18:59+01:00", at=office)


def test_the_organisation_beside_the_workspace_says_which_laws_hold(office: Path) -> None:
    (office / "organisation.yaml").write_text("name: Shop\nestablishment: [DE]\n", encoding="utf-8")
    with on("2026-11-23"):
        words = ("rights", "receive", "--right", "access", "--lives", "US-CA", "--file", "ann.yaml", "--format", "json")
        assert obeyed(*words, at=office).json["laws"] == ["gdpr", "ccpa"]
        assert obeyed(*words, "--fact", "ccpa_threshold=no", at=office).json["laws"] == ["gdpr"]


# --- identity through the command line --------------------------------------------------------------------------------


def test_matching_points_are_held_against_our_own_records(office: Path) -> None:
    (office / "given.txt").write_text("email=Ann@Example.org\ncustomer_id=7\n", encoding="utf-8")
    (office / "wrong.txt").write_text("email=Ann@Example.org\ncustomer_id=8\n", encoding="utf-8")
    (office / "crm.txt").write_text("email=ann@example.org\ncustomer_id=7\nphone=+49 1\n", encoding="utf-8")
    with on("2026-11-23"):
        case = received(office, "access")
        words = ("rights", "verify", case, "--method", "data-points", "--held", "crm.txt", "--given")
        refused = inside(*words, "wrong.txt", at=office)
        assert refused.code == 1 and "does not prove who is asking" in refused.err
        assert "verified" in obeyed(*words, "given.txt", at=office).out


def test_a_code_is_sent_by_the_users_own_program_and_taken_back(office: Path) -> None:
    (office / "crm.txt").write_text("email=ann@example.org\n", encoding="utf-8")
    (office / "send.sh").write_text("#!/bin/sh\ncat > sent.txt\n", encoding="utf-8")
    (office / "send.sh").chmod(0o755)
    with on("2026-11-23"):
        case = received(office, "access")
        words = ("rights", "verify", case, "--method", "code")
        obeyed(*words, "--held", "crm.txt", "--send", str(office / "send.sh"), at=office)
        mail = (office / "sent.txt").read_text(encoding="utf-8")
        code = mail.split("Your code: ")[1][:9]
        (office / "code.txt").write_text("0000 0000" if code != "0000 0000" else "1111 1111", encoding="utf-8")
        assert inside(*words, "--code", "code.txt", at=office).code == 1
        (office / "code.txt").write_text(code, encoding="utf-8")
        assert "verified" in obeyed(*words, "--code", "code.txt", at=office).out


def test_identity_is_waived_where_no_law_wants_it(office: Path) -> None:
    with on("2026-11-23"):
        case = received(office, "opt-out-sale", "--channel", "gpc", lives="US-CA")
        obeyed("rights", "verify", case, "--method", "not-required", at=office)
        other = received(office, "erasure", lives="US-CA")
        assert inside("rights", "verify", other, "--method", "not-required", at=office).code == 2


# --- attacks ----------------------------------------------------------------------------------------------------------

HOSTILE = "\x1b]0;owned\x07<script>alert(1)</script>\u202e{{7*7}}'; DROP TABLE entries;--"


def test_escape_sequences_and_markup_in_names_do_nothing_and_are_not_obeyed_by_the_terminal(office: Path) -> None:
    private = {"identities": [f"email={HOSTILE}@example.org"], "name": HOSTILE, "contact": HOSTILE, "words": HOSTILE}
    (office / "ann.yaml").write_text(json.dumps(private), encoding="utf-8")
    with on("2026-11-23"):
        case = received(office, "access")
        shown = obeyed("rights", "show", case, "--private", at=office)
        kept = obeyed("rights", "show", case, "--private", "--format", "json", at=office)
        assert obeyed("rights", "due", at=office).code == 0
    assert "\x1b" not in shown.out and "\x07" not in shown.out and "\u202e" not in shown.out
    assert kept.json["private"]["name"] == HOSTILE


@pytest.mark.parametrize(
    "content",
    [
        b"ann@example.org: [x\n", b"- ann@example.org\n", b"mail: ann@example.org\n", b"identities: ann@example.org\n",
        b"identities: [ann@example.org]\n", b"name: {first: ann@example.org}\n", b"\xff\xfeann@example.org",
        b"&a [*a]", b"a: &a [x,x]\nb: &b [*a,*a]\n" * 2, b"[" * 5_000 + b"ann@example.org",
        b"!!python/object ann@example.org", b"words: ann@example.org" + b"x" * 1_000_001,
        b"words: ann@example.org" + b"x" * 200_000, b"", b"identities: []\n",
    ],
)  # fmt: skip
def test_a_private_file_of_another_form_is_refused_and_nothing_of_it_is_repeated(office: Path, content: bytes) -> None:
    (office / "ann.yaml").write_bytes(content)
    with on("2026-11-23"):
        done = inside("rights", "receive", "--right", "access", "--lives", "DE", "--file", "ann.yaml", at=office)
        assert inside("rights", "due", at=office).out.strip() == "no request is open"
    assert done.code == 2 and "ann@" not in done.out + done.err and len(done.err) < 1_000


def test_private_input_is_read_from_stdin_so_that_no_process_list_shows_it(office: Path) -> None:
    import subprocess

    from doors import COMMAND, environment

    words = ("rights", "receive", "--right", "access", "--lives", "DE", "--file", "-", "--format", "json")
    ran = subprocess.run(  # a real process, because stdin is the point
        [*COMMAND, *words], cwd=office, env=environment(), input=PRIVATE.encode(), capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["right"] == "access"


@pytest.mark.parametrize(
    "typed", ["ann@example.org", "R-000000", "../../etc/passwd", "\x1b[2J", "R-" + "9" * 5_000, "--"]
)
@pytest.mark.parametrize("verb", ["show", "acknowledge", "withdraw"])
def test_an_unknown_number_is_refused_and_repeated_only_if_it_is_one(office: Path, verb: str, typed: str) -> None:
    done = inside("rights", verb, typed, at=office)
    assert done.code == 2 and "\x1b[2J" not in done.err and "ann@" not in done.err and len(done.err) < 2_000
    assert ("R-000000" in done.err) == (typed == "R-000000")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--right", "everything"), ("--lives", "ann@example.org"), ("--channel", "pigeon"), ("--received", "yesterday"),
        ("--calendar", "XX"), ("--timezone", "../etc"), ("--scope", "all"), ("--agent", "friend"), ("--fact", "x"),
    ],
)  # fmt: skip
def test_what_is_on_no_list_is_refused_in_words(office: Path, wrong: tuple[str, str]) -> None:
    given = {"--right": "access", "--lives": "DE", "--file": "ann.yaml"} | dict([wrong])
    done: Done = inside("rights", "receive", *(word for pair in given.items() for word in pair), at=office)
    assert done.code == 2 and done.err.startswith("error: ") and "next: " in done.err
    assert "ann@" not in done.err


def test_help_shows_an_example_for_every_verb(office: Path) -> None:
    verbs = "receive acknowledge verify authority review refuse extend pause resume withdraw show due".split()
    for verb in verbs:
        assert f"ombud rights {verb}" in obeyed("rights", verb, "--help", at=office).said
    assert command("rights", "--help", at=office).code == 0
