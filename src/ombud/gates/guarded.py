"""MLflow's own registry store with a door in front of whatever makes a version the one that serves.

Imported only where MLflow is. Every way by which a version comes to a guarded alias or stage leads through `_hold`:
giving it, and changing the digest or the system that a version is tagged with while it has it.
"""

import logging
from typing import Any, Final

from ombud.errors import Misused, OmbudError, what_next
from ombud.gates.admit import Answer
from ombud.gates.registry import SYSTEM_TAG, TAG, Door, Version

_LOG: Final = logging.getLogger("ombud.gates")

try:
    from mlflow.environment_variables import MLFLOW_ENABLE_WORKSPACES
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import PERMISSION_DENIED, TEMPORARILY_UNAVAILABLE
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore
    from mlflow.store.model_registry.sqlalchemy_workspace_store import WorkspaceAwareSqlAlchemyStore
except ImportError:
    raise Misused("this needs MLflow", "Install it: pip install 'ombud[mlflow]'") from None


class _Guard:
    """What is put before MLflow's store; see the module."""

    door: Door

    def set_registered_model_alias(self, name: str, alias: str, version: str) -> Any:
        """Give an alias; a guarded one only to what is released."""
        if self.door.guards(alias):
            self._hold(self._version(name, version), self._holder(name, alias), f"the alias {alias}")
        return super().set_registered_model_alias(name, alias, version)  # type: ignore[misc]

    def transition_model_version_stage(
        self, name: str, version: str, stage: str, archive_existing_versions: bool
    ) -> Any:
        """Move to a stage; to a guarded one only what is released."""
        if self.door.guards_stage(stage):
            self._hold(self._version(name, version), self._at_stage(name, stage), f"the stage {stage}")
        return super().transition_model_version_stage(  # type: ignore[misc]
            name, version, stage, archive_existing_versions
        )

    def set_model_version_tag(self, name: str, version: str, tag: Any) -> Any:
        """Set a tag; what a version with a guarded alias or stage is released as does not change under it."""
        self._hold_tag(name, version, tag.key, tag.value)
        return super().set_model_version_tag(name, version, tag)  # type: ignore[misc]

    def delete_model_version_tag(self, name: str, version: str, key: str) -> Any:
        """Delete a tag; see `set_model_version_tag`."""
        self._hold_tag(name, version, key, None)
        return super().delete_model_version_tag(name, version, key)  # type: ignore[misc]

    def _hold_tag(self, name: str, version: str, key: str, value: str | None) -> None:
        if key not in (TAG, SYSTEM_TAG):
            return
        found = self.get_model_version(name, version)  # type: ignore[attr-defined]
        if found.tags.get(key) != value and self._is_guarded(found):
            raise _refusal(
                f"{name} version {version} serves: its tag {key} does not change under it. "
                "Next: register a version of its own."
            )

    def _is_guarded(self, found: Any) -> bool:
        return any(map(self.door.guards, found.aliases or ())) or self.door.guards_stage(found.current_stage or "")

    def _hold(self, version: Version, instead_of: Version | None, what: str) -> None:
        """Raise unless a version may be given what is guarded."""
        try:
            answer = self.door.ask(version, instead_of)
        except OmbudError as error:
            raise MlflowException(
                f"{what} is not given: {error}. Next: {what_next(error)}", error_code=TEMPORARILY_UNAVAILABLE
            ) from None
        if not answer.allowed:
            raise _refusal(_told(answer, version, what))
        for warning in answer.warnings:
            _LOG.warning("%s: %s", version.named, warning)

    def _version(self, name: str, version: str) -> Version:
        found = self.get_model_version(name, version)  # type: ignore[attr-defined]
        source = self.get_model_version_download_uri(name, version)  # type: ignore[attr-defined]
        return Version(name, str(found.version), dict(found.tags or {}), str(source))

    def _holder(self, name: str, alias: str) -> Version | None:
        """The version that has an alias now."""
        try:
            found = self.get_model_version_by_alias(name, alias)  # type: ignore[attr-defined]
        except MlflowException:
            return None
        return self._version(name, found.version)

    def _at_stage(self, name: str, stage: str) -> Version | None:
        found = self.get_latest_versions(name, [stage])  # type: ignore[attr-defined]
        return self._version(name, found[0].version) if found else None


def _told(answer: Answer, version: Version, what: str) -> str:
    return f"{what} is not given to {version.named}: {answer.because}. Next: {answer.next_step}"


def _refusal(message: str) -> Any:
    return MlflowException(message, error_code=PERMISSION_DENIED)


class GuardedStore(_Guard, SqlAlchemyStore):
    """MLflow's registry in a database, behind the door."""


class GuardedWorkspaceStore(_Guard, WorkspaceAwareSqlAlchemyStore):
    """The same for an MLflow that keeps several workspaces apart."""


def guarded(uri: str, door: Door) -> Any:
    """The store at a database's address."""
    apart: Any = MLFLOW_ENABLE_WORKSPACES
    store = (GuardedWorkspaceStore if apart.get() else GuardedStore)(uri)
    store.door = door
    return store
