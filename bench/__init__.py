"""Measured speed, each figure beside its target and, where there is one, its peer in the same run."""
