"""Running checks: every way in which a need or a check can fail is a reason to be unknown, never silence."""

from collections.abc import Iterator

from ombud.checks.check import Check
from ombud.errors import Misused
from ombud.release.measure import Answers, fitting, run
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement
from ombud.tables.answers import Taken, Unmet
from ombud.tables.needs import Binned, Counts, Model

RACE = Cube(("group", "decision"), {("a", "favourable"): 3, ("b", "favourable"): 2}, "race")
SEX = Cube(("group", "decision"), {("f", "favourable"): 1, ("m", "favourable"): 4}, "sex")
TWO = Taken((RACE, SEX), (), 7)


def counted(counts: Cube) -> Iterator[Measurement]:
    yield Measurement(name="people", value=counts.total, protected=counts.name)


def check_of(measure: object, *needs: object) -> Check:
    return Check("test.check", "Does it run?", needs or (Counts(),), measure)  # type: ignore[arg-type]


def test_a_check_is_called_once_for_each_protected_set() -> None:
    ran = run(check_of(counted), Answers({Counts(): TWO}), {})
    assert [(m.protected, m.value) for m in ran.measurements] == [("race", 5), ("sex", 5)]
    assert [(need, call, cube.name) for need, call, _, cube in ran.cubes] == [
        ("Counts", 0, "race"),
        ("Counts", 1, "sex"),
    ]
    assert ran.left_out == 7 and ran.unmet is None


def test_a_missing_need_names_the_key_to_add() -> None:
    ran = run(check_of(counted), Answers({Counts(): Unmet("no protected column is declared", "columns.protected")}), {})
    assert ran.unmet == "no protected column is declared; add columns.protected to the manifest"
    assert ran.measurements == ()


def test_a_check_that_breaks_is_unknown_and_quotes_no_data() -> None:
    def broken(counts: Cube) -> Iterator[Measurement]:
        raise ValueError("applicant Jane Roe")
        yield

    ran = run(check_of(broken), Answers({Counts(): TWO}), {})
    assert ran.unmet == "the check broke (ValueError)"


def test_a_check_that_breaks_half_way_keeps_none_of_its_numbers() -> None:
    def half(counts: Cube) -> Iterator[Measurement]:
        yield Measurement(name="people", value=1)
        raise Misused("cannot go on")

    ran = run(check_of(half), Answers({Counts(): TWO}), {})
    assert ran.measurements == () and ran.unmet == "cannot go on"


def test_a_check_that_gives_no_number_is_unknown() -> None:
    def silent(counts: Cube) -> Iterator[Measurement]:
        return iter(())

    assert run(check_of(silent), Answers({Counts(): TWO}), {}).unmet == "the check gave no number"


def test_a_check_that_ends_the_program_ends_only_itself() -> None:
    def leaving(counts: Cube) -> Iterator[Measurement]:
        raise SystemExit(0)
        yield

    assert run(check_of(leaving), Answers({Counts(): TWO}), {}).unmet == "the check broke (SystemExit)"


def test_what_is_no_measurement_makes_a_check_unknown() -> None:
    def numbers(counts: Cube) -> Iterator[Measurement]:
        yield 5  # type: ignore[misc]

    ran = run(check_of(numbers), Answers({Counts(): TWO}), {})
    assert ran.measurements == () and ran.unmet == "the check broke: it gave something that is no measurement"


def test_an_interval_the_wrong_way_round_is_refused() -> None:
    def turned(counts: Cube) -> Iterator[Measurement]:
        yield Measurement(name="gap", value=0.2, low=0.9, high=0.3)

    assert run(check_of(turned), Answers({Counts(): TWO}), {}).unmet == "gap: an interval from 0.9 to 0.3"


def test_an_answer_given_once_serves_every_call() -> None:
    def both(counts: Cube, model: str) -> Iterator[Measurement]:
        yield Measurement(name=f"by {model}", value=counts.total)

    ran = run(check_of(both, Counts(), Model()), Answers({Counts(): TWO, Model(): Taken(("m",), ())}), {})
    assert [m.name for m in ran.measurements] == ["by m", "by m"]


def test_many_cubes_of_one_need_are_kept_as_many() -> None:
    def many(cubes: tuple[Cube, ...]) -> Iterator[Measurement]:
        yield Measurement(name="columns", value=len(cubes))

    ran = run(check_of(many, Binned()), Answers({Binned(): Taken(((RACE, SEX),), ())}), {})
    assert [(call, is_many) for _, call, is_many, _ in ran.cubes] == [(0, True), (0, True)]


def test_a_reference_named_by_column_reaches_that_column_only() -> None:
    def referring(counts: Cube, *, reference: str | None = None) -> Iterator[Measurement]:
        yield Measurement(name="reference", value=None, unknown=str(reference))

    ran = run(check_of(referring), Answers({Counts(): TWO}), {"reference": {"race": "a"}, "unwanted": 1})
    assert [m.unknown for m in ran.measurements] == ["a", "None"]
    assert fitting(check_of(referring), {"unwanted": 1}, (RACE,)) == {}
