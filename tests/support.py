"""Shared by tests: optional parts are skipped with the reason on a user's machine, and are required in CI."""

import importlib
import os
from types import ModuleType

import pytest


def needs(module: str) -> ModuleType:
    """Import an optional part, or skip the test and say why; in CI its absence is a failure."""
    try:
        return importlib.import_module(module)
    except ImportError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"{module} is not installed")
