"""Files to copy into a repository or a cluster: they are examples to read, and they run as they are."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from ombud.errors import Misused

TEMPLATES: Final[Mapping[str, str]] = {
    "github": "github-action.yml",
    "github-workflow": "github-workflow.yml",
    "gitlab": "gitlab-ci.yml",
    "kubernetes": "kubernetes.yaml",
}
"""What a template is called → its file."""


def template(name: str) -> str:
    """The text of a template.

    Raises:
        Misused: there is none of that name.
    """
    if name not in TEMPLATES:
        raise Misused(f"there is no template {name!r}", f"Choose from: {', '.join(TEMPLATES)}.")
    return (files("ombud.gates.templates") / TEMPLATES[name]).read_text(encoding="utf-8")
