"""Who is bound by what, on which day, by what was published when."""

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.errors import NotFound
from ombud.law.load import read_pack
from ombud.law.pack import Pack
from ombud.law.view import Applicability

CASES = Path(__file__).parents[2] / "cases" / "law"
SMALL = read_pack([CASES / "small.yaml"])
PROVIDER = {"jurisdiction": frozenset({"EU"}), "role": frozenset({"provider"})}
NEW_SYSTEM = PROVIDER | {"in_use_since": frozenset({"2028-01-01"})}
OLD_SYSTEM = PROVIDER | {"in_use_since": frozenset({"2026-11-01"})}


def day(written: str) -> date:
    return date.fromisoformat(written)


def asked(id: str, as_of: str, known_at: str, facts=PROVIDER, pack: Pack = SMALL) -> Applicability:
    view = pack.view(day(as_of), day(known_at))
    return view.applies(view.requirement(id), facts)


def test_before_a_deferral_is_published_the_old_date_stands() -> None:
    answer = asked("SMALL.1", "2026-08-03", "2026-07-01")
    assert answer.applies == "yes"
    assert answer.because == "in force since 2026-08-02 (Small Law 2024); jurisdiction is EU; role is provider"


def test_a_deferral_acts_from_its_publication_on() -> None:
    answer = asked("SMALL.1", "2026-08-03", "2026-07-28", NEW_SYSTEM)
    assert (answer.applies, answer.upcoming, answer.bites_from) == ("no", True, day("2027-12-02"))
    assert "Putting Off Act 2026" in answer.because


def test_the_first_day_of_a_period_counts_and_the_day_before_does_not() -> None:
    assert asked("SMALL.1", "2027-12-01", "2027-01-01", NEW_SYSTEM).applies == "no"
    assert asked("SMALL.1", "2027-12-02", "2027-01-01", NEW_SYSTEM).applies == "yes"


def test_a_system_already_in_use_is_bound_only_once_its_design_has_changed() -> None:
    never = OLD_SYSTEM | {"design_changed": frozenset({"never"})}
    answer = asked("SMALL.1", "2028-01-01", "2027-01-01", never)
    assert answer.applies == "no"
    assert "bound only if its design changes significantly" in answer.because
    before = OLD_SYSTEM | {"design_changed": frozenset({"2027-12-01"})}
    assert asked("SMALL.1", "2028-01-01", "2027-01-01", before).applies == "no"
    since = OLD_SYSTEM | {"design_changed": frozenset({"2027-12-02"})}
    assert asked("SMALL.1", "2028-01-01", "2027-01-01", since).applies == "yes"


def test_a_design_change_planned_for_later_binds_from_then_on_only() -> None:
    planned = OLD_SYSTEM | {"design_changed": frozenset({"2028-06-01"})}
    assert asked("SMALL.1", "2028-05-31", "2027-01-01", planned).applies == "no"
    assert asked("SMALL.1", "2028-06-01", "2027-01-01", planned).applies == "yes"


def test_without_the_date_of_first_use_nobody_can_tell() -> None:
    answer = asked("SMALL.1", "2027-12-02", "2027-01-01")
    assert (answer.applies, answer.missing_facts) == ("cannot tell", ("in_use_since",))


def test_before_the_date_it_is_no_and_says_what_would_have_to_be_declared() -> None:
    answer = asked("SMALL.1", "2027-12-01", "2027-01-01")
    assert (answer.applies, answer.upcoming, answer.missing_facts) == ("no", True, ("in_use_since",))
    assert answer.because.startswith("may bind from 2027-12-02")


def test_an_amendment_leaves_the_old_words_in_force_until_its_own_date() -> None:
    def words(as_of: str) -> tuple[str, str]:
        requirement = SMALL.view(day(as_of), day("2026-11-23")).requirement("SMALL.2")
        return requirement.text, requirement.instrument

    assert words("2026-07-20") == ("Old words.", "Small Law 2024")
    assert words("2026-07-21") == ("New words.", "Rewording Act 2026")
    assert asked("SMALL.2", "2026-07-20", "2026-11-23").applies == "yes"


def test_a_limit_counts_from_its_day_on_and_is_exact() -> None:
    assert SMALL.view(day("2025-05-31"), day("2026-01-01")).requirement("SMALL.2").limits == ()
    (limit,) = SMALL.view(day("2025-06-01"), day("2026-01-01")).requirement("SMALL.2").limits
    assert limit.value == Fraction(4, 5)


