"""security.released_artifact: is the model file the one that was released?"""

from collections.abc import Iterator

from ombud.checks.check import check
from ombud.statistics.measurement import Measurement
from ombud.system.artifact import ArtifactFacts
from ombud.tables.needs import Artifact, Records


@check(
    "security.released_artifact",
    asks="Is the model file, byte for byte, the one that was last released?",
    needs=(Artifact(), Records("released-artifact")),
    remedy="Put the released file back, or release this one: approve it and pass the gate.",
)
def released_artifact(artifact: ArtifactFacts, released: str) -> Iterator[Measurement]:
    """Compare the file's digest with that of the last release.

    Args:
        artifact: facts of the file as it is now.
        released: SHA-256 of the model in the last release that the log holds.

    Yields:
        `changed_artifacts`, an exact count: 0 if the digests are equal, else 1. Before any release the need cannot be
        answered, and the check is unknown.

    Source: ISO/IEC 27001:2022, A.8.32 (change management), by number only.
    """
    same = artifact.digest == released.removeprefix("sha256:")
    yield Measurement(
        name="changed_artifacts",
        value=0 if same else 1,
        n=1,
        method="SHA-256 of the model file against that in the last release statement",
        notes=(f"file sha256 {artifact.digest}", f"released sha256 {released.removeprefix('sha256:')}"),
    )
