"""Writes the first manifests of a system: every guess as a line to be corrected, every open question as a comment."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from ombud.law.vocabulary import USE_CASES
from ombud.system.guess import Guess
from ombud.system.words import words
from ombud.tables.needs import Role

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*|0|[1-9][0-9]{0,14}")
_AMBIGUOUS: Final = frozenset(words("null yes no true false on off y n"))
_CREDIT: Final = frozenset(("mortgage", "consumer-credit", "business-credit"))


@frozen(kw_only=True)
class Answers:
    """What a person answered; None (or empty) where nobody did, and the law then says "cannot tell".

    Attributes:
        name: name of the system.
        purpose: what it decides.
        places: where the people are.
        use_case: what it is used for.
        trains: whether the organisation has trained the model (or had it trained) under its own name.
        uses: whether it uses the system itself.
        decision: automated, assisted or none.
        significant: whether a decision has a legal or similarly significant effect.
        label_is: outcome, past-human-decision or proxy.
        organisation: its name; established: where.
    """

    name: str
    purpose: str | None = None
    places: tuple[str, ...] = ()
    use_case: str | None = None
    trains: bool | None = None
    uses: bool | None = None
    decision: str | None = None
    significant: bool | None = None
    label_is: str | None = None
    organisation: str | None = None
    established: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """What the organisation is to the system, as far as the answers decide it."""
        found = ["controller", "deployer"] if self.uses else []
        found += ["provider"] if self.trains else []
        found += ["creditor"] if self.uses and self.use_case in _CREDIT else []
        found += ["employer"] if self.uses and self.use_case == "employment" else []
        return tuple(found) if self.uses is not None and self.trains is not None else ()


def scalar(text: str) -> str:
    """A text as YAML, quoted where another reader could take it for something else."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _AMBIGUOUS:
        return text
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    return letter if letter.isprintable() else f"\\U{ord(letter):08X}"


def listed(texts: Iterable[str]) -> str:
    """A list on one line."""
    return "[" + ", ".join(scalar(text) for text in texts) + "]"


def _line(key: str, value: str | None, remark: str, otherwise: str) -> str:
    """A key with its value; commented out where there is none, so that the law says it cannot tell."""
    written = f"{key}: {value}" if value is not None else f"# {key}: {otherwise}"
    return f"{written:<42}  # {remark}" if remark else written


def draft_system(answers: Answers, guess: Guess, table: str, model: str | None, threshold: str | None) -> str:
    """The text of `ombud.yaml`.

    Args:
        answers: what a person said.
        guess: what the columns may mean.
        table: the table's address, relative to the manifest.
        model: the model's file, relative to the manifest; None where only decisions are at hand.
        threshold: the score from which the decision is favourable.
    """
    blocks = [_head(answers), _law(answers), _data(guess, table, model, threshold), _columns(guess), _limits()]
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def _head(answers: Answers) -> list[str]:
    return [
        "# What Ombud is told about a system. Paths start from this folder. Secrets never stand here: write",
        "# ${env:NAME} in a table's address. All keys: docs/reference/manifest.md.",
        '# A line that begins with # is not declared: law that depends on it will say "cannot tell".',
        f"system: {scalar(answers.name)}",
        _line("purpose", scalar(answers.purpose) if answers.purpose else None, "", "What it decides, in a sentence"),
        "# owner: {role: lending}                    # the function that answers for it, not a person's name",
    ]


def _law(answers: Answers) -> list[str]:
    significant = None if answers.significant is None else "yes" if answers.significant else "no"
    return [
        "# --- these decide which law applies",
        _line("jurisdictions", listed(answers.places) if answers.places else None,
              "where the people are: DE, EU, UK, US-CA, US-NYC", "[DE, US-CA]"),
        _line("roles", listed(answers.roles) if answers.roles else None,
              "train it and use it: provider AND deployer", "[controller, provider, deployer]"),
        _line("use_case", answers.use_case, "one of: see the next lines", "mortgage"),
        *_wrapped(sorted(USE_CASES)),
        _line("decision", answers.decision, "automated; assisted: a person decides; none", "assisted"),
        _line("significant", significant, "a legal effect, or one as weighty (credit, work, housing)", "yes"),
        _line("label_is", answers.label_is, "outcome; past-human-decision; proxy", "outcome"),
        "# lawful_basis: {training: legitimate-interests, decisions: contract}",
        "# in_use_since: 2026-11-01                  # the first day of use",
        "# design_changed: null                      # last significant change of design; null: never",
        "# exempt: {US-CA: glba}                     # a law that does not apply, with its ground",
        _line("facts", "{has_model: yes, trained: yes, third_party_model: no}" if answers.trains else None,
              "and whatever else `ombud law applies` misses", "{generative: no}"),
    ]  # fmt: skip


def _wrapped(texts: Sequence[str], width: int = 100) -> list[str]:
    lines = [""]
    for text in texts:
        if len(lines[-1]) + len(text) > width:
            lines.append("")
        lines[-1] += f" {text}"
    return [f"#  {line}" for line in lines]


