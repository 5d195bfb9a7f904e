"""Which column means what, as the manifest declares it."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import field, frozen

from ombud.tables.needs import Role


def _frozen_roles(by_role: Mapping[Role, tuple[str, ...]]) -> Mapping[Role, tuple[str, ...]]:
    return MappingProxyType({role: tuple(names) for role, names in by_role.items() if names})


@frozen
class Columns:
    """The declared columns of a table.

    Attributes:
        by_role: names of the columns by what they mean; a column may have several roles; roles without one are absent.
        favourable: the value of the decision that is good for the person, as text ("1", "approved").
        label_favourable: the same for the label.
        unfavourable: values of the decision that are bad for the person. Needed only where there are more than two
            values: what is neither favourable nor listed here is then counted as missing.
        label_unfavourable: the same for the label.
    """

    by_role: Mapping[Role, tuple[str, ...]] = field(converter=_frozen_roles)
    favourable: str
    label_favourable: str
    unfavourable: tuple[str, ...] = ()
    label_unfavourable: tuple[str, ...] = ()

    def of(self, role: Role) -> tuple[str, ...]:
        """The columns with a role; empty if none was declared."""
        return self.by_role.get(role, ())

    @property
    def declared(self) -> tuple[str, ...]:
        """Every column named anywhere, once, in the order of the roles."""
        return tuple(dict.fromkeys(name for names in self.by_role.values() for name in names))
