"""Letters are written, kept by their digests, and what was served is put on record without naming anybody.

Each file carries a random mark, so that nobody can guess what a digest in the log stands for: with the files gone,
it says nothing any more.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from ombud import __version__
from ombud.decisions.explain import Explanation
from ombud.decisions.laws import Provision
from ombud.decisions.letters import Writer, content
from ombud.documents.decisions import Form, letter
from ombud.documents.paper import Hole, Paper
from ombud.documents.typeset import pdf
from ombud.documents.webpage import html
from ombud.documents.wordfile import docx
from ombud.errors import Misused
from ombud.evidence.entry import Entry
from ombud.evidence.statement import Statement, Subject
from ombud.store.workspace import Workspace

CHANNELS: Final = ("post", "email", "portal", "in-person")
"""Ways in which a letter goes out."""


@frozen(kw_only=True)
class Served:
    """What came of it.

    Attributes:
        entry: in the log; files: what was written, by digest; holes: what the organisation has yet to say.
        laws: the provisions that the letter follows.
        before: when a letter of this form about this decision went out already, the latest last.
    """

    entry: Entry
    files: tuple[tuple[Path, str], ...]
    holes: tuple[Hole, ...]
    laws: tuple[Provision, ...]
    before: tuple[str, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """SHA-256 of each file."""
        return tuple(digest for _, digest in self.files)


def serve(
    workspace: Workspace, said: Explanation, writer: Writer, form: Form, out: Path, holder: str, *,
    how: str | None = None, person: str = "", address: Sequence[str] = (),
) -> Served:  # fmt: skip
    """Write the letter into a folder and say in the log what was done; where nothing may be sent, say that.

    Args:
        said: the explanation; writer, form: see `letters.content`; out: folder for the files, made if needed.
        holder: whose key signs; how: by which channel the letter goes out; None: it is only prepared.
        person, address: for the envelope.

    Raises:
        Misused: it is to go out, and something in it is missing, or the explanation was refused; then nothing is
            written. Refused: the holder may not sign this; the files are taken away again.
    """
    if how is not None and how not in CHANNELS:
        raise Misused("that is no way in which a letter goes out", f"One of: {', '.join(CHANNELS)}")
    laws = writer.provisions(form)
    if not said.may_be_sent:
        return Served(entry=_append(workspace, said, writer, form, holder, (), None), files=(), holes=(), laws=laws)
    paper = letter(content(said, form, writer, person, tuple(address)), writer.words)
    if how is not None and paper.holes:
        raise Misused(
            f"this letter is not complete: {paper.holes[0].add} is missing", f"Add it in {paper.holes[0].where}."
        )
    before = _before(workspace, said, form)
    files = tuple(_files(said, paper, laws, form))
    kept = _keep(out, files)  # first, so that the log never speaks of a letter that nobody could write
    try:
        entry = _append(workspace, said, writer, form, holder, [digest for _, digest in kept], how)
    except BaseException:
        _remove(kept)  # and no letter leaves that the log does not know
        raise
    _note(workspace, said, files[0][1])
    return Served(entry=entry, files=kept, holes=paper.holes, laws=laws, before=before)


def _before(workspace: Workspace, said: Explanation, form: Form) -> tuple[str, ...]:
    """When such letters went out: a second one is a person's choice, and nobody sends it unawares."""
    predicates = (one.statement.predicate for one in workspace.ledger.log().trusted("explanation"))
    return tuple(
        str(one.get("observed_at", "")) for one in predicates
        if one.get("served") and one.get("decision") == said.commitment and one.get("form") == form
    )  # fmt: skip


def _files(said: Explanation, paper: Paper, laws: Sequence[Provision], form: Form) -> Iterator[tuple[str, bytes]]:
    """Name and bytes; a Word file too where people have to fill something in."""
    mark = secrets.token_hex(16)
    marked = evolve(paper, foot=f"{paper.foot} · {mark}")
    told = {**said.to_json(), "form": form, "laws": [one.to_json() for one in laws], "mark": mark,
            "holes": [{"add": one.add, "where": one.where} for one in paper.holes]}  # fmt: skip
    yield f"{form}.json", (json.dumps(told, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode()
    yield f"{form}.html", html(marked).encode()
    yield f"{form}.pdf", pdf(marked)
    if paper.holes:
        yield f"{form}.docx", docx(marked)


def _keep(out: Path, files: Sequence[tuple[str, bytes]]) -> tuple[tuple[Path, str], ...]:
    """Write each file under its digest, for its owner only: all of them, or none."""
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = tuple((out / _under(name, data), _digest(data)) for name, data in files)
    try:
        for (path, _), (_, data) in zip(kept, files, strict=True):
            with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
                file.write(data)
    except BaseException:
        _remove(kept)
        raise
    return kept


def _under(name: str, data: bytes) -> str:
    stem, _, ending = name.partition(".")
    return f"{stem}-{_digest(data)[:16]}.{ending}"


def _remove(files: Sequence[tuple[Path, str]]) -> None:
    for path, _ in files:
        path.unlink(missing_ok=True)


def _note(workspace: Workspace, said: Explanation, data: bytes) -> None:
    """Keep the explanation with the decision; it goes when the decision goes."""
    workspace.people.keep(matter(said.commitment), f"explanation-{_digest(data)[:16]}", data.decode())


def matter(commitment: str) -> str:
    """Under what the store keeps the explanations of a decision; `People.drop` of it forgets them."""
    return f"D-{commitment[:38]}"


def _append(workspace: Workspace, said: Explanation, writer: Writer, form: Form, holder: str, documents: Sequence[str],
            how: str | None) -> Entry:  # fmt: skip
    base = said.explainer
    predicate: dict[str, Any] = {
        "system": writer.system.name, "decision": said.commitment, "release": said.decision.release,
        "model": said.model, "form": form, "language": writer.words.language, "documents": list(documents),
        "reproduced": said.replay.reproduced, "proof": said.replay.proof, "refusals": list(said.kinds),
        "population": base.facts() if base else None, "served": how is not None, "how": how,
        "law_pack": writer.pack.digest, "observed_at": workspace.now(), "software": {"ombud": __version__},
    }  # fmt: skip
    statement = Statement((Subject("decision", said.commitment),), "explanation", predicate)
    return workspace.ledger.append([workspace.sign(statement, holder)])[0]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