def _data(guess: Guess, table: str, model: str | None, threshold: str | None) -> list[str]:
    labelled = guess.one(Role.LABEL) is not None
    mine, other = ("evaluation", "decisions") if labelled else ("decisions", "evaluation")
    lines = ["# --- the model and its tables; a table of decisions is enough to start"]
    if model is None:
        lines.append('# model: {artifact: model.txt, threshold: 0.5, version: "1"}   # a format that runs no code')
    else:
        known = f", threshold: {threshold}" if threshold else ""
        lines.append(f"model: {{artifact: {scalar(model)}{known}}}")
    return [
        *lines,
        "data:",
        f"  {mine}: {{table: {scalar(table)}}}",
        f"  # {other}: {{table: data/{other}.parquet}}",
        "  # training: {table: data/training.parquet, collected: 2020-01-01, retention: 10y}",
    ]


def _columns(guess: Guess) -> list[str]:
    lines = ["# --- what the columns mean: guessed from names and contents, so check every line", "columns:"]
    for role, hint in _SINGLE_HINTS.items():
        lines += _single(guess, role, hint)
    for role, hint in _MANY_HINTS.items():
        names = guess.by_role.get(role, ())
        lines.append("  " + _line(role, listed(names) if names else None, hint, "[...]"))
    lines += _special(guess.by_role.get(Role.SPECIAL, ()))
    lines.append("  # features: [...]                        # left out: every column without another role")
    lines += [f"  # {scalar(name)} {remark}" for name, remark in guess.remarks.items()]
    return lines


_SINGLE_HINTS: Final[Mapping[Role, str]] = {
    Role.SUBJECT: "who the row is about",
    Role.TIME: "when it was decided",
    Role.DECISION: "what was decided",
    Role.SCORE: "the model's score, 0 to 1",
    Role.LABEL: "what turned out, or what people decided before",
    Role.FOLD: "which fold the row was scored in",
}
_MANY_HINTS: Final[Mapping[Role, str]] = {
    Role.PROTECTED: "groups to compare",
    Role.CONDITION_ON: "what legitimately differs, to compare like with like",
    Role.QUASI_IDENTIFIER: "what together may tell who somebody is",
}


def _single(guess: Guess, role: Role, hint: str) -> list[str]:
    name = guess.one(role)
    value = {Role.DECISION: guess.favourable, Role.LABEL: guess.label_favourable}.get(role, "")
    values = {Role.DECISION: guess.decision_values, Role.LABEL: guess.label_values}.get(role, ())
    key = {Role.DECISION: "favourable", Role.LABEL: "label_favourable"}.get(role)
    if key is None or name is None:
        return ["  " + _line(role, scalar(name) if name else None, hint, "...")]
    if not value:
        choice = " or ".join(scalar(one) for one in values) or "..."
        return [
            f"  # {role}: {scalar(name)}",
            f"  # {key}: {choice}    # which is good for the person? Then take away both #",
        ]
    return [
        "  " + _line(role, scalar(name), hint, ""),
        "  " + _line(key, scalar(value), "the value that is good for the person", ""),
    ]


def _special(names: Sequence[str]) -> list[str]:
    if not names:
        return ["  # special: {race: {basis: art-9-2-g}}     # GDPR Art. 9; `special: {}` declares that there is none"]
    lines = ["  special:                                 # special categories, GDPR Art. 9: say by which condition"]
    return lines + [
        f"    {scalar(name)}: {{}}                    # {{basis: art-9-2-g, bias_testing: FILE}}" for name in names
    ]


def _limits() -> list[str]:
    return [
        "# --- your own limits, evidence and release; where law sets a limit, yours can only be tighter",
        "# policy:",
        '#   fairness.impact_ratio: {min: "4/5", borrowed_from: "29 CFR 1607.4(D), US hiring"}',
        "evidence: {max_age: 90d, assessed_share: 0.95, minimum_group: 10, on_uncertain: hold}",
        "release: {approvals: 2, set: [policy, binding-before-use]}",
    ]


def draft_organisation(answers: Answers) -> str:
    """The text of `organisation.yaml`."""
    name = answers.organisation or "Our organisation"
    remark = "" if answers.organisation else "write its name here"
    established = listed(answers.established) if answers.established else None
    lines = [
        "# What Ombud is told about the organisation; every system beside this file inherits it.",
        "# All keys: docs/reference/organisation.md. Lines that begin with # are not declared.",
        _line("name", scalar(name), remark, ""),
        _line("establishment", established, "where it is established", "[DE]"),
        "# size: {ccpa_threshold: yes, large_bank: no}   # the size tests that law names",
        "# adopted: [iso-27001]                      # voluntary standards count only if adopted; []: none",
        "# processors: [{name: Example Cloud, does: hosting, regions: [DE]}]   # []: nobody processes data for you",
        "# calendars: [DE]                           # whose public holidays your business days follow",
        "# people: {dpo: dpo, owner: lending}        # functions or key holders, never names of people",
    ]
    return "\n".join(lines) + "\n"
