"""One decision of a LightGBM model with 200 trees and 20 features: its reasons, and the least changes that turn it.

Run: python -m bench.recourse [refusals]. Targets: reasons under 20 ms, exact recourse of up to two changes under
300 ms, a bounded answer beyond under 5 s; the share of questions answered to the end is printed. DiCE, the peer, is
measured on the same refusals in the same run where a Python that has it is named in OMBUD_BENCH_DICE; it keeps older
libraries than Ombud does, so it needs an environment of its own: pip install dice-ml lightgbm 'pandas<3'.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from ombud.decisions.population import Explainer
from ombud.explain.recourse import Can, Recourse, recourse
from ombud.explain.recourse.levers import spreads
from ombud.system.models import Model, open_model

Floats = NDArray[np.float64]
PEOPLE, FEATURES, TREES, THRESHOLD = 20_000, 20, 200, 0.5
NAMES = [f"x{at}" for at in range(FEATURES)]


def trained(folder: Path) -> tuple[Model, Floats]:
    """A model of 200 trees with 31 leaves, and the people it learned from: five whole numbers, fifteen others."""
    random = np.random.default_rng(0)
    rows = random.normal(size=(PEOPLE, FEATURES))
    rows[:, :5] = np.round(rows[:, :5] * 3)
    wish = rows @ random.normal(size=FEATURES) + rows[:, 0] * rows[:, 1] * 0.3 + np.sin(rows[:, 2]) * 2
    label = (wish + random.normal(size=PEOPLE) * 2 > np.quantile(wish, 0.4)).astype(float)
    how = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.05, "verbose": -1, "seed": 1}
    booster = lightgbm.train(how, lightgbm.Dataset(rows, label, feature_name=NAMES), TREES)
    (folder / "model.txt").write_text(booster.model_to_string(), encoding="utf-8")
    return open_model(folder / "model.txt"), rows


def main(refusals: int) -> None:
    """Print what was reached."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model, rows = trained(folder)
        score = model.predict(rows)
        refused = rows[np.flatnonzero(score < THRESHOLD)[:refusals]]
        print(f"{TREES} trees, {FEATURES} features, {len(refused)} refusals at the threshold {THRESHOLD}")
        _reasons(model, rows, score, refused)
        everything = [Can(feature=one) for one in NAMES]
        some = [Can(feature=one, direction="up") for one in NAMES[10:16]]
        recourse(
            model, refused[0], threshold=THRESHOLD, can=everything, observed=rows[:2000]
        )  # the boxes, once a model
        _searched("exact, 20 free", model, rows, refused, everything, 0, 300)
        _searched("exact, 6 free, up only", model, rows, refused, some, 0, 300)
        _searched("and beyond two", model, rows, refused, some, 4_000, 5_000)
        _dice(folder, model, rows, refused[: min(10, len(refused))])


def _timed(call: Callable[[Floats], Any], rows: Sequence[Floats]) -> tuple[list[Any], Floats]:
    found, times = [], []
    for row in rows:
        begun = time.perf_counter()
        found.append(call(row))
        times.append((time.perf_counter() - begun) * 1e3)
    return found, np.array(times)


def _line(what: str, times: Floats, target: float, more: str = "") -> None:
    middle, high = np.quantile(times, [0.5, 0.95])
    against = [] if np.isnan(target) else [f"target {target:g} ms"]
    said = f"{what:<24} median {middle:8.1f} ms   95 % {high:8.1f} ms   most {times.max():8.1f} ms"
    print("   ".join([said, *against, *([more] if more else [])]), flush=True)


