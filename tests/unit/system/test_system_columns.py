"""What a manifest says of columns, held against a table."""

from pathlib import Path

import pytest

from ombud.errors import Invalid
from ombud.system.manifest import read_system
from ombud.system.spec import System
from ombud.system.yaml_lines import parse_yaml
from ombud.tables.needs import Role

DECLARED = """\
system: a
columns:
  subject: id
  decision: approved
  favourable: 1
  label: repaid
  protected:
    - sex
    - race
  quasi_identifiers: [zip3, sex]
  special: {race: {}}
people: {only_increase: [income]}
"""
TABLE = ["id", "income", "approved", "repaid", "sex", "race", "zip3", "debt"]


def system(text: str = DECLARED) -> System:
    return read_system(parse_yaml(text.encode(), Path("ombud.yaml")))


def test_features_left_out_are_all_columns_without_another_role_in_the_tables_order() -> None:
    assert system().columns_for(TABLE).by_role[Role.FEATURE] == ("income", "debt")


def test_declared_features_stand_as_they_are() -> None:
    declared = system(DECLARED.replace("  subject: id\n", "  features: [debt]\n"))
    assert declared.columns_for(TABLE).by_role[Role.FEATURE] == ("debt",)


@pytest.mark.parametrize(
    ("gone", "key", "line"),
    [
        ("approved", "columns.decision", 4),
        ("race", "columns.protected[1]", 9),
        ("zip3", "columns.quasi_identifiers[0]", 10),
    ],
)
def test_a_column_that_is_not_there_is_named_and_never_replaced(gone: str, key: str, line: int) -> None:
    there = [name if name != gone else f"{name}_2" for name in TABLE]
    with pytest.raises(Invalid) as caught:
        system().columns_for(there)
    assert (caught.value.key, caught.value.line, caught.value.nearest) == (key, line, f"{gone}_2")


def test_a_special_column_that_is_not_there_is_named() -> None:
    declared = system("system: a\ncolumns:\n  special:\n    health: {}\n")
    with pytest.raises(Invalid) as caught:
        declared.columns_for(["helth"])
    assert (caught.value.key, caught.value.line, caught.value.nearest) == ("columns.special.health", 4, "helth")


def test_the_case_of_a_column_counts_but_the_other_case_is_found() -> None:
    with pytest.raises(Invalid) as caught:
        system().columns_for([name.upper() if name == "sex" else name for name in TABLE])
    assert caught.value.nearest == "SEX"


def test_a_table_of_decisions_may_lack_the_label_where_that_is_said() -> None:
    there = [name for name in TABLE if name != "repaid"]
    assert Role.LABEL not in system().columns_for(there, may_lack=[Role.LABEL]).by_role
    with pytest.raises(Invalid):
        system().columns_for(there)


def test_a_misspelt_column_of_recourse_is_found_at_the_table() -> None:
    with pytest.raises(Invalid) as caught:
        system(DECLARED.replace("[income]", "[incom]")).columns_for(TABLE)
    assert (caught.value.key, caught.value.nearest) == ("people.only_increase", "income")


def test_names_may_hold_anything_that_a_table_may() -> None:
    odd = ['naïve "q\'uote"', "a;drop table x", "x.y", " blank ", "年齢"]
    listed = "".join(
        f"    - {name!r}\n" if "'" not in name else f'    - "{name.replace(chr(34), chr(92) + chr(34))}"\n'
        for name in odd
    )
    declared = system(f"system: a\ncolumns:\n  protected:\n{listed}")
    assert declared.columns_for(odd).by_role[Role.PROTECTED] == tuple(odd)
