"""Parquet's Bloom filters: XXH64 and split blocks, as the format's specification has them."""

from typing import Final

from ombud.errors import Unreadable

_MASK: Final = 2**64 - 1
_P1, _P2, _P3, _P4, _P5 = (
    0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5,
)  # fmt: skip
_SALTS: Final = (
    0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D, 0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31,
)  # fmt: skip
_BLOCK: Final = 32


def xxh64(data: bytes) -> int:
    """XXH64 with seed 0."""
    left = len(data) % 32
    whole = len(data) - left
    if whole:
        lanes = [(_P1 + _P2) & _MASK, _P2, 0, (-_P1) & _MASK]
        for start in range(0, whole, 32):
            lanes = [_round(lane, _word(data, start + 8 * i)) for i, lane in enumerate(lanes)]
        mixed = sum(_turned(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True)) & _MASK
        for lane in lanes:
            mixed = ((mixed ^ _round(0, lane)) * _P1 + _P4) & _MASK
    else:
        mixed = _P5
    return _tail((mixed + len(data)) & _MASK, data[whole:])


def _tail(mixed: int, rest: bytes) -> int:
    place = 0
    while len(rest) - place >= 8:
        mixed = (_turned(mixed ^ _round(0, _word(rest, place)), 27) * _P1 + _P4) & _MASK
        place += 8
    if len(rest) - place >= 4:
        part = int.from_bytes(rest[place : place + 4], "little") * _P1
        mixed = (_turned(mixed ^ (part & _MASK), 23) * _P2 + _P3) & _MASK
        place += 4
    for byte in rest[place:]:
        mixed = (_turned(mixed ^ (byte * _P5 & _MASK), 11) * _P1) & _MASK
    mixed = ((mixed ^ (mixed >> 33)) * _P2) & _MASK
    mixed = ((mixed ^ (mixed >> 29)) * _P3) & _MASK
    return mixed ^ (mixed >> 32)


def _word(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 8], "little")


def _turned(value: int, by: int) -> int:
    return ((value << by) | (value >> (64 - by))) & _MASK


def _round(lane: int, word: int) -> int:
    return (_turned((lane + word * _P2) & _MASK, 31) * _P1) & _MASK


def may_hold(bits: bytes, value: bytes) -> bool:
    """Whether a filter answers "possible".

    Raises:
        Unreadable: it is not made of whole blocks.
    """
    _blocks(bits)
    block = _block_of(bits, xxh64(value))
    key = xxh64(value) & 0xFFFFFFFF
    return all(word >> ((key * salt & 0xFFFFFFFF) >> 27) & 1 for word, salt in zip(block, _SALTS, strict=True))


def _block_of(bits: bytes, hashed: int) -> tuple[int, ...]:
    start = ((hashed >> 32) * _blocks(bits) >> 32) * _BLOCK
    return tuple(int.from_bytes(bits[place : place + 4], "little") for place in range(start, start + _BLOCK, 4))


def _blocks(bits: bytes) -> int:
    if not bits or len(bits) % _BLOCK:
        raise Unreadable("a Bloom filter", "it is not made of whole blocks")
    return len(bits) // _BLOCK


def chance(bits: bytes) -> float:
    """The probability that the filter answers "possible" to a value that was never put in."""
    import numpy as np

    words = np.frombuffer(bits, np.uint8).reshape(-1, 8, 4)
    filled = np.unpackbits(words, axis=2).sum(axis=2) / 32
    return float(filled.prod(axis=1).mean())
