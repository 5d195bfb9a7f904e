"""Decisions: recorded, replayed, explained, contested, reviewed."""