def _reasons(model: Model, rows: Floats, score: Floats, refused: Floats) -> None:
    """Points against 2,000 people's approved, and whether they hold in 40 random halves: what a letter needs."""
    raw = model.contributions(rows[:2000])[:, :-1]
    approved = score[:2000] >= THRESHOLD
    random, base = np.random.default_rng(0), np.flatnonzero(approved)
    halves = np.array([raw[random.choice(base, len(base) // 2, replace=False)].mean(axis=0) for _ in range(40)])
    explainer = Explainer(
        model=model, groups={one: (one,) for one in NAMES}, mean=raw[approved].mean(axis=0),
        margin=float(model.margin(rows[:2000])[approved].mean()), halves=halves, sensitive={}, seen=rows[:2000],
        approved=int(approved.sum()), people=2000, of=PEOPLE, table="", sign=1.0, notes=(),
    )  # fmt: skip
    wording = {one: f"Your {one}" for one in NAMES}
    _, times = _timed(lambda row: explainer.reasons(row[None], wording), refused)
    _line("reasons", times, 20)


def _searched(
    what: str, model: Model, rows: Floats, refused: Floats, can: Sequence[Can], boxes: int, target: float
) -> None:
    def asked(row: Floats) -> Recourse:
        return recourse(model, row, threshold=THRESHOLD, can=can, observed=rows[:2000], more_boxes=boxes)

    found, times = _timed(asked, refused)
    said = Counter(f"{one.proved}{f' within {one.within}' if one.within else ''}" for one in found)
    closed = sum(one.closed for one in found) / len(found)
    _line(what, times, target, f"closed {closed:.0%}: " + ", ".join(f"{name} {n}" for name, n in said.most_common()))


# --- the peer ---------------------------------------------------------------------------------------------------------

PEER = """\
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import dice_ml, lightgbm, numpy as np, pandas as pd
folder, names = sys.argv[1], json.loads(sys.argv[2])
rows, refused = np.load(folder + "/rows.npy"), np.load(folder + "/refused.npy")
booster = lightgbm.Booster(model_file=folder + "/model.txt")
class Wrapped:
    def predict_proba(self, x):
        p = booster.predict(np.asarray(x, float)); return np.column_stack([1 - p, p])
    def predict(self, x):
        return (self.predict_proba(x)[:, 1] >= 0.5).astype(int)
frame = pd.DataFrame(rows, columns=names); frame["y"] = Wrapped().predict(rows)
data = dice_ml.Data(dataframe=frame, continuous_features=names, outcome_name="y")
for method in ("random", "genetic"):
    made = dice_ml.Dice(data, dice_ml.Model(model=Wrapped(), backend="sklearn"), method=method)
    out, times = [], []
    for row in refused:
        begun = time.perf_counter()
        try:
            got = made.generate_counterfactuals(pd.DataFrame([row], columns=names), total_CFs=1, desired_class=1)
            after = got.cf_examples_list[0].final_cfs_df[names].to_numpy(float)[0].tolist()
        except Exception:
            after = None
        times.append((time.perf_counter() - begun) * 1e3); out.append(after)
    print(json.dumps({"method": method, "after": out, "ms": times}), flush=True)
"""


def _dice(folder: Path, model: Model, rows: Floats, refused: Floats) -> None:
    """The same refusals asked of DiCE: whether the model agrees, the cost in our unit, how many changes, how long."""
    python = os.environ.get("OMBUD_BENCH_DICE")
    if not python:
        print("DiCE                     not measured: no Python that has it is named in OMBUD_BENCH_DICE")
        return
    np.save(folder / "rows.npy", rows[:2000])
    np.save(folder / "refused.npy", refused)
    asked = subprocess.run(
        [python, "-c", PEER, str(folder), json.dumps(NAMES)], capture_output=True, text=True, check=False
    )
    ours = [recourse(model, row, threshold=THRESHOLD, can=[Can(feature=one) for one in NAMES], observed=rows[:2000])
            for row in refused]  # fmt: skip
    least = [one.found[0].cost if one.found else np.nan for one in ours]
    valid, most = np.mean(np.isfinite(least)), max(one.found[0].count for one in ours if one.found)
    print(
        f"{'ours, same refusals':<24} valid {valid:.0%}   cost, median {np.nanmedian(least):.2f}   changes, most {most}"
    )
    for line in asked.stdout.splitlines():
        _peer(SimpleNamespace(**json.loads(line)), model, rows, refused)
    if asked.returncode:
        print(f"DiCE                     failed: {asked.stderr.strip().splitlines()[-1][:160]}")


def _peer(told: Any, model: Model, rows: Floats, refused: Floats) -> None:
    valid, costs, changes = [], [], []
    for row, after in zip(refused, told.after, strict=True):
        if after is None:
            valid.append(False)
            continue
        moved = np.array(after)
        valid.append(bool(model.predict(moved[None])[0] >= THRESHOLD))
        costs.append(float((np.abs(moved - row) / spreads(rows[:2000], row)).sum()))
        changes.append(int((np.abs(moved - row) > 1e-9).sum()))
    middle = (
        f"cost, median {np.median(costs):.2f}   changes, median {np.median(changes):.0f}" if costs else "none found"
    )
    _line(f"DiCE, {told.method}", np.array(told.ms), np.nan, f"valid {np.mean(valid):.0%}   {middle}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
