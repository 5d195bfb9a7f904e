"""Open a source of the map by its kind. The kinds are imported only when one is opened."""

from importlib import import_module
from pathlib import Path
from typing import Final

from ombud.errors import Misused
from ombud.rights.map.model import SourceSpec
from ombud.rights.sources.source import Source

KINDS: Final = {
    "sql": "sql",
    "parquet": "parquet",
    "csv": "text",
    "jsonl": "text",
    "delta": "delta",
    "mlflow": "mlflow",
    "http": "http",
    "mail": "manual",
    "manual": "manual",
}
"""Kind of a source → the module in this folder whose `open_source(spec, base)` opens it."""


def open_source(spec: SourceSpec, base: Path) -> Source:
    """Open a source.

    Args:
        spec: as the map describes it; `${env:NAME}` in its address is resolved here and never written down.
        base: the folder that relative paths start from: the map's.

    Raises:
        Misused: a kind that is not known, or a package that is not installed.
        NotFound, Unreadable, StoreFailed: it is away, damaged, or refuses.
    """
    module = KINDS.get(spec.kind)
    if module is None:
        raise Misused(f"sources of kind {spec.kind!r} are not opened", f"Use one of: {', '.join(KINDS)}.")
    opened: Source = import_module(f"ombud.rights.sources.{module}").open_source(spec, base)
    return opened
