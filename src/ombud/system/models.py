"""Open a model without running code from its file, and ask it for scores, margins and contributions."""

from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
from attrs import define, frozen
from numpy.typing import NDArray

from ombud.errors import OmbudError, Unreadable
from ombud.system.artifact import Refused, inspect_bytes, read_once
from ombud.system.forest import Forest
from ombud.system.formats import Recognised
from ombud.system.lightgbm_format import LightGBMTrees, lightgbm_forest, write_lightgbm
from ombud.system.trees import NotSupported
from ombud.system.xgboost_format import XGBoostLinear, XGBoostTrees, write_xgboost, xgboost_forest
from ombud.tables.answers import Sample

Floats = NDArray[np.float64]
_CONVERT: Final = (
    "Save a copy as XGBoost JSON or LightGBM text, or check without a model: a table of decisions is enough."
)


class Model(Protocol):
    """A binary classifier whose output is the probability of one outcome.

    Rows are a 2-D float64 array, n × d, columns in the order of `features`; NaN is missing.
    """

    @property
    def format(self) -> str: ...

    @property
    def digest(self) -> str:
        """SHA-256 of the file's bytes."""

    @property
    def features(self) -> tuple[str, ...]: ...

    def __hash__(self) -> int:
        """Of the object: a model is itself and no other."""

    def predict(self, rows: Floats) -> Floats:
        """Scores in [0, 1], shape n."""

    def margin(self, rows: Floats) -> Floats:
        """The sum that the score is made from, in log-odds (LightGBM: log-odds / sigmoid), shape n."""

    def contributions(self, rows: Floats) -> Floats:
        """The library's own Shapley values in units of the margin, n × (d + 1); the last is the base.

        Trees: over the paths of its trees. Linear: weight · value, so a mean of 0 is what each is compared with.
        """


@define
class LibraryMissing(OmbudError):
    """The library that reads this format cannot be used on this machine."""

    format: str
    library: str
    problem: str
    next_step: str

    def __str__(self) -> str:
        return f"a {self.format} model needs {self.library}, which {self.problem}"


def open_model(path: Path | str) -> Model:
    """Open a model file: its bytes are read once, hashed, validated, and only what was validated is loaded.

    Raises:
        NotFound, Unreadable: no file, not a file, too large.
        Refused: a format that can carry code, or a model that is not sound.
        NotSupported: a sound model of a kind that Ombud cannot work with (yet).
        LibraryMissing: xgboost or lightgbm is not installed, or cannot start.
    """
    data = read_once(path)
    facts, found = inspect_bytes(Path(path).name, data)
    if not facts.safe:
        raise Refused(facts.name, "; ".join(facts.findings[:3]))
    return _opened(facts.name, facts.digest, found)


def _opened(name: str, digest: str, found: Recognised) -> Model:
    if found.unsupported is not None:
        raise found.unsupported
    if isinstance(found.parsed, XGBoostTrees):
        return XGBoostModel(found.format, digest, found.parsed.features, _start_xgboost(found), found.parsed)
    if isinstance(found.parsed, XGBoostLinear):
        return XGBoostLinearModel(found.format, digest, found.parsed.features, _start_xgboost(found), found.parsed)
    if isinstance(found.parsed, LightGBMTrees):
        return LightGBMModel(found.format, digest, found.parsed.features, _start_lightgbm(found), found.parsed)
    raise NotSupported(name, f"{found.format} is recognised and hashed, but cannot be opened yet", _CONVERT)


def _start_xgboost(found: Recognised) -> Any:
    try:
        import xgboost
    except Exception as problem:  # a library that cannot start raises its own errors
        raise LibraryMissing(found.format, "xgboost", _why(problem), "Run: pip install 'ombud[xgboost]'") from None
    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(write_xgboost(found.parsed)))
    except xgboost.core.XGBoostError as problem:
        raise Refused("XGBoost model", f"the library does not take it ({_first_line(problem)})") from None
    return booster


def _start_lightgbm(found: Recognised) -> Any:
    try:
        import lightgbm
    except Exception as problem:  # OSError where libgomp.so.1 is not there
        hint = "Run: pip install 'ombud[lightgbm]', and install the system package libgomp1."
        raise LibraryMissing(found.format, "lightgbm", _why(problem), hint) from None
    try:
        return lightgbm.Booster(model_str=write_lightgbm(found.parsed))
    except lightgbm.basic.LightGBMError as problem:
        raise Refused("LightGBM model", f"the library does not take it ({_first_line(problem)})") from None


def _why(problem: Exception) -> str:
    missing = isinstance(problem, ModuleNotFoundError)
    return "is not installed" if missing else f"cannot start here ({_first_line(problem)})"


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [""])[0][:160]


