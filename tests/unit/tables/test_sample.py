from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ombud.tables.needs import Role, Rows
from ombud.tables.open import open_frame, open_table
from ombud.tables.roles import Columns
from ombud.tables.take import Data, Sample
from tabled import data, taken

WHOLE = pa.table({"i": list(range(10_000)), "twin": [i % 3 for i in range(10_000)]})


@pytest.fixture(params=["parquet", "csv", "memory"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Data:
    if request.param == "memory":
        table = open_frame(WHOLE, "t")
    elif request.param == "csv":
        WHOLE.to_pandas().to_csv(tmp_path / "t.csv", index=False)
        table = open_table("t.csv", tmp_path)
    else:
        pq.write_table(WHOLE, tmp_path / "t.parquet", row_group_size=1_000)
        table = open_table("t.parquet", tmp_path)
    return Data({"evaluation": table}, Columns({Role.FEATURE: ("twin",)}, "1", "1"))


def drawn(given: Data, **asked: object) -> Sample:
    sample = taken(Rows(**asked), given).calls[0]  # type: ignore[arg-type]
    assert isinstance(sample, Sample)
    return sample


def test_the_same_seed_draws_the_same_rows_and_another_draws_others(opened: Data) -> None:
    first, again, other = (drawn(opened, n=200, seed=seed).numbers(["i"])[:, 0].tolist() for seed in (1, 1, 2))
    assert first == again and len(set(first)) == 200
    assert len(set(first) & set(other)) < 30


def test_no_part_of_the_table_is_preferred(opened: Data) -> None:
    rows = drawn(opened, n=2_000).numbers(["i"])[:, 0]
    tenths = np.histogram(rows, bins=10, range=(0, 10_000))[0]
    assert ((tenths - 200) ** 2 / 200).sum() < 27.9  # chi-square, 9 degrees of freedom, p = 0.001


def test_equal_rows_are_drawn_one_by_one(opened: Data) -> None:
    sample = drawn(opened, n=300, roles=(Role.FEATURE,))
    assert sample.table.column_names == ["twin"] and sample.of == 10_000
    assert np.bincount(sample.numbers(["twin"])[:, 0].astype(int)).min() > 60


def test_a_small_table_is_drawn_whole(opened: Data) -> None:
    assert len(drawn(opened, n=20_000)) == 10_000


def test_numbers_are_float64_with_nan_for_what_is_missing_or_no_number() -> None:
    given = data(roles={}, evaluation={"a": [1, None], "b": [True, False], "c": ["x", "y"], "d": [0.5, float("nan")]})
    rows = drawn(given).numbers(["a", "b", "c", "d"])
    assert rows.dtype == np.float64 and rows.shape == (2, 4)
    assert sorted(map(str, rows.tolist())) == ["[1.0, 1.0, nan, 0.5]", "[nan, 0.0, nan, nan]"]
    assert drawn(given).numbers([]).shape == (2, 0)


def test_levels_are_those_of_the_cubes() -> None:
    given = data(roles={}, evaluation={"a": [1.0, None, float("nan")]})
    assert sorted(map(str, drawn(given).levels("a"))) == ["1", "None", "None"]
