"""What is wrong with a map of data, where, and the line that mends it."""

from typing import Any

from attrs import frozen


@frozen(kw_only=True)
class Finding:
    """A hole in the map, or a remark on it.

    Attributes:
        rule: which of the rules found it ("unreached", "retention").
        where: address of the collection, name of the source, or "identities".
        says: one sentence. add: what to write in the map, or to do; may be empty.
        hole: people would be missed, or a record has a gap; otherwise it is only good to know.
    """

    rule: str
    where: str
    says: str
    add: str = ""
    hole: bool = True

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"rule": self.rule, "where": self.where, "says": self.says, "add": self.add, "hole": self.hole}
