"""Secrets stay out of manifests."""

from pathlib import Path

import pytest

from ombud.errors import Invalid, Misused, NotFound
from ombud.system.manifest import read_system
from ombud.system.organisation import read_organisation
from ombud.system.secrets import guard_address, references, resolve
from ombud.system.yaml_lines import parse_yaml

MARK = "hunter2SECRET"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"system: a\ndata: {{decisions: {{table: 'postgresql://me:{MARK}@db/x'}}}}", "data.decisions.table"),
        (f"system: a\ndata: {{decisions: {{table: 'postgresql://me@db/x?password={MARK}'}}}}", "data.decisions.table"),
        (f"system: a\ndata: {{decisions: {{table: 'host=db password={MARK}'}}}}", "data.decisions.table"),
        (f"system: a\ndata: {{decisions: {{table: 'https://x/y?sv=1&sig={MARK}'}}}}", "data.decisions.table"),
        (f"system: a\ndata: {{decisions: {{table: x.parquet, password: {MARK}}}}}", "data.decisions.password"),
        (f"system: a\napi_key: {MARK}", "api_key"),
        (f"system: a\nmodel: {{artifact: m.txt, auth_token: {MARK}}}", "model.auth_token"),
        ("system: a\npurpose: uses AKIAABCDEFGHIJKLMNOP to read", "purpose"),
        (f"system: a\nreasons: {{debt: 'ghp_{MARK}abcdefghijklmnop'}}", "reasons.debt"),
        (f"system: a\n'postgresql://me:{MARK}@db/x': 1", ""),
        (f"system: a\nreasons: {{'postgresql://me:{MARK}@db/x': 1}}", "reasons"),
        ("system: a\npurpose: |\n  -----BEGIN RSA PRIVATE KEY-----\n  MIIE", "purpose"),
    ],
)
def test_an_inline_secret_is_refused_with_its_key_and_never_repeated(text: str, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_system(parse_yaml(text.encode(), Path("ombud.yaml")))
    assert caught.value.key == key
    assert "secret" in caught.value.problem
    assert MARK not in str(caught.value) and MARK not in repr(caught.value)


def test_an_organisation_has_no_secrets_either() -> None:
    with pytest.raises(Invalid) as caught:
        read_organisation(parse_yaml(f"name: B\nsecret_key: {MARK}".encode(), Path("organisation.yaml")))
    assert MARK not in str(caught.value)


def test_a_password_named_by_the_environment_may_stand_in_an_address() -> None:
    address = "postgresql://${env:DB_USER}:${env:DB_PASSWORD}@db/x?password=${env:OTHER}"
    read = read_system(parse_yaml(f"system: a\ndata: {{decisions: {{table: '{address}'}}}}".encode(), Path("o.yaml")))
    spec = read.data["decisions"]
    assert spec.address({"DB_USER": "me", "DB_PASSWORD": "p", "OTHER": "q"}) == "postgresql://me:p@db/x?password=q"
    assert references(spec.table) == ("DB_USER", "DB_PASSWORD", "OTHER")


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(NotFound, match="DB_URL"):
        resolve("${env:DB_URL}", {"DB_URL": ""})


def test_what_the_environment_holds_is_not_looked_up_again() -> None:
    assert resolve("${env:A}", {"A": "${env:B}", "B": "x"}) == "${env:B}"


@pytest.mark.parametrize(
    "key", ["purpose: about ${env:HOME}", "model: {artifact: '${env:HOME}/m.txt'}", "reasons: {a: '${env:X}'}"]
)
def test_only_tables_look_into_the_environment(key: str) -> None:
    with pytest.raises(Invalid, match=r"data\.<name>\.table"):
        read_system(parse_yaml(f"system: a\n{key}".encode(), Path("ombud.yaml")))


@pytest.mark.parametrize("text", ["${HOME}", "${env:}", "${env:1A}", "${file:/etc/passwd}", "${env:A", "${env:A-B}"])
def test_a_reference_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_system(parse_yaml(f"system: a\ndata: {{decisions: {{table: '{text}'}}}}".encode(), Path("ombud.yaml")))
    assert caught.value.nearest == "${env:NAME}"


@pytest.mark.parametrize("name", ["token", "password_age", "secret"])
def test_a_column_may_be_called_what_it_is_called(name: str) -> None:
    text = f"system: a\ncolumns: {{features: [{name}, x]}}\nreasons: {{{name}: It is old}}"
    assert name in read_system(parse_yaml(text.encode(), Path("ombud.yaml"))).reasons


def test_an_address_on_the_command_line_is_guarded_as_well() -> None:
    guard_address("postgresql://me@db/x#t")
    with pytest.raises(Misused) as caught:
        guard_address(f"postgresql://me:{MARK}@db/x#t")
    assert MARK not in str(caught.value)
