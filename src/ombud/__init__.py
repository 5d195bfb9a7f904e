"""Ombud keeps machine-learning systems answerable: law in, signed evidence out."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ombud.living import May, exclude, may_decide, require_release

__version__ = "0.1.0"
__all__ = ["May", "__version__", "exclude", "may_decide", "require_release"]


def __getattr__(name: str) -> Any:
    """What a program asks of Ombud, loaded when it is first asked, so that `import ombud` stays quick."""
    if name not in ("May", "exclude", "may_decide", "require_release"):
        raise AttributeError(f"module 'ombud' has no attribute {name!r}")
    from ombud import living

    found = getattr(living, name)
    globals()[name] = found
    return found
