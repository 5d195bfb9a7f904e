"""Notices of incidents as drafts: what a law wants said, filled with what is known, and what is missing marked."""

from ombud.documents.incidents.notice import Notice, Said, notice, plain

__all__ = ["Notice", "Said", "notice", "plain"]
