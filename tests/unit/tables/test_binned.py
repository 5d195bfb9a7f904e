import numpy as np
import pytest

from ombud.tables import bins
from ombud.tables.bins import OTHER, Numeric
from ombud.tables.needs import Binned
from tabled import data, taken, unmet

FEATURES = {"features": ["income", "town"]}


def test_bins_are_deciles_of_the_training_table_and_missing_is_one_more() -> None:
    training = {"income": [*map(float, range(1, 101)), None, float("nan")], "town": ["x"] * 102}
    now = {"income": [5.0, 500.0, -5.0, float("inf"), None], "town": ["x"] * 5}
    income, town = taken(Binned(), data(roles=FEATURES, training=training, evaluation=now)).calls[0]
    assert income.axes == ("table", "bin") and town.axes == ("table", "value")
    before = {level: n for (table, level), n in income.cells.items() if table == "training"}
    assert before == {f"{i:02d}: {words}": 10 for i, words in enumerate(DECILES, start=1)} | {None: 2}
    assert {cell[1]: n for cell, n in income.cells.items() if cell[0] == "evaluation"} == {
        "01: up to 10": 2, "10: above 90": 2, None: 1,
    }  # fmt: skip


DECILES = ["up to 10", *(f"{i} to {i + 10}" for i in range(10, 90, 10)), "above 90"]


def test_equal_quantiles_are_one_edge_and_names_sort_as_bins_do() -> None:
    names = Numeric(tuple(float(i) for i in range(11)))
    assert [names.name(i) for i in range(12)] == sorted(str(names.name(i)) for i in range(12))
    training = {"income": [0.0] * 90 + [1.0] * 10, "town": ["x"] * 100}
    income, _ = taken(
        Binned(), data(roles=FEATURES, training=training, evaluation={"income": [2.0], "town": ["x"]})
    ).calls[0]
    assert income.count(table="training", bin="01: up to 0") == 90
    assert income.count(table="evaluation", bin="02: above 0") == 1


def test_a_small_table_has_few_bins_because_an_end_is_a_value_of_somebody() -> None:
    roles = {"features": ["x"]}
    rows: dict[str, list[float]] = {"x": [float(i) for i in range(30)]}
    (three,) = taken(Binned(), data(10, roles=roles, training=rows, evaluation={"x": [1.0]})).calls[0]
    assert three.levels("bin") == ("01: up to 9", "02: 9 to 19", "03: above 19")
    (one,) = taken(Binned(), data(20, roles=roles, training=rows, evaluation={"x": [1.0]})).calls[0]
    assert one.levels("bin") == ("01: any",)


def test_a_column_without_any_number_is_one_bin() -> None:
    given = data(roles={"features": ["a"]}, training={"a": [None, float("nan")]}, evaluation={"a": [1.0, None]})
    (cube,) = taken(Binned(), given).calls[0]
    assert cube.cells == {("training", None): 2, ("evaluation", None): 1, ("evaluation", "01: any"): 1}


def test_rare_values_are_never_named() -> None:
    training = {"income": [1.0] * 30, "town": ["x"] * 15 + ["y"] * 12 + ["Jane Doe"] * 3}
    now = {"income": [1.0] * 14, "town": ["z"] * 10 + ["Joe Roe"] * 4}
    _, town = taken(Binned(), data(10, roles=FEATURES, training=training, evaluation=now)).calls[0]
    assert town.levels("value") == (OTHER, "x", "y", "z")
    assert town.count(table="evaluation", value=OTHER) == 4


@pytest.mark.parametrize("hostile", ["o'brien", '"', "\\", "'; DROP TABLE incoming; --", "ü × 'x'"])
def test_free_text_is_folded_in_the_engine_whatever_it_holds(hostile: str) -> None:
    town = [f"t{i}" for i in range(2_000)] + [hostile] * 20
    given = {"income": [1.0] * len(town), "town": town}
    _, cube = taken(Binned(), data(10, roles=FEATURES, training=given, evaluation=given | {"town": town[::-1]})).calls[
        0
    ]
    both = {OTHER: 2_000, hostile: 20}
    assert cube.cells == {(table, level): n for table in ("training", "evaluation") for level, n in both.items()}


def test_booleans_and_mixed_types_are_values_by_name() -> None:
    given = data(roles={"features": ["a"]}, training={"a": [True, False, True]}, evaluation={"a": [1, 0, 2]})
    (cube,) = taken(Binned(), given).calls[0]
    assert cube.count(table="training", value="1") == 2 and cube.count(table="evaluation", value="2") == 1


def test_large_tables_are_sampled_for_the_edges_and_counted_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as pq

    from ombud.tables.open import open_table

    monkeypatch.setattr(bins, "_EXACT_UP_TO", 1_000)
    monkeypatch.setattr(bins, "_SAMPLED", 5_000)
    assert isinstance(tmp_path, Path)
    pq.write_table(pa.table({"x": np.arange(50_000, dtype=np.float64)}), tmp_path / "p.parquet")
    tables = [open_table("p.parquet", tmp_path) for _ in range(2)]
    first, again = (bins.edges(table, "x", 10) for table in tables)
    assert first == again
    assert np.allclose(first.edges, np.arange(5_000, 50_000, 5_000), atol=1_500)


def test_the_same_file_twice_is_nothing_to_compare() -> None:
    given = data(roles=FEATURES, training={"income": [1.0], "town": ["x"]})
    assert unmet(Binned(), given).manifest_key == "data.decisions.table"
    assert (
        unmet(Binned(), data(roles=FEATURES, evaluation={"income": [1.0], "town": ["x"]})).manifest_key
        == "data.training.table"
    )


def test_groups_are_compared_one_protected_column_at_a_time_and_small_ones_left_out() -> None:
    people = {
        "race": ["a"] * 20 + ["b"] * 15 + ["c"] * 3,
        "sex": ["f", "m"] * 19,
        "income": [1.0] * 38,
        "town": ["x"] * 38,
    }
    answer = taken(Binned(against="group"), data(10, roles=FEATURES | {"protected": ["race", "sex"]}, training=people))
    assert [cube.name for cube in answer.calls[0]] == ["income | race", "income | sex", "town | race", "town | sex"]
    assert answer.calls[0][0].over("group").cells == {("a",): 20, ("b",): 15}
    assert answer.calls[0][1].total == 38 and answer.left_out == 3


def test_both_comparisons_give_the_same_margins() -> None:
    random = np.random.default_rng(7)
    people = {
        "race": random.choice(["a", "b"], 500),
        "income": random.normal(size=500),
        "town": random.choice(["x", "y"], 500),
    }
    other = {name: values[:200] for name, values in people.items()}
    given = data(roles=FEATURES | {"protected": ["race"]}, training=people, evaluation=other)
    from ombud.tables.take import Taken, take

    answers = take([Binned(), Binned(against="group")], given)
    tables, groups = answers[Binned()], answers[Binned(against="group")]
    assert isinstance(tables, Taken) and isinstance(groups, Taken)
    by_group = groups.calls[0][0].over("bin").cells
    assert by_group == {(level,): n for (table, level), n in tables.calls[0][0].cells.items() if table == "training"}
