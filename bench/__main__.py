"""`make bench`: every figure with its target, the peer measured in the same run. Takes some minutes.

Run: python -m bench [rows of the whole check]
"""

import os
import subprocess
import sys


def main(arguments: list[str]) -> None:
    """Run each bench as a process of its own, so that none warms up another."""
    load = os.getloadavg()[0]
    print(
        f"{os.cpu_count()} processors, load {load:.1f} at the start"
        + (" (busy: times are inflated)" if load > 1 else "")
    )
    for title, module, words in (
        ("Start", "bench.start", []),
        ("Fairness", "bench.fairness", []),
        ("A whole check", "bench.check", arguments),
        ("Ledger", "bench.ledger", []),
        ("People: membership and lists", "bench.rights_people", []),
        ("Finding a person", "bench.rights_find", []),
        ("Erasing people from files", "bench.rights_erase", []),
        ("Recording decisions", "bench.decisions_record", []),
        ("Reasons and recourse", "bench.recourse", []),
        ("Monitoring", "bench.monitor", []),
        ("The webhook", "bench.webhook", []),
    ):
        print(f"\n{title}", flush=True)
        subprocess.run([sys.executable, "-m", module, *words], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
