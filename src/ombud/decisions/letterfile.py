"""What only the organisation can say in letters about decisions: `letters.yaml` beside the system's manifest.

Whatever it leaves out is a hole that can be seen in the letter, and a letter with a hole is not served.
"""

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from ombud.system.border import Border, understand
from ombud.system.secrets import refuse_secrets
from ombud.system.words import Mapped, Several, Text
from ombud.system.yaml_lines import read_yaml

NAME: Final = "letters.yaml"


class FromInput(Border):
    """A value of this person's: the input of that name, as it was recorded with the decision."""

    input: Text


class CreditorFile(Border):
    """The creditor, where it is not the organisation that writes."""

    name: Text | None = None
    address: Annotated[list[Text], Several] = Field(default_factory=list)


class EqualCreditFile(Border):
    """The notice of equal credit opportunity in the regulation's own words, and the agency that supervises it."""

    notice: Text | None = None
    agency: Annotated[list[Text], Several] = Field(default_factory=list)


class ReportFile(Border):
    """The consumer report and the score in it."""

    agency: Text | None = None
    address: Annotated[list[Text], Several] = Field(default_factory=list)
    score: FromInput | None = None
    range: Text | None = None
    date: FromInput | None = None
    key_factors: Annotated[list[FromInput], Several] = Field(default_factory=list, max_length=5)


class LettersFile(Border):
    """All of it; labels: feature → what it is called in a letter."""

    creditor: Annotated[CreditorFile, Mapped] = Field(default_factory=CreditorFile)
    equal_credit: Annotated[EqualCreditFile, Mapped] = Field(default_factory=EqualCreditFile)
    consumer_report: Annotated[ReportFile, Mapped] = Field(default_factory=ReportFile)
    significance: Text | None = None
    consequences: Text | None = None
    role: Text | None = None
    labels: Annotated[dict[Text, Text], Mapped] = Field(default_factory=dict)


def read_letters(manifest: Path) -> LettersFile:
    """The file beside a manifest; an empty one where there is none.

    Raises:
        Invalid: the first mistake, with its line.
    """
    path = manifest.parent / NAME
    if not path.exists():
        return LettersFile()
    written = read_yaml(path)
    refuse_secrets(written)
    return understand(LettersFile, written)
