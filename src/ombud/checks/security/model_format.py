"""security.model_format: is the model kept in a format that can only hold data?"""

from collections.abc import Iterator

from ombud.checks.check import check
from ombud.statistics.measurement import Measurement
from ombud.system.artifact import ArtifactFacts
from ombud.tables.needs import Artifact


@check(
    "security.model_format",
    asks="Is the model kept in a format that can only hold data, and is the file sound?",
    needs=Artifact(),
    remedy="Save the model as XGBoost JSON, LightGBM text, CatBoost cbm, ONNX or skops, and delete the pickle.",
)
def model_format(artifact: ArtifactFacts) -> Iterator[Measurement]:
    """Count what speaks against the model file.

    Args:
        artifact: format, size, digest and findings of the file's bytes; the file was not loaded.

    Yields:
        `unsafe_findings`, an exact count: 0 only for an allowed format in which nothing was found. A format that is not
        allowed is itself a finding.

    Source: CWE-502, deserialization of untrusted data.
    """
    yield Measurement(
        name="unsafe_findings",
        value=len(artifact.findings),
        n=1,
        counts={"findings": len(artifact.findings), "bytes": artifact.size},
        method="format recognised by content against a list of data-only formats; pickles scanned, never loaded",
        notes=(f"format {artifact.format}", f"sha256 {artifact.digest}", *artifact.findings),
    )
