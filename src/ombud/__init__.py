"""Ombud keeps machine-learning systems answerable: law in, signed evidence out."""

__version__ = "0.1.0"
