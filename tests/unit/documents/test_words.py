from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.documents import words
from ombud.documents.measures import MEASURES
from report_factory import HOSTILE


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[2J", "\\x1b[2J"), ("a\u202eb", "a\\u202eb"), ("\ud800", "\\ud800"), ("\U000e0041", "\\ue0041")],
)
def test_what_could_hide_or_disguise_text_is_written_out(text: str, shown: str) -> None:
    assert words.clean(text) == shown


def test_ordinary_text_of_any_script_is_left_alone() -> None:
    text = "Zoë, 東京, عربي, e\u0301, 👩\u200d🔬\nnext line"
    assert words.clean(text) == text


def test_a_closed_isolate_stays_and_what_is_in_it_is_cleaned() -> None:
    assert words.clean("\u2068a\x1bb\u2069") == "\u2068a\\x1bb\u2069"


def test_an_isolate_that_is_never_closed_is_written_out() -> None:
    assert words.clean("\u2068abc") == "\\u2068abc"


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert words.clean(words.clean(text)) == words.clean(text)


@given(st.text(min_size=1, max_size=400))
def test_a_name_stays_on_one_line_and_is_bounded(text: str) -> None:
    shown = words.name(text)
    assert "\n" not in shown and "\t" not in shown
    assert len(shown) <= words.LONGEST_NAME + 40


def test_a_right_to_left_name_keeps_its_direction_to_itself() -> None:
    assert words.name("عربي") == "\u2068عربي\u2069"


def test_a_very_long_name_says_how_long_it_is() -> None:
    assert words.name("x" * 10_000).endswith("(10,000 characters)")


@pytest.mark.parametrize("name", HOSTILE)
def test_every_hostile_name_can_be_encoded_once_it_is_shown(name: str) -> None:
    words.name(name).encode("utf-8")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (words.share(Fraction(144, 197)), "73.1 %"),
        (words.share(Fraction(1)), "100 %"),
        (words.share(0.9099), "91.0 %"),
        (words.ratio(Fraction(1679, 2167)), ".775"),
        (words.ratio(1.0234), "1.023"),
        (words.ratio(-0.5), "−.500"),
        (words.points(Fraction(-70272, 330763)), "−21.2 points"),
        (words.plain(1681), "1,681"),
        (words.plain(0.000123456), "0.000123"),
        (words.plain(float("inf")), "infinite"),
        (words.level(0.95), "95 %"),
        (words.level(0.999), "99.9 %"),
        (words.p_value(1e-25), "p < .001"),
        (words.p_value(0.034), "p = .034"),
        (words.instant("2026-11-23T08:06:17.220816Z"), "2026-11-23 08:06 UTC"),
        (words.instant("soon"), "soon"),
        (words.once("a; b; a"), "a; b"),
        (words.listed(["a", "b", "c"]), "a, b and c"),
        (words.counted(1, "entry", "entries"), "1 entry"),
    ],
)
def test_numbers_and_words_are_written_as_a_reader_expects(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize("p", [0.04996, 0.0499999, 0.0500001])
def test_a_p_value_is_never_rounded_across_five_hundredths(p: float) -> None:
    written = float(words.p_value(p).removeprefix("p = "))
    assert (written < 0.05) == (p < 0.05)


@given(
    value=st.fractions(min_value=0, max_value=2, max_denominator=100_000),
    limit=st.fractions(min_value=Fraction(1, 100), max_value=2, max_denominator=100),
)
def test_no_rounding_puts_a_number_on_the_other_side_of_its_limit(value: Fraction, limit: Fraction) -> None:
    written = Fraction(MEASURES["impact_ratio"].write(value, limit))
    assert (written < limit) == (value < limit)
    assert (written > limit) == (value > limit)


def test_a_ratio_just_below_four_fifths_does_not_look_like_it() -> None:
    assert MEASURES["impact_ratio"].write(Fraction(79996, 100_000), Fraction(4, 5)) == ".79996"


def test_limits_are_written_exactly() -> None:
    assert MEASURES["impact_ratio"].write_limit(Fraction(4, 5)) == "4/5"
    assert MEASURES["assessed_share"].write_limit(Fraction(19, 20)) == "95 %"
    assert MEASURES["psi"].write_limit(Fraction(1, 10)) == "0.1"
    assert MEASURES["selection_rate_difference"].write_limit(Fraction(1, 20)) == "5 points"
