"""A program that records decisions until it is killed, and says on stdout which are acknowledged. Run by tests.

Run: python spooling.py FOLDER PREFIX; the numbers that it prints were on disk before they were printed.
"""

import sys

from ombud.decisions import Recorder
from recorded import decision


def main(folder: str, prefix: str) -> None:
    """Record and acknowledge, in groups of seven."""
    recorder = Recorder.at(folder, "mortgage")
    for start in range(0, 100_000, 7):
        group = [decision(number, id=f"{prefix}-{number}") for number in range(start, start + 7)]
        recorder.record_all(group)
        sys.stdout.write("".join(f"{one.id}\n" for one in group))
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
