"""Recourse: the least changes that would have changed a decision, of those a person can make; or that none would."""

from ombud.explain.recourse.answer import Can, Change, Option, Recourse
from ombud.explain.recourse.search import recourse

__all__ = ["Can", "Change", "Option", "Recourse", "recourse"]
