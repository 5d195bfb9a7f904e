"""What a forger would do to a bundle: change one byte, somewhere in the middle."""

from ombud.evidence.bundle import Bundle


def flip_a_byte(bundle: Bundle) -> Bundle:
    """The bundle with one bit turned around, in the middle of its last measurement."""
    files = dict(bundle.files)
    entries = bytearray(files["entries.jsonl"])
    start = len(entries) - len(bundle.leaves[-1]) // 2
    entries[start] ^= 1
    files["entries.jsonl"] = bytes(entries)
    return Bundle.of(files, f"{bundle.where}, with one byte flipped")
