"""How the golden bundles were made. A released one is never made again: a new version gets a new file.

Run from the repository: PYTHONPATH=src:tests python tests/golden/bundles/make.py v1
"""

import json
import sys
from pathlib import Path

from ledgers import COUNTS, added, at, beginning, bundled, counted, key, log, measured, noted, revoked, says, turned
from ombud.evidence import archive
from ombud.evidence.bundle import Bundle
from ombud.evidence.canonical import canonical, parse
from ombud.evidence.dsse import PAYLOAD_TYPE, sign_bytes
from ombud.evidence.log import Log
from ombud.evidence.verify import verify_bundle

HERE = Path(__file__).parent


def story() -> Log:
    """Every kind of statement, and one that no version knows."""
    wrong, attested = measured("ml", 1, 4), says("dpo", "attestation", {"item": "document:dpia", "says": "done"}, 9)
    foreign = parse(measured("ml", 9, 20).payload) | {"predicateType": "https://ombud.dev/dream/v1"}
    release = {"release": "ab" * 32}
    return log(
        *beginning(), added("owner", "owner"), added("platform", "platform"),
        says("owner", "declaration", {"what": "organisation", "content": {"name": "Example"}}, 6),
        wrong, counted("ml", seconds=8), attested,
        revoked("dpo", "mistaken", wrong), revoked("dpo", "withdrawn", attested, **{"from": at(100)}),
        says("dpo", "approval", release, 12), says("owner", "release", release | {"parts": {}}, 13),
        says("owner", "waiver", {"target": "GDPR.35.1", "reason": "r", "expires": at(900)}, 14),
        says("dpo", "justification", {"check": "c", "measurement": "m", "reason": "r"}, 15),
        says("ml", "review", release | {"items": []}, 16),
        says("owner", "break-glass", release | {"reason": "r", "until": at(900)}, 17),
        says("platform", "rollback", release | {"reason": "r"}, 18),
        turned("retire", "platform"), sign_bytes(canonical(foreign), PAYLOAD_TYPE, key("ml")),
    )  # fmt: skip


def main(version: str) -> None:
    """Write the bundle, a checkpoint held from before its end, and what verification says of them."""
    whole = story()
    files = bundled(whole, COUNTS, **{"law-pack.json": b'{"rows":[]}'})
    held = noted(whole, 12)
    archive.write(files, HERE / f"{version}.zip")
    (HERE / f"{version}.checkpoint").write_text(held.encode(), encoding="utf-8")
    verdict = verify_bundle(Bundle.of(files, "golden"), whole.root_key, held, anchored=True)
    (HERE / f"{version}.json").write_text(json.dumps(verdict.to_json(), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