def test_what_was_repealed_applies_to_the_day_before() -> None:
    assert asked("SMALL.3", "2026-04-16", "2026-11-23").applies == "yes"
    answer = asked("SMALL.3", "2026-04-17", "2026-11-23")
    assert (answer.applies, answer.because) == ("no", "repealed (New Guidance)")


def test_a_repeal_not_yet_published_changes_nothing() -> None:
    assert asked("SMALL.3", "2026-04-17", "2026-04-16").applies == "yes"


def test_a_proposal_never_changes_anything() -> None:
    view = SMALL.view(day("2026-11-23"), day("2026-11-23"))
    (value,) = view.requirement("SMALL.4").values
    assert value.on(day("2026-11-23")) == 72
    assert [(one.id, one.version.instrument) for one in view.proposals] == [("SMALL.4", "Bill 837")]


def test_a_law_that_never_applied_binds_nobody_once_that_is_known() -> None:
    assert asked("SMALL.5", "2026-07-01", "2026-05-13").applies == "yes"
    answer = asked("SMALL.5", "2026-07-01", "2026-05-14")
    assert (answer.applies, answer.because) == ("no", "never applied (Second Act)")


def test_what_formally_applies_but_can_bind_nobody_yet_is_upcoming() -> None:
    answer = asked("SMALL.6", "2026-11-23", "2026-11-23")
    assert (answer.applies, answer.upcoming, answer.bites_from) == ("no", True, day("2027-12-02"))


def test_a_version_without_a_publication_date_is_known_from_the_day_it_applies() -> None:
    with pytest.raises(NotFound):
        SMALL.view(day("2026-08-01"), day("2026-08-01")).requirement("SMALL.6")
    assert SMALL.view(day("2026-08-02"), day("2026-08-02")).requirement("SMALL.6").published is None


def test_what_was_not_published_is_not_listed() -> None:
    ids = {requirement.id for requirement in SMALL.view(day("2024-07-11"), day("2024-07-11")).requirements}
    assert ids == {"SMALL.3", "SMALL.5"}


def test_a_context_row_is_listed_and_marked() -> None:
    requirement = SMALL.view(day("2026-01-01"), day("2026-01-01")).requirement("SMALL.7")
    assert requirement.context
    assert requirement.shown_by is None


def test_an_unknown_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as error:
        SMALL.view(day("2026-01-01"), day("2026-01-01")).requirement("SMAL.1")
    assert "Did you mean SMALL.1?" in error.value.next_step


def test_rows_are_shown_as_not_yet_read_and_unless_compared_as_unchecked() -> None:
    view = SMALL.view(day("2026-11-23"), day("2026-11-23"))
    assert view.requirement("SMALL.1").certainty_words == "not yet read"
    assert view.requirement("SMALL.2").certainty_words == "not yet read, unchecked"
    assert view.requirement("SMALL.5").certainty_words == "not yet read, unchecked"


def test_a_version_that_the_pack_took_in_later_can_be_left_out() -> None:
    then = SMALL.view(day("2026-08-03"), day("2026-08-03"), held_at=day("2025-12-31"))
    assert then.requirements == ()


days = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@given(as_of=days, known_at=days, later=st.integers(0, 900))
def test_what_is_published_later_never_changes_what_was_known(as_of: date, known_at: date, later: int) -> None:
    earlier_pack = Pack(
        tuple(
            type(row)(
                id=row.id, framework=row.framework, framework_title=row.framework_title,
                versions=tuple(v for v in row.versions if v.known_from <= known_at + timedelta(days=later)),
            )
            for row in SMALL.rows
        )
    )  # fmt: skip
    assert SMALL.view(as_of, known_at).requirements == earlier_pack.view(as_of, known_at).requirements


@given(as_of=days, known_at=days)
def test_what_is_upcoming_binds_on_the_day_it_names_if_nothing_is_published_meanwhile(as_of, known_at) -> None:
    for answer in SMALL.view(as_of, known_at).applicability(NEW_SYSTEM):
        if answer.upcoming and not answer.missing_facts:
            then = SMALL.view(answer.bites_from, known_at)
            assert then.applies(then.requirement(answer.requirement.id), NEW_SYSTEM).applies == "yes"


@given(as_of=days, known_at=days)
def test_yes_and_cannot_tell_are_never_upcoming_and_missing_facts_are_named(as_of, known_at) -> None:
    for answer in SMALL.view(as_of, known_at).applicability({"jurisdiction": frozenset({"EU"})}):
        assert not (answer.applies != "no" and answer.upcoming)
        assert (answer.applies != "cannot tell") or answer.missing_facts
        assert answer.because
