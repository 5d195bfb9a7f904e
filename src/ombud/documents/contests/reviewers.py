"""The notice to reviewers that their reviews are timed: what is measured, what for, and what it is not used for."""

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from ombud.documents.paper import Facts, Heading, Hole, Paper, Part, Points, Say


@frozen(kw_only=True)
class ReviewerNotice:
    """What the notice is made from.

    Attributes:
        organisation: who tells; contact: where to ask; a hole where nobody said.
        system: which system; day: of the notice.
        hasty: a review below so many seconds is counted as short; smallest: nobody with fewer reviews is looked at.
    """

    organisation: str | Hole
    contact: str | Hole
    system: str
    day: date
    hasty: int
    smallest: int


def notice(written: ReviewerNotice) -> Paper:
    """The notice as a paper."""
    author = written.organisation if isinstance(written.organisation, str) else ""
    return Paper(
        title="Your reviews of decisions are timed", kicker=f"Notice to reviewers · {written.system}", day=written.day,
        author=author, parts=tuple(_parts(written)), foot=f"{author or 'Notice'} · {written.system}",
    )  # fmt: skip


def _parts(written: ReviewerNotice) -> Iterator[Part]:
    yield Say(
        f"You review decisions of the system {written.system}. From the day you get this notice, it is measured how "
        "long a review takes. This page says what is kept, what for, and what the figures do not say.", "lead"
    )  # fmt: skip
    yield Facts((("From", written.organisation), ("Questions to", written.contact)), "Who tells you, and whom to ask")
    yield Heading("What is kept")
    yield Points((
        "which decision you reviewed, when, and how long it took: measured from when you began, or as you said it;",
        "what was in front of you;",
        "whether you came to another outcome than the system.",
    ))  # fmt: skip
    yield Say("Reviews from before this notice are not timed: what is known of their length is not evaluated.")
    yield Heading("What for")
    yield Say(
        "Law may ask whether a person really takes part in a decision, or only confirms what a machine says. Over a "
        "period the organisation therefore looks at the usual time of a review, at the share of reviews below "
        f"{written.hasty} seconds, at how often reviewers come to another outcome, and at whether somebody never does."
    )
    yield Heading("What the figures do not say")
    yield Points((
        f"Nobody with fewer than {written.smallest} reviews is looked at by themselves.",
        "Somebody who never disagreed may have had cases that were clear: the figure is a question, no verdict.",
        "In the signed log you appear as a random number in these figures; the link to you can be deleted. Reviews of "
        "contested decisions are signed with your key, and the key has a name.",
    ))  # fmt: skip
    yield Heading("What is still to be settled where you work")
    yield Say(
        "Whether staff or their representatives have to be heard first, on what ground these data are kept, and how "
        "long, is for the organisation to settle and to tell you. This notice does not settle it."
    )
