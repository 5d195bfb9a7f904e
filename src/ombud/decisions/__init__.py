"""Decisions: recorded, replayed, explained, contested, reviewed."""

from ombud.decisions.decision import FAVOURABLE, UNFAVOURABLE, Decision, Human
from ombud.decisions.recorder import Recorder

__all__ = ["FAVOURABLE", "UNFAVOURABLE", "Decision", "Human", "Recorder"]
