"""TIFF files written field by field (TIFF 6.0): strips, tiles, 8 and 16 bits, CMYK, pages, both byte orders."""

import struct
import zlib

import numpy as np

import icc
from pictures import held

photometric = {"white-is-zero": 0, "grey": 1, "rgb": 2, "rgba": 2, "cmyk": 5}
channels = {"white-is-zero": [1], "grey": [1], "rgb": [0, 1, 2], "rgba": [0, 1, 2, 3], "cmyk": [0, 1, 2, 3]}
SHORT, LONG, BYTES = 3, 4, 7


def write(
    path: str,
    pictures: list[str],
    colour: str = "rgb",
    depth: int = 8,
    tile: int | None = None,
    rows: int = 16,
    big_endian: bool = False,
    deflate: bool = False,
    profile: str | None = None,
    orientation: int | None = None,
) -> np.ndarray:
    """One page a picture; returns what the first page means."""
    order = ">" if big_endian else "<"
    file = bytearray((b"MM" if big_endian else b"II") + struct.pack(order + "HI", 42, 0))
    link = 4
    for picture in pictures:
        samples = _samples(held(picture), colour, depth)
        fields, blocks = _page(samples, colour, depth, tile, rows, order, deflate)
        if profile is not None:
            fields[34675] = (BYTES, icc.profile(profile))
        if orientation is not None:
            fields[274] = (SHORT, [orientation])
        link = _append(file, link, fields, blocks, tile is not None, order)
    open(path, "wb").write(file)
    first = _samples(held(pictures[0]), colour, depth) * (255 / (2**depth - 1))
    return 255 - first if colour == "white-is-zero" else first


def _samples(pixels: np.ndarray, colour: str, depth: int) -> np.ndarray:
    values = pixels[..., channels[colour]].astype(np.float64)
    values = 255 - values if colour == "white-is-zero" else values
    return np.round(values * (2**depth - 1) / 255).astype(np.uint16)


def _page(samples, colour, depth, tile, rows, order, deflate):
    height, width, count = samples.shape
    kind = order + "u2" if depth == 16 else "u1"
    if tile is None:
        parts = [samples[top : top + rows] for top in range(0, height, rows)]
    else:
        padded = np.pad(samples, ((0, -height % tile), (0, -width % tile), (0, 0)), mode="edge")
        parts = [
            padded[y : y + tile, x : x + tile] for y in range(0, height, tile) for x in range(0, width, tile)
        ]
    blocks = [part.astype(kind).tobytes() for part in parts]
    fields = {
        256: (LONG, [width]),
        257: (LONG, [height]),
        258: (SHORT, [depth] * count),
        259: (SHORT, [8 if deflate else 1]),
        262: (SHORT, [photometric[colour]]),
        277: (SHORT, [count]),
        284: (SHORT, [1]),
    }
    fields |= {278: (LONG, [rows])} if tile is None else {322: (LONG, [tile]), 323: (LONG, [tile])}
    if colour == "rgba":
        fields[338] = (SHORT, [2])
    return fields, [zlib.compress(block) for block in blocks] if deflate else blocks


def _append(file: bytearray, link: int, fields: dict, blocks: list[bytes], tiled: bool, order: str) -> int:
    """Blocks, then the directory that points to them; returns where the offset of the next directory goes."""
    offsets = []
    for block in blocks:
        offsets.append(len(file))
        file += block + b"\0" * (len(block) % 2)
    fields[324 if tiled else 273] = (LONG, offsets)
    fields[325 if tiled else 279] = (LONG, [len(block) for block in blocks])
    entries = []
    for tag in sorted(fields):
        kind, values = fields[tag]
        body = (
            values
            if kind == BYTES
            else struct.pack(f"{order}{len(values)}{'H' if kind == SHORT else 'I'}", *values)
        )
        if len(body) > 4:
            place = struct.pack(order + "I", len(file))
            file += body + b"\0" * (len(body) % 2)
            entries.append(struct.pack(order + "HHI", tag, kind, len(values)) + place)
        else:
            entries.append(struct.pack(order + "HHI", tag, kind, len(values)) + body.ljust(4, b"\0"))
    struct.pack_into(order + "I", file, link, len(file))
    file += struct.pack(order + "H", len(entries)) + b"".join(entries) + b"\0" * 4
    return len(file) - 4
