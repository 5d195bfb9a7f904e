"""A service is asked, and what it says is believed only as far as it answers the same when asked again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ombud.errors import Misused, NotFound, OmbudError
from ombud.rights.map.model import Collection, Column, Exemption, SourceSpec
from ombud.rights.map.read import load_map
from ombud.rights.sources.http_client import Away
from ombud.rights.sources.http_contract import schema
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Change, Match, State
from services import Service, serving
from support import needs

SCHEMA = Path(__file__).parents[4] / "docs" / "reference" / "http-source.schema.json"
MAIL = "person@example.org"
HERS = (Match(("email",), frozenset({(MAIL,)}), "email"),)
ABOUT = {"crm.people": HERS}


@pytest.fixture
def service() -> Iterator[Service]:
    needs("httpx2")
    rows = [
        {"email": "Person@Example.org", "city": "Ulm", "id": 1},
        {"email": "other@example.org", "city": "Ulm", "id": 2},
        {"email": MAIL, "city": "Graz", "id": 3},
    ]
    with serving(Service(people=rows, empty=[])) as running:
        yield running


def opened(service: Service, *, options: dict[str, str] | None = None, address: str | None = None, **more: Any) -> Any:
    """The source with one collection."""
    personal = {"email": Column(name="email", mask="gone"), "city": Column(name="city")}
    one = Collection(
        source="crm", name="people", table="people", identities={"email": "email"}, columns=personal, **more
    )
    quick = {"timeout": "1", "attempts": "2", **(options or {})}
    spec = SourceSpec(
        name="crm", kind="http", address=address or service.url, collections=(one,), backups="30d", options=quick
    )
    return open_source(spec, Path())


def people(source: Any) -> Collection:
    return source.spec.collections[0]  # type: ignore[no-any-return]


def test_rows_are_found_in_pages_in_whatever_case_the_address_is_written(service: Service) -> None:
    service.page = 1
    source = opened(service)
    rows = list(source.lookup(people(source), HERS, ["id"]))
    assert rows == [{"id": 1}, {"id": 3}]
    assert source.count(people(source), HERS) == 2


def test_a_person_is_erased_and_the_others_stay(service: Service) -> None:
    outcome = opened(service).erase(ABOUT)[0]
    assert (outcome.state, outcome.found, outcome.erased, outcome.left) == (State.ERASED, 2, 2, 0)
    assert outcome.not_covered == ("copies, logs and backups of the service, for 30d",)
    assert [row["id"] for row in service.rows["people"]] == [2]
    assert [verb for verb, _, _ in service.asked] == ["count", "erase", "count"]


def test_erasing_again_finds_nothing_and_asks_for_nothing_more(service: Service) -> None:
    source = opened(service)
    source.erase(ABOUT)
    assert source.erase(ABOUT)[0].state is State.NOTHING
    assert [verb for verb, _, _ in service.asked].count("erase") == 1


def test_a_service_that_says_erased_and_still_finds_them_failed(service: Service) -> None:
    service.lies = True
    outcome = opened(service).erase(ABOUT)[0]
    assert (outcome.state, outcome.erased, outcome.left) == (State.FAILED, 0, 2)
    assert outcome.because == "the service says it is done, and still finds 2 rows"


def test_what_it_keeps_on_a_ground_is_told_as_kept(service: Service) -> None:
    service.lies = True
    service.answers = [b'{"count": 2}', b'{"erased": 0, "kept": 2, "ground": "legal-obligation"}']
    outcome = opened(service).erase(ABOUT)[0]
    assert (outcome.state, outcome.kept, outcome.ground) == (State.KEPT, 2, "legal-obligation")


def test_what_it_keeps_without_a_ground_failed(service: Service) -> None:
    service.lies = True
    service.answers = [b'{"count": 2}', b'{"erased": 0, "kept": 2}']
    assert opened(service).erase(ABOUT)[0].state is State.FAILED


def test_masking_takes_the_person_out_of_their_rows(service: Service) -> None:
    outcome = opened(service, on_erase="mask").erase(ABOUT)[0]
    assert (outcome.state, outcome.left) == (State.ERASED, 0)
    assert [row["email"] for row in service.rows["people"]] == ["gone", "other@example.org", "gone"]


def test_an_exempt_collection_is_not_touched(service: Service) -> None:
    outcome = opened(service, exemption=Exemption(ground="legal-obligation")).erase(ABOUT)[0]
    assert (outcome.state, outcome.kept, outcome.ground) == (State.KEPT, 2, "legal-obligation")
    assert len(service.rows["people"]) == 3


def test_a_value_is_changed_and_looked_at_again(service: Service) -> None:
    change = Change(collection="crm.people", values={"city": "Wien"}, where={"city": "Graz"})
    outcome = opened(service).change(change, HERS)
    assert (outcome.state, outcome.found, outcome.masked) == (State.CHANGED, 2, 1)
    assert [row["city"] for row in service.rows["people"]] == ["Ulm", "Ulm", "Wien"]


def test_a_change_that_did_not_happen_failed(service: Service) -> None:
    service.lies = True
    outcome = opened(service).change(Change(collection="crm.people", values={"city": "Wien"}), HERS)
    assert (outcome.state, outcome.left) == (State.FAILED, 2)


def test_identities_are_listed_to_replay_an_erasure_list(service: Service) -> None:
    source = opened(service)
    assert sorted(source.identities(people(source), "email")) == ["Person@Example.org", "other@example.org", MAIL]


def test_another_persons_row_is_never_passed_on(service: Service) -> None:
    service.answers = [json.dumps({"rows": [service.rows["people"][1]]}).encode()]
    source = opened(service)
    with pytest.raises(Away, match="rows that were not asked for"):
        list(source.lookup(people(source), HERS))


def test_what_is_sent_and_answered_follows_the_published_schema(service: Service) -> None:
    told = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert told == schema()
    source = opened(service)
    list(source.lookup(people(source), HERS))
    source.change(Change(collection="crm.people", values={"city": "Wien"}), HERS)
    source.erase(ABOUT)
    list(source.identities(people(source), "email"))
    for verb, body, headers in service.asked:
        Draft202012Validator(told["request"]).validate(body)
        Draft202012Validator(told["answers"][verb]).validate(service.answer(verb, body))
        assert len(headers["Idempotency-Key"]) == 32


def test_a_dry_run_shows_no_values(service: Service) -> None:
    source = opened(service)
    shown = source.queries(people(source), HERS)
    assert shown == ("POST /ombud/v1/find: people whose (email) is one of 1 values ?",)


# --- faults -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_is_away_for_now_is_asked_again_with_the_same_key(service: Service, status: int) -> None:
    service.answers = [status]
    source = opened(service)
    assert source.count(people(source), HERS) == 2
    keys = {headers["Idempotency-Key"] for _, _, headers in service.asked}
    assert (len(service.asked), len(keys)) == (2, 1)


def test_what_stays_away_failed_and_nothing_of_its_words_is_repeated(service: Service) -> None:
    service.answers = [500, 500]
    outcome = opened(service).erase(ABOUT)[0]
    assert outcome.state is State.FAILED
    assert outcome.because == "crm: it answers with status 500 (2 attempts)"
    assert len(service.rows["people"]) == 3


@pytest.mark.parametrize("status", [400, 404, 409, 501])
def test_what_is_wrong_for_good_is_not_asked_again(service: Service, status: int) -> None:
    service.answers = [status]
    source = opened(service)
    with pytest.raises(Away, match=f"status {status}"):
        source.count(people(source), HERS)
    assert len(service.asked) == 1


def test_a_slow_service_is_given_up(service: Service) -> None:
    service.answers = [1.0, 1.0]
    source = opened(service, options={"timeout": "0.2"})
    with pytest.raises(Away, match=r"does not answer within 0\.2 s"):
        source.count(people(source), HERS)


def test_a_service_slow_but_in_time_is_waited_for(service: Service) -> None:
    service.answers = [0.1]
    source = opened(service)
    assert source.count(people(source), HERS) == 0


def test_nobody_there_is_said(service: Service) -> None:
    source = opened(service, address="http://127.0.0.1:9")
    assert source.erase(ABOUT)[0].because == "crm: it cannot be reached (2 attempts)"


def test_a_redirect_to_another_host_is_not_followed(service: Service) -> None:
    with serving(Service(people=[])) as other:
        service.answers = [(307, {"Location": f"{other.url}/ombud/v1/count"})]
        source = opened(service)
        with pytest.raises(Away, match="redirects"):
            source.count(people(source), HERS)
        assert other.asked == []


def test_a_huge_answer_is_cut_off_and_one_at_the_limit_is_read(service: Service) -> None:
    answer = b'{"count": 7}'
    service.answers = [answer + b" " * 88, answer + b" " * 89]
    source = opened(service, options={"max_bytes": "100"})
    assert source.count(people(source), HERS) == 7
    with pytest.raises(Away, match="larger than 100 bytes"):
        source.count(people(source), HERS)


@pytest.mark.parametrize(
    "garbage",
    [
        b"", b"null", b"[]", b"<html>person@example.org", b"\xff\xfe", b'{"count": -1}', b'{"count": "2"}',
        b'{"count": 2.5}', b'{"count": true}', b"[" * 100_000, b'{"count": 1e400}', b'{"number": 3}',
    ],
)  # fmt: skip
def test_garbage_is_refused_without_being_repeated(service: Service, garbage: bytes) -> None:
    service.answers = [garbage]
    source = opened(service)
    with pytest.raises(Away, match="not answer as the contract says") as refused:
        source.count(people(source), HERS)
    assert "person" not in str(refused.value)


def test_a_member_that_is_not_known_is_passed_over(service: Service) -> None:
    service.answers = [b'{"count": 2, "took_ms": 3}']
    source = opened(service)
    assert source.count(people(source), HERS) == 2


def test_pages_in_a_circle_end(service: Service) -> None:
    service.answers = [b'{"rows": [], "next": "x"}'] * 3
    source = opened(service)
    with pytest.raises(Away, match="circle"):
        list(source.lookup(people(source), HERS))


def test_an_answer_that_swells_is_refused(service: Service) -> None:
    service.answers = [(200, {"Content-Encoding": "gzip"})]
    source = opened(service)
    with pytest.raises(Away, match="compressed"):
        source.count(people(source), HERS)


# --- credentials and addresses ------------------------------------------------------------------------------------


def test_the_token_comes_from_the_environment(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.token = "right"
    monkeypatch.setenv("CRM_TOKEN", "right")
    source = opened(service, options={"bearer": "${env:CRM_TOKEN}"})
    assert source.count(people(source), HERS) == 2
    assert "right" not in repr(source)


def test_a_wrong_token_is_said_without_showing_it(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.token = "right"
    monkeypatch.setenv("CRM_TOKEN", "wrong")
    source = opened(service, options={"bearer": "${env:CRM_TOKEN}"})
    with pytest.raises(Away, match="refuses our credentials"):
        source.count(people(source), HERS)


def test_a_token_in_the_map_is_refused(service: Service) -> None:
    with pytest.raises(Misused, match="token stands in the map"):
        opened(service, options={"bearer": "secret-token"})


def test_the_map_on_the_page_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = SCHEMA.with_name("http-source.md").read_text(encoding="utf-8")
    written = page.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "sources.yaml").write_text(written, encoding="utf-8")
    monkeypatch.setenv("CRM_TOKEN", "right")
    spec = load_map(tmp_path / "sources.yaml").source("crm")
    source = open_source(spec, tmp_path)
    assert (spec.kind, source.client.seconds) == ("http", 10)  # type: ignore[attr-defined]
    source.close()


def test_a_token_that_is_not_set_is_said(service: Service) -> None:
    with pytest.raises(NotFound, match="OMBUD_TEST_UNSET"):
        opened(service, options={"bearer": "${env:OMBUD_TEST_UNSET}"})


@pytest.mark.parametrize(
    "address",
    ["http://crm.example", "https://user:pw@crm.example", "https://crm.example/?token=x", "ftp://crm.example", "crm"],
)
def test_addresses_that_would_leak_are_refused(service: Service, address: str) -> None:
    with pytest.raises(OmbudError):
        opened(service, address=address)


@pytest.mark.parametrize("address", ["https://crm.example", "https://crm.example:8443/base", "http://localhost:1"])
def test_addresses_beside_them_are_taken(service: Service, address: str) -> None:
    opened(service, address=address).close()


@pytest.mark.parametrize("option", ["timeout", "attempts", "max_bytes"])
def test_numbers_that_are_none_are_refused(service: Service, option: str) -> None:
    with pytest.raises(Misused, match=f"option {option}"):
        opened(service, options={option: "soon"})


def test_an_untrusted_certificate_is_refused(tmp_path: Path) -> None:
    needs("httpx2")
    with secured(tmp_path) as (port, ca):
        trusted = opened(Service(), address=f"https://localhost:{port}", options={"ca": str(ca)})
        assert trusted.count(people(trusted), HERS) == 0
        source = opened(Service(), address=f"https://localhost:{port}")
        with pytest.raises(Away, match="certificate is not trusted"):
            source.count(people(source), HERS)


def secured(folder: Path) -> Any:
    """A service over TLS with a certificate that nobody's authority signed."""
    from tls import secured as running

    return running(Service(people=[]), folder)