@frozen(eq=False)
class _XGBoost:
    """What trees and linear models have in common: the library answers."""

    format: str
    digest: str
    features: tuple[str, ...]
    _booster: Any
    _parsed: XGBoostTrees | XGBoostLinear

    def predict(self, rows: Floats) -> Floats:
        return _finite(self._ask(rows))

    def margin(self, rows: Floats) -> Floats:
        return _finite(self._ask(rows, output_margin=True))

    def contributions(self, rows: Floats) -> Floats:
        return _finite(self._ask(rows, pred_contribs=True))

    def _ask(self, rows: Floats, **how: bool) -> Any:
        import xgboost

        return self._booster.predict(xgboost.DMatrix(_checked(rows, self.features), missing=np.nan), **how)


@frozen(eq=False)
class XGBoostModel(_XGBoost):
    """A model read from XGBoost JSON or UBJSON; all its trees are used."""

    @property
    def forest(self) -> Forest:
        """Its trees as arrays."""
        assert isinstance(self._parsed, XGBoostTrees)
        return xgboost_forest(self._parsed)


@frozen(eq=False)
class XGBoostLinearModel(_XGBoost):
    """A linear model (booster gblinear) read from XGBoost JSON or UBJSON; a missing value adds nothing."""

    @property
    def weights(self) -> Floats:
        """A weight for each feature, in margin units each unit of it (shape: d)."""
        assert isinstance(self._parsed, XGBoostLinear)
        return self._parsed.weights.astype(np.float64)

    @property
    def intercept(self) -> float:
        """The margin of a row of zeros."""
        assert isinstance(self._parsed, XGBoostLinear)
        prior = self._parsed.base_score
        return float(self._parsed.bias) + float(np.log(prior / (1 - prior)))


@frozen(eq=False)
class LightGBMModel:
    """A model read from LightGBM text; all its trees are used."""

    format: str
    digest: str
    features: tuple[str, ...]
    _booster: Any
    _parsed: LightGBMTrees

    @property
    def forest(self) -> Forest:
        """Its trees as arrays.

        Raises:
            NotSupported: zeros were trained as missing values.
        """
        return lightgbm_forest(self._parsed)

    def predict(self, rows: Floats) -> Floats:
        return _finite(self._booster.predict(_checked(rows, self.features)))

    def margin(self, rows: Floats) -> Floats:
        return _finite(self._booster.predict(_checked(rows, self.features), raw_score=True))

    def contributions(self, rows: Floats) -> Floats:
        return _finite(self._booster.predict(_checked(rows, self.features), pred_contrib=True))


def _checked(rows: Floats, features: tuple[str, ...]) -> Floats:
    if rows.ndim != 2 or rows.shape[1] != len(features):
        raise Unreadable("rows for the model", f"shape {rows.shape} does not fit {len(features)} features")
    infinite = np.flatnonzero(np.isinf(rows).any(axis=0))
    if infinite.size:
        names = ", ".join(features[at] for at in infinite)
        raise Unreadable("rows for the model", f"infinite values in {names}", "Set them to missing in the table.")
    return np.ascontiguousarray(rows, np.float64)


def _finite(answer: Any) -> Floats:
    numbers = np.asarray(answer, np.float64)
    if not np.isfinite(numbers).all():
        raise Unreadable("model", "it answers with values that are not finite", "Check the file: its leaves overflow.")
    return numbers


def matrix(features: tuple[str, ...], sample: Sample) -> Floats:
    """The model's input from a sample of rows, in the model's own order.

    Returns:
        Array n × d; NaN is missing.

    Raises:
        Unreadable: a feature is not among the columns, or holds text. Every such name is given; none is guessed.
    """
    types = {field.name: field.type for field in sample.table.schema}
    missing = [name for name in features if name not in types]
    if missing:
        raise Unreadable(
            f"{sample.what} table",
            f"has no column {', '.join(map(repr, missing))}, which the model takes",
            "Add the column as the model was trained on it; no other column is taken in its place.",
        )
    text = [name for name in features if not is_numeric(types[name])]
    if text:
        raise Unreadable(
            f"{sample.what} table",
            f"{', '.join(map(repr, text))} holds no numbers, and the model takes numbers",
            "Store the column as the model sees it (coded, or one column a level).",
        )
    return sample.numbers(features)


def is_numeric(kind: pa.DataType) -> bool:
    """Whether a column of this Arrow type can go into a model as it is."""
    types = pa.types
    return any(test(kind) for test in (types.is_integer, types.is_floating, types.is_decimal, types.is_boolean))
