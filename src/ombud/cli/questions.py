"""The questions that decide which law applies, asked of a person at a terminal. Enter alone leaves one open."""

from collections.abc import Callable, Collection
from typing import TypeVar

import typer
from attrs import evolve

from ombud.law.vocabulary import FACTS, USE_CASES
from ombud.system.draft import Answers
from ombud.system.guess import Guess
from ombud.system.places import PLACES, nearest_place
from ombud.system.words import nearest
from ombud.tables.needs import Role

Answer = TypeVar("Answer")

_OPEN = "  (Enter alone: not said, and the law will say that it cannot tell.)"


def ask_all(answers: Answers, guess: Guess) -> tuple[Answers, Guess]:
    """Ask whatever is still open, in the order in which it matters."""
    typer.echo("A few questions decide which law applies." + _OPEN, err=True)
    asked = evolve(
        answers,
        purpose=answers.purpose or _words("What does it decide, in a sentence?"),
        use_case=answers.use_case or _choice("What is it used for?", USE_CASES),
        trains=_or(answers.trains, "Have you trained the model, or had it trained, under your own name?"),
        uses=_or(answers.uses, "Do you use it yourself?"),
        decision=answers.decision
        or _choice("Who decides? automated: the machine; assisted: a person with its help", FACTS["decision"] or ()),
        significant=_or(answers.significant, "Does a decision have a legal or similarly weighty effect on a person?"),
        places=answers.places or _places("Where are the people? (DE, US-CA, US-NYC, ...)"),
        organisation=answers.organisation or _words("What is your organisation called?"),
        established=answers.established or _places("Where is it established?"),
    )
    if guess.one(Role.LABEL) and not asked.label_is:
        question = f"Is the label {guess.one(Role.LABEL)!r} what turned out, what people decided before, or a proxy?"
        asked = evolve(asked, label_is=_choice(question, FACTS["label_is"] or ()))
    return asked, _favourable(guess)


def _favourable(guess: Guess) -> Guess:
    found = guess
    if guess.one(Role.DECISION) and not guess.favourable and guess.decision_values:
        question = f"Which value of {guess.one(Role.DECISION)!r} is good for the person?"
        found = evolve(found, favourable=_choice(question, guess.decision_values))
    if guess.one(Role.LABEL) and not guess.label_favourable and guess.label_values:
        question = f"Which value of {guess.one(Role.LABEL)!r} is good for the person?"
        found = evolve(found, label_favourable=_choice(question, guess.label_values))
    return found


def _prompt(question: str, read: Callable[[str], Answer | None]) -> Answer | None:
    """Ask until the answer is understood; None for an empty one."""
    while True:
        said = str(typer.prompt(question, default="", show_default=False, err=True)).strip()
        if not said:
            return None
        understood = read(said)
        if understood is not None:
            return understood


def _words(question: str) -> str | None:
    return _prompt(question, lambda said: said)


def _or(known: bool | None, question: str) -> bool | None:
    return known if known is not None else _prompt(f"{question} [yes/no]", _yes_no)


def _yes_no(said: str) -> bool | None:
    found = {"y": True, "yes": True, "n": False, "no": False}.get(said.casefold())
    if found is None:
        typer.echo("  yes or no, please", err=True)
    return found


def _choice(question: str, known: Collection[str]) -> str | None:
    def read(said: str) -> str | None:
        if said in known:
            return said
        meant = nearest(said, known)
        typer.echo(f"  one of: {' '.join(sorted(known))}" + (f" (did you mean {meant}?)" if meant else ""), err=True)
        return None

    return _prompt(f"{question} [{'/'.join(sorted(known)) if len(known) < 5 else 'one word'}]", read)


def _places(question: str) -> tuple[str, ...]:
    return _prompt(question, _read_places) or ()


def _read_places(said: str) -> tuple[str, ...] | None:
    found = tuple(dict.fromkeys(part for part in said.replace(",", " ").split() if part))
    for part in found:
        if part not in PLACES:
            meant = nearest_place(part)
            typer.echo(f"  {part!r} is not a place" + (f"; did you mean {meant}?" if meant else ""), err=True)
            return None
    return found
