"""The first sentence of a monitoring report: no figure that is not in the report, and silence is no good news."""

from datetime import UTC, datetime

import pytest
from attrs import evolve

from ombud.documents.monitoring.facts import Alarm, ReportInput
from ombud.documents.monitoring.headline import alarm_said, headline, sureness
from watched import START, watched

SINCE, RAISED = datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 5, 4, tzinfo=UTC)


def alarm(series: str, **more: object) -> Alarm:
    return Alarm(**{"series": series, "since": SINCE, "raised": RAISED, "value": 0.4, "low": 0.3, "high": 0.5,
                    "n": 500, "was": 0.5} | more)  # type: ignore[arg-type]  # fmt: skip


def test_what_happens_to_a_group_of_people_is_said_first() -> None:
    said = headline(watched())
    assert said.startswith("People of group “black” (race) are selected .690 times as often as the group they")
    assert said.endswith("since about 2026-03-23 (alarm raised 2026-05-04), and 1 more alarm below.")


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (alarm("selection_rate[race=black]"), "People of group “black” (race) are selected in 40.0 % of decisions"),
        (alarm("psi[income]", about="bins 1 to 3"), "of “income”, bins 1 to 3 hold 40.0 % of decisions"),
        (alarm("missing[debt]"), "“debt”: share missing 40.0 %"),
        (alarm("override_rate"), "People change 40.0 % of decisions"),
        (alarm("gap_hours"), "40.0 % of the hours in which decisions are usual had none"),
        (alarm("auc"), "The area under the ROC curve is .400"),
        (alarm("cbpe_accuracy", estimate=True), "accuracy, estimated is 40.0 % (interval 30.0 % to 50.0 %), estimated"),
        (alarm("something_new[x]"), "The something new of “x” is 0.4"),
        (alarm("impact_ratio[race=black]", bound=0.8, was=None), "below the limit .800"),
        (alarm("auc", value=None), "too few people to show a figure"),
    ],
)
def test_each_kind_of_alarm_has_its_sentence(one: Alarm, said: str) -> None:
    assert said in alarm_said(one)


def test_no_alarm_is_said_with_how_long_was_looked() -> None:
    report = evolve(watched(), alarms=())
    assert headline(report) == "No alarm is open after 104 weeks."
    assert "No alarm is no proof that nothing changed." in sureness(report)


def test_closed_alarms_are_counted_and_not_headlines() -> None:
    report = watched(alarms=(alarm("auc", open=False),))
    assert headline(report) == "No alarm is open after 104 weeks; 1 earlier alarm closed."


def test_a_rate_that_nobody_stated_is_not_made_up() -> None:
    report = watched()
    report = evolve(report, settings=evolve(report.settings, false_alarm_rate=None))
    assert sureness(report) == "How often an alarm would be false was not stated."


def test_nothing_monitored_is_said() -> None:
    empty = ReportInput(system="loans", purpose="", as_of=START.date(), series={})
    assert headline(empty) == "Nothing has been monitored yet."
