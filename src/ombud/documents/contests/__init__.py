"""Letters about contested decisions, and the notice to those who review them. See `letter` and `reviewers`."""

from ombud.documents.contests.letter import LETTERS, Outcome, letter
from ombud.documents.contests.reviewers import ReviewerNotice, notice

__all__ = ["LETTERS", "Outcome", "ReviewerNotice", "letter", "notice"]
