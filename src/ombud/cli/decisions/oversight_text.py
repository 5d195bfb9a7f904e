"""Human involvement in words for people: what is on record, the figures, and what they do not say."""

from collections.abc import Iterator

from ombud.decisions.oversight import ALPHA, SMALLEST, NeverDisagreed, looked_at_alone
from ombud.decisions.oversight_record import Overseen
from ombud.statistics.measurement import Measurement


def overseen(done: Overseen, *, private: bool) -> str:
    """A period; private: also the numbers of reviewers who never came to another outcome."""
    return "\n".join((*_conclusion(done), "", *_figures(done), "", *_never(done, private=private), "", *_limits(done)))


def _conclusion(done: Overseen) -> Iterator[str]:
    counted = done.tally
    yield f"{done.system}: {counted.decisions:,} decisions from {done.start:%Y-%m-%d} and before {done.end:%Y-%m-%d}"
    if counted.left_out:
        yield f"{counted.left_out:,} rows of the system's own table are no decisions and were left out"
    words = {"shown": "SHOWN for each of them", "cannot-tell": "CANNOT TELL"}
    alone = counted.decisions - counted.reviews
    lacking = counted.reviews - counted.whole
    usual = (f"NOT SHOWN for {counted.decisions - counted.whole:,} of them: {alone:,} have no person on record, "
             f"in {lacking:,} with a person an element is not on record")  # fmt: skip
    yield f"human involvement: {words.get(done.conclusion, usual)}"
    for one in done.elements:
        mark = "shown" if one.is_shown else "not shown"
        yield f"  {mark}: {one.words}: {one.shown:,} of {one.of:,} reviewed decisions ({one.by})"


def _figures(done: Overseen) -> Iterator[str]:
    titles = {
        "human_share": "decisions with a person on record", "override_rate": "came to another outcome than the model",
        "review_seconds": "usual time of a review (median, seconds)",
        "hasty_share": f"reviews below {done.hasty} seconds",
        "contest_reversal_rate": "reviewed contests that came out otherwise",
    }  # fmt: skip
    for name, title in titles.items():
        yield f"{title}: {_value(done.measurement(name))}"


def _value(one: Measurement) -> str:
    if one.value is None:
        return f"not shown: {one.unknown}"
    if one.name == "review_seconds":
        more = f", {one.counts['untimed']:,} reviews were not timed" if one.counts["untimed"] else ""
        return f"{float(one.value):.0f} ({one.low:.0f} to {one.high:.0f}; {one.n:,} reviews{more})"
    between = (
        f" ({100 * one.low:.1f} to {100 * one.high:.1f} %)" if one.low is not None and one.high is not None else ""
    )
    return f"{100 * float(one.value):.1f} %{between}, {one.counts['some']:,} of {one.counts['all']:,}"


def _never(done: Overseen, *, private: bool) -> Iterator[str]:
    looked = looked_at_alone(done.tally)
    yield (f"{len(done.tally.hands)} reviewers, {looked} with at least {SMALLEST} reviews and as many by others; "
           f"{len(done.never)} of these never came to another outcome")  # fmt: skip
    yield from (f"  {_one(each, private=private)}" for each in done.never)


def _one(one: NeverDisagreed, *, private: bool) -> str:
    who = one.who if private else "somebody"
    rate = 100 * one.others_changed / one.others
    verdict = "chance is no good account of it: ask" if one.stands_out else "chance may account for it"
    return (f"{who}: {one.reviews:,} reviews; at the others' rate ({rate:.1f} %) this has chance {one.chance:.2g}; "
            f"p = {one.p_value:.2g}, corrected, {'<' if one.stands_out else 'not <'} {ALPHA}: {verdict}")  # fmt: skip


def _limits(done: Overseen) -> Iterator[str]:
    yield "What is on record can be shown; that somebody thought is not. Law sets no number for any of these figures."
    yield f"Asked by {'; '.join(done.laws)}."
    yield "The elements are those of 11 CCR § 7001(e); that GDPR Art. 22 asks for them too is our reading (unchecked)."
    yield f"signed and kept: entry {done.entry.index}"
