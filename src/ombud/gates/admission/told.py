"""What the webhook tells Prometheus: which releases are revoked, what is alarming, and what it answered."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from attrs import define, field

from ombud.gates.admit import Answer
from ombud.gates.lookup import Known
from ombud.living.released import State

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 1.0)
"""Upper bounds of the histogram of answering times, in seconds."""


@define(eq=False)
class Told:
    """Counts since the start of the process."""

    answers: Counter[tuple[str, str, str]] = field(factory=Counter)
    within: Counter[float] = field(factory=Counter)
    seconds: float = 0.0
    requests: int = 0

    def answered(self, answer: Answer, dry_run: bool) -> None:
        """Count an answer."""
        self.answers[answer.how, str(answer.allowed).lower(), str(dry_run).lower()] += 1

    def took(self, seconds: float) -> None:
        """Count how long answering took."""
        self.requests += 1
        self.seconds += seconds
        for bound in BOUNDS:
            self.within[bound] += seconds <= bound

    def text(self, known: Known | None, now: str) -> str:
        """Everything in Prometheus' text format."""
        return "\n".join([*_releases(known, now), *self._answers(), *self._times(), ""])

    def _answers(self) -> Iterator[str]:
        yield "# HELP ombud_webhook_answers_total Answers by how they came about."
        yield "# TYPE ombud_webhook_answers_total counter"
        for (how, allowed, dry_run), count in sorted(self.answers.items()):
            yield f'ombud_webhook_answers_total{{how="{how}",allowed="{allowed}",dry_run="{dry_run}"}} {count}'

    def _times(self) -> Iterator[str]:
        yield "# HELP ombud_webhook_seconds Time from a request that has arrived to its answer."
        yield "# TYPE ombud_webhook_seconds histogram"
        for bound in BOUNDS:
            yield f'ombud_webhook_seconds_bucket{{le="{bound:g}"}} {self.within[bound]}'
        yield f'ombud_webhook_seconds_bucket{{le="+Inf"}} {self.requests}'
        yield f"ombud_webhook_seconds_sum {self.seconds:.6f}"
        yield f"ombud_webhook_seconds_count {self.requests}"


def _releases(known: Known | None, now: str) -> Iterator[str]:
    yield "# HELP ombud_store_away 1 while the log cannot be read and nothing new is let in."
    yield "# TYPE ombud_store_away gauge"
    yield f"ombud_store_away {int(known is None or bool(known.away))}"
    yield "# HELP ombud_release_revoked 1 if the release is revoked: whatever still serves it has to be stopped."
    yield "# TYPE ombud_release_revoked gauge"
    of = known.releases.of if known else ()
    for one in of:
        labels = f'{{system="{_quoted(one.system)}",release="{_quoted(one.release)}"}}'
        yield f"ombud_release_revoked{labels} {int(one.state(now) is State.REVOKED)}"
    yield "# HELP ombud_release_alarms What would stop the running release if it were new."
    yield "# TYPE ombud_release_alarms gauge"
    for one in of:
        if one.current:
            labels = f'{{system="{_quoted(one.system)}",release="{_quoted(one.release)}"}}'
            yield f"ombud_release_alarms{labels} {len(one.grace)}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
