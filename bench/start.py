"""How long `ombud --help` and `ombud law list` take, as processes. The targets: under 0.3 s and 1 s."""

import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Print the best of seven runs, and of the interpreter alone beside it."""
    ombud = Path(sys.executable).parent / "ombud"
    best = min(_timed([os.fspath(ombud), "--help"]) for _ in range(7))
    bare = min(_timed([sys.executable, "-c", "pass"]) for _ in range(7))
    law = min(_timed([os.fspath(ombud), "law", "list"]) for _ in range(3))
    print(f"ombud --help: {best:.2f} s (target 0.3); ombud law list: {law:.2f} s (target 1); Python alone {bare:.2f} s")


def _timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
