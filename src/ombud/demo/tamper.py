"""What a forger would do to a bundle: change one byte, somewhere in the middle."""

from ombud.evidence.bundle import Bundle


def flip_a_byte(bundle: Bundle) -> Bundle:
    """The bundle with one letter exchanged, in the middle of what its last measurement says."""
    files = dict(bundle.files)
    entries = bytearray(files["entries.jsonl"])
    middle = len(entries) - len(bundle.leaves[-1]) // 2
    entries[middle] = ord("B") if entries[middle] == ord("A") else ord("A")
    files["entries.jsonl"] = bytes(entries)
    return Bundle.of(files, f"{bundle.where}, with one byte flipped")
