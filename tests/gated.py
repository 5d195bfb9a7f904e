"""Shared by tests of the gates: a bank whose model is released, with everything that takes, at the time of a clock."""

from datetime import timedelta
from pathlib import Path

from attrs import frozen

from doors import MANIFEST, ORGANISATION, PEOPLE, write_table
from ombud.law import Pack, load_pack
from ombud.release import sign
from ombud.release.assess import assess, picture_of
from ombud.release.composite import composite
from ombud.release.gate import GateReport, judge_release
from ombud.store.clock import Clock
from ombud.store.workspace import Rights, Workspace, create_workspace
from ombud.system.manifest import load_organisation, load_system

SYSTEM = "small-loans"
SHAPE = """\
tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=0
objective=binary sigmoid:1
feature_names=income
feature_infos=[0:1]
tree_sizes=

end of trees
"""
"""A model in LightGBM's text form, without a tree: it is hashed and scanned, never asked."""


@frozen
class Bank:
    """A workspace with a system that has a model."""

    workspace: Workspace
    pack: Pack
    folder: Path

    @property
    def model(self) -> Path:
        """The model's file."""
        return self.folder / "model.txt"

    def change_model(self, note: str) -> None:
        """Another model: the same with a remark."""
        self.model.write_text(f"{SHAPE}\nparameters:\n[note: {note}]\nend of parameters\n", encoding="utf-8")

    def digest(self) -> str:
        """Composite digest of what lies there now."""
        return composite(load_system(self.folder / "ombud.yaml")).digest

    def check(self) -> None:
        """Measure what lies there now."""
        organisation = load_organisation(self.folder / "organisation.yaml")
        assess(self.workspace, load_system(self.folder / "ombud.yaml"), organisation, self.pack, "engineer")

    def accept(self, days: int = 30) -> None:
        """Owner and DPO accept whatever blocks, for some days, and approve: the gate says may."""
        until = (self.workspace.context.clock.now() + timedelta(days=days)).isoformat()
        items = self.judged().items
        for person in ("lender", "protection"):
            for target in sorted({item.target for item in items if item.blocks and item.may_be_waived}):
                sign.waive(self.workspace, SYSTEM, self.digest(), person, target, "for this test", until)
            sign.approve(self.workspace, SYSTEM, self.digest(), person)

    def judged(self) -> GateReport:
        """What the gate says of what was checked last."""
        picture = picture_of(self.workspace, self.pack, SYSTEM)
        return judge_release(picture, self.workspace.ledger.log().trusted())

    def release(self) -> str:
        """Check, accept and declare live what lies there now; its digest."""
        self.check()
        self.accept()
        system = load_system(self.folder / "ombud.yaml")
        sign.release(self.workspace, self.judged(), composite(system).to_json(), "lender")
        return self.digest()


def bank(folder: Path, clock: Clock) -> Bank:
    """A bank with a model that was never checked."""
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "decisions.parquet")
    (folder / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8")
    (folder / "ombud.yaml").write_text(MANIFEST + "model: {artifact: model.txt, threshold: 0.5}\n", encoding="utf-8")
    rights: dict[str, Rights] = {name: ((role,), None) for name, role in PEOPLE.items()}
    made = Bank(create_workspace(folder, rights, clock=clock), load_pack(), folder)
    made.change_model("first")
    return made
