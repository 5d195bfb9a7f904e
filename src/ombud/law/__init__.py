"""The law as data: requirements with their history, who they bind and when, the clocks they start, and what changed."""

from ombud.law.load import load_pack
from ombud.law.model import Requirement
from ombud.law.pack import Pack
from ombud.law.view import Applicability, LawView
from ombud.law.vocabulary import Facts

__all__ = ["Applicability", "Facts", "LawView", "Pack", "Requirement", "load_pack"]
