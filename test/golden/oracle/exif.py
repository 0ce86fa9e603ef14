"""EXIF blocks with an orientation, sound ones and broken ones."""

import struct


def block(orientation, broken: str | None = None) -> bytes:
    """A TIFF structure of one directory; `broken` names what is wrong with it."""
    value = 1 if orientation is None else orientation
    order = ">" if broken == "big-endian" else "<"
    kind, packed = 3, struct.pack(order + "HH", value, 0)
    if broken == "long":
        kind, packed = 4, struct.pack(order + "I", value)
    entry = struct.pack(order + "HHI", 0x0112, kind, 1) + packed
    following = {"loop": 8}.get(broken, 0)
    entries = 4000 if broken == "truncated" else 1
    offset = 0xFFFFFF00 if broken == "far offset" else 8
    magic = b"II" if order == "<" else b"MM"
    body = magic + struct.pack(order + "HI", 42, offset) + struct.pack(order + "H", entries) + entry
    body += struct.pack(order + "I", following)
    if broken == "cut":
        return body[:13]
    if broken == "noise":
        return bytes((index * 73 + 41) % 256 for index in range(len(body)))
    return body
