"""A person's copy of their data: to read (GDPR Art. 15) and for machines (Art. 20). See `copy.Copy`."""

from ombud.documents.rights.access.copy import Copy, Field, Held, Logic
from ombud.documents.rights.access.portable import portable_files
from ombud.documents.rights.access.readable import readable_copy

__all__ = ["Copy", "Field", "Held", "Logic", "portable_files", "readable_copy"]
