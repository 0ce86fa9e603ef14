"""ICC profiles written by hand: RGB by matrix and curve (version 2 or 4), CMYK by a table."""

import struct

import numpy as np

from colour import to_lab
from spaces import D50, adaptation, matrix_to_pcs, named


def s15(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(s15(value) for value in values)


def _text(tag: str, version: int) -> bytes:
    if version == 2:
        raw = tag.encode() + b"\0"
        return b"desc\0\0\0\0" + struct.pack(">I", len(raw)) + raw + b"\0" * 78
    raw = tag.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(raw), 28) + raw


def _curve(space: str, version: int) -> bytes:
    if version == 4:
        return b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + b"".join(s15(p) for p in named[space].curve)
    if named[space].curve[3] == 0:
        return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(named[space].curve[0] * 256))
    table = np.round(named[space].decode(np.linspace(0, 1, 1024)) * 65535).astype(">u2")
    return b"curv\0\0\0\0" + struct.pack(">I", len(table)) + table.tobytes()


def profile(name: str, version: int = 4) -> bytes:
    """A file, the press, or a named space."""
    if name.startswith("/"):
        return open(name, "rb").read()
    return cmyk_profile() if name == "press" else matrix_profile(name, version)


def matrix_profile(space: str, version: int = 4) -> bytes:
    colorants = matrix_to_pcs(space)
    curve = _curve(space, version)
    tags = {
        b"desc": _text(space, version),
        b"cprt": _text("CC0", version) if version == 4 else b"text\0\0\0\0CC0\0",
        b"wtpt": _xyz(D50),
        b"rXYZ": _xyz(colorants[:, 0]),
        b"gXYZ": _xyz(colorants[:, 1]),
        b"bXYZ": _xyz(colorants[:, 2]),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    if version == 4:
        bradford = adaptation(named[space].white)
        tags[b"chad"] = b"sf32\0\0\0\0" + b"".join(s15(value) for value in bradford.flatten())
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags, version)


def cmyk_profile(grid: int = 11) -> bytes:
    """A press with impure inks (Neugebauer): a 16-bit table from ink to Lab, unlike what ships with a codec."""
    axis = np.linspace(0, 1, grid)
    ink = np.stack(np.meshgrid(axis, axis, axis, axis, indexing="ij"), axis=-1)
    lab = to_lab(press(ink))
    encoded = np.stack([lab[..., 0] * 652.8, (lab[..., 1] + 128) * 256, (lab[..., 2] + 128) * 256], axis=-1)
    table = np.clip(np.round(encoded), 0, 65535).astype(">u2").tobytes()
    ramp = np.array([0, 65535], dtype=">u2").tobytes()
    identity = b"".join(s15(value) for value in np.eye(3).flatten())
    lut = b"mft2\0\0\0\0" + struct.pack(">BBBx", 4, 3, grid) + identity + struct.pack(">HH", 2, 2)
    tags = {
        b"desc": _text("press", 2),
        b"cprt": b"text\0\0\0\0CC0\0",
        b"wtpt": _xyz(D50),
        b"A2B0": lut + ramp * 4 + table + ramp * 3,
    }
    return _profile(b"prtr", b"CMYK", b"Lab ", tags, 2)


def press(ink: np.ndarray) -> np.ndarray:
    """Ink 0-1 (last axis C, M, Y, K) to sRGB 0-255: each ink lets through its own share of each channel."""
    through = np.array([[0.05, 0.55, 0.85], [0.80, 0.12, 0.45], [0.98, 0.90, 0.08], [0.08, 0.08, 0.09]])
    linear = np.prod(1 - ink[..., :, None] * (1 - through), axis=-2)
    return 255 * linear ** (1 / 2.2)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict, version: int) -> bytes:
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        table += name + struct.pack(">II", start + len(data), len(body))
        data += body + b"\0" * (-len(body) % 4)
    number = {2: 0x02400000, 4: 0x04300000}[version]
    head = struct.pack(">I4sI4s4s4s", start + len(data), b"\0" * 4, number, kind, space, connection)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += b"".join(s15(value) for value in D50)
    return head.ljust(128, b"\0") + table + data
