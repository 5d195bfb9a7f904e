"""Matters with a clock: what may follow what is a table of data, and a case is what its signed steps add up to."""

from ombud.cases.case import Case, Ignored, Step, fold
from ombud.cases.errors import NotAllowed, Overtaken
from ombud.cases.machine import Guard, Machine, Transition, read_machine
from ombud.cases.steps import case_number, cases_of, open_case, step, the_case

__all__ = [
    "Case", "Guard", "Ignored", "Machine", "NotAllowed", "Overtaken", "Step", "Transition", "case_number", "cases_of",
    "fold", "open_case", "read_machine", "step", "the_case",
]  # fmt: skip
