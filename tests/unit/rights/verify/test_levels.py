"""How sure we have to be, in proportion to what a wrong person would get."""

import pytest

from ombud.law.requests import book
from ombud.rights.verify import Level, needed, strictest


@pytest.mark.parametrize(("law", "asked", "more", "level", "points", "declaration"), [
    ("ccpa", "access", {"scope": "categories"}, "reasonable", 2, False),
    ("ccpa", "access", {"scope": "pieces"}, "high", 3, True),
    ("ccpa", "portability", {}, "high", 3, True),
    ("ccpa", "erasure", {}, "reasonable", 2, False),
    ("ccpa", "erasure", {"sensitive": True}, "high", 3, True),
    ("ccpa", "opt-out-sale", {"sensitive": True}, "none", 0, False),
    ("gdpr", "access", {"doubted": False, "sensitive": True}, "none", 0, False),
    ("gdpr", "access", {}, "reasonable", 2, False),
    ("uk-gdpr", "access", {"sensitive": True}, "high", 3, True),
    ("gdpr", "objection", {"sensitive": True}, "reasonable", 2, False),
    ("gdpr", "withdraw-consent", {}, "none", 0, False),
    ("colorado", "erasure", {}, "reasonable", 2, False),
])  # fmt: skip
def test_the_level_follows_law_request_and_sensitivity(
    law: str, asked: str, more: dict[str, bool], level: str, points: int, declaration: bool
) -> None:
    need = needed(law, asked, **more)  # type: ignore[arg-type]
    assert need is not None
    assert (need.level, need.points, need.declaration) == (Level(level), points, declaration)


def test_only_what_our_sheets_say_is_not_marked_as_unchecked() -> None:
    sure = [
        needed("ccpa", "access", scope="categories"), needed("ccpa", "access", scope="pieces"),
        needed("gdpr", "access", doubted=False),
    ]  # fmt: skip
    assert all(need is not None and not need.unchecked and need.cite for need in sure)
    erasure = needed("ccpa", "erasure")
    assert erasure is not None and erasure.unchecked


def test_a_law_that_knows_no_such_request_asks_for_nothing() -> None:
    assert needed("ccpa", "objection") is None
    assert needed("lex-nullius", "access") is None


def test_of_several_laws_the_strictest_counts() -> None:
    needs = (needed("gdpr", "access"), needed("ccpa", "access"), needed("ccpa", "objection"))
    found = strictest(needs)
    assert found is not None and found.level is Level.HIGH
    assert strictest((None,)) is None


def test_levels_are_ordered() -> None:
    assert Level.HIGH.reaches(Level.REASONABLE) and Level.REASONABLE.reaches(Level.REASONABLE)
    assert not Level.REASONABLE.reaches(Level.HIGH)
    assert Level.NONE.reaches(Level.NONE)


DUTIES = [(law, right) for law, regime in book().laws.items() for right in regime.duties]


@pytest.mark.parametrize(("law", "right"), DUTIES)
def test_the_levels_fit_what_the_law_asks(law: str, right: str) -> None:
    duty = book().laws[law].duties[right]
    doubted, scopes = needed(law, right), {scope: needed(law, right, scope=scope) for scope in duty.points}
    assert doubted is not None
    assert (doubted.level is Level.NONE) == (duty.identity == "not-required")
    certain = needed(law, right, doubted=False)
    assert certain is not None and (certain.level is Level.NONE) == (duty.identity != "required")
    for scope, points in duty.points.items():
        need = scopes[scope]
        assert need is not None and need.points >= points
        assert need.declaration or duty.declaration != scope
