"""The letter about a decision: everything it says is on record, declared by the organisation, or a visible hole."""

from datetime import date
from typing import Literal

from attrs import frozen

from ombud.decisions import laws
from ombud.decisions.changes import in_words
from ombud.decisions.decision import FAVOURABLE
from ombud.decisions.explain import Explanation
from ombud.decisions.laws import FOLLOWS, Provision
from ombud.decisions.letterfile import NAME, FromInput, LettersFile
from ombud.decisions.worded import inputs, number, score_beside, value, wording_of
from ombud.documents.decisions import Creditor, CreditReport, Explained, Form, Frame
from ombud.documents.decisions.content import Said
from ombud.documents.paper import Hole
from ombud.documents.rights.letters import Wording
from ombud.errors import Misused
from ombud.law import Pack
from ombud.system.facts import facts
from ombud.system.manifest import Organisation, System


@frozen(kw_only=True)
class Writer:
    """Who writes: the manifests, what only the organisation can say, the law, the language, and the day."""

    system: System
    organisation: Organisation | None
    file: LettersFile
    pack: Pack
    words: Wording
    day: date

    def provisions(self, form: Form) -> tuple[Provision, ...]:
        """What a form of letter follows, by the law on the day."""
        return laws.provisions(form, self.pack, facts(self.system, self.organisation), self.day)

    def forms(self, said: Explanation) -> tuple[Form, ...]:
        """The forms that bind for a decision on the day; a plain letter where none does."""
        named = ((form, self.provisions(form)) for form in FOLLOWS if form != "plain")
        bind = [form for form, rows in named if rows and rows[0].id == FOLLOWS[form][0] and rows[0].applies == "yes"]
        fitting = [form for form in bind if form != "adverse-action" or said.replay.outcome != FAVOURABLE]
        return tuple(fitting) or ("plain",)


def content(
    said: Explanation, form: Form, writer: Writer, person: str = "", address: tuple[str, ...] = ()
) -> Explained:
    """The content of a letter.

    Args:
        said: the explanation; form: of the letter; writer: see there.
        person: how the person is addressed; address: lines of the envelope.

    Raises:
        Misused: nothing may be sent, or the form does not fit the decision.
    """
    if not said.may_be_sent or said.explainer is None:
        raise Misused("this decision may not be explained by letter", "A person has to look at the case first.")
    favourable = said.replay.outcome == FAVOURABLE
    if form == "adverse-action" and favourable:
        raise Misused("an adverse action notice is for a refusal by a creditor", "Choose another form of letter.")
    held, score, limit = writer.provisions(form), said.replay.recorded, said.replay.threshold
    assert score is not None and limit is not None, "a decision without them is not explained"
    higher, human, file, words = said.explainer.sign > 0, said.decision.human, writer.file, writer.words
    approved = wording_of(writer.system, words)
    return Explained(
        frame=_frame(said, writer, person, address), form=form, decided=said.decision.at.date(), favourable=favourable,
        purpose=(writer.system.purpose or "").rstrip("."), mode=_mode(writer.system),
        person_saw=None if human is None else human.saw,
        score=score_beside(score, limit, higher), threshold=number(float(limit), 15), higher=higher,
        reasons=tuple(f"{approved[one.feature].rstrip('.')}." for one in said.reasons),
        compared=said.explainer.approved,
        inputs=inputs(said.explainer.groups, said.decision.inputs, file, words),
        ask=said.searched.ask, ways=in_words(said.searched, said.explainer, said.replay, writer.system, file, words),
        within=said.searched.within, right=laws.right(form, held),
        significance=file.significance or Hole("how weighty the decision is for the person", f"{NAME}: significance"),
        consequences=file.consequences or Hole("what follows from the decision", f"{NAME}: consequences"),
        role=file.role or Hole("the part that the system has in the procedure", f"{NAME}: role"),
        contest=laws.contest(held), remedies=laws.remedies(writer.organisation, held),
        creditor=_creditor(said, writer) if form == "adverse-action" else None,
    )  # fmt: skip


def _frame(said: Explanation, writer: Writer, person: str, address: tuple[str, ...]) -> Frame:
    organisation = writer.organisation
    contact = organisation.contact if organisation else None
    return Frame(
        organisation=organisation.name if organisation else "", address=contact.address if contact else (),
        contact=contact.write_to if contact else "", officer=(contact.officer or "") if contact else "",
        person=person, person_address=address, number=said.decision.id, day=writer.day,
    )  # fmt: skip


def _mode(system: System) -> Literal["automated", "assisted", ""]:
    return "automated" if system.decision == "automated" else "assisted" if system.decision == "assisted" else ""


_NOTICE = Hole("the notice of equal credit opportunity, in the words of the regulation", f"{NAME}: equal_credit.notice")
_AGENCY = Hole("name and address of the agency that supervises it", f"{NAME}: equal_credit.agency")
_FACTORS = Hole(
    "the key factors that the agency gave, at most four, and inquiries if they are one",
    f"{NAME}: consumer_report.key_factors",
)

# --- the notice to an applicant for credit ----------------------------------------------------------------------------


def _creditor(said: Explanation, writer: Writer) -> Creditor:
    file, organisation = writer.file, writer.organisation
    contact = organisation.contact if organisation else None
    name = file.creditor.name or (organisation.name if organisation else "")
    address = tuple(file.creditor.address) or (contact.address if contact else ())
    return Creditor(
        name=name or Hole("the name of the creditor", f"{NAME}: creditor.name"),
        address="\n".join(address) or Hole("the address of the creditor", f"{NAME}: creditor.address"),
        equal_credit=file.equal_credit.notice or _NOTICE,
        agency="\n".join(file.equal_credit.agency) or _AGENCY,
        report=_report(said, writer), free_report_days=laws.free_report_days(writer.pack, writer.day),
    )  # fmt: skip


def _report(said: Explanation, writer: Writer) -> CreditReport | Hole | None:
    used = writer.system.declared.get("consumer_report") or (
        writer.organisation.declared.get("consumer_report") if writer.organisation else None
    )
    if not used:
        return Hole("whether a consumer report was used", f"{writer.system.path.name}: facts.consumer_report")
    if "yes" not in used:
        return None
    file, words = writer.file.consumer_report, writer.words

    def theirs(one: FromInput | None, what: str, key: str) -> Said:
        if one is not None and one.input in said.decision.inputs:
            return value(said.decision.inputs[one.input], words)
        return Hole(what, f"{NAME}: consumer_report.{key}, the name of an input")

    factors = [theirs(one, "a key factor", "key_factors") for one in file.key_factors]
    return CreditReport(
        agency=file.agency or Hole("the agency that gave the report", f"{NAME}: consumer_report.agency"),
        agency_address="\n".join(file.address)
        or Hole("how the agency is reached", f"{NAME}: consumer_report.address"),
        score=theirs(file.score, "the credit score that was used", "score"),
        score_range=file.range or Hole("the range of such scores", f"{NAME}: consumer_report.range"),
        score_date=theirs(file.date, "the date of the score", "date"),
        key_factors=tuple(factors) or (_FACTORS,),
    )  # fmt: skip
