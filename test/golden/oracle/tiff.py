"""TIFF files written field by field (TIFF 6.0): strips, tiles, 8 and 16 bits, CMYK, pages, both byte orders."""

import struct
import zlib

import numpy as np
from PIL import Image

import icc
from colour import lab_to_srgb, to_lab
from pictures import held

photometric = {"white-is-zero": 0, "grey": 1, "rgb": 2, "rgba": 2, "cmyk": 5, "lab": 8}
channels = {"white-is-zero": [1], "grey": [1], "rgb": [0, 1, 2], "rgba": [0, 1, 2, 3], "cmyk": [0, 1, 2, 3]}
MULTIPLIED_ALPHA = 1
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
    extras: list[int] | None = None,
) -> np.ndarray:
    """One page a picture; returns what the first page means. `extras` are the kinds of channels beside the colours."""
    order = ">" if big_endian else "<"
    file = bytearray((b"MM" if big_endian else b"II") + struct.pack(order + "HI", 42, 0))
    link = 4
    for picture in pictures:
        samples = _samples(held(picture), colour, depth, extras or [])
        fields, blocks = _page(samples, colour, depth, tile, rows, order, deflate)
        if extras is not None:
            fields[338] = (SHORT, extras)
        if profile is not None:
            fields[34675] = (BYTES, icc.profile(profile))
        if orientation is not None:
            fields[274] = (SHORT, [orientation])
        link = _append(file, link, fields, blocks, tile is not None, order)
    open(path, "wb").write(file)
    return _meaning(held(pictures[0]), colour, depth, extras or [])


def _samples(pixels: np.ndarray, colour: str, depth: int, extras: list[int]) -> np.ndarray:
    most = 2**depth - 1
    if colour == "lab":
        values = _lab(pixels, depth)
    else:
        values = pixels[..., channels[colour]].astype(np.float64)
        values = np.round((255 - values if colour == "white-is-zero" else values) * most / 255)
    alpha = np.round(pixels[..., 3:].astype(np.float64) * most / 255)
    if MULTIPLIED_ALPHA in extras:
        values = np.round(values * alpha / most)
    mask = np.round((255 - pixels[..., 1:2].astype(np.float64)) * most / 255)
    return np.concatenate([values, *(alpha if kind else mask for kind in extras)], axis=2).astype(np.uint16)


def _meaning(pixels: np.ndarray, colour: str, depth: int, extras: list[int]) -> np.ndarray:
    most = 2**depth - 1
    stored = _samples(pixels, colour, depth, extras).astype(np.float64)
    alphas = [stored[..., index - len(extras), None] for index, kind in enumerate(extras) if kind]
    colours = stored[..., : stored.shape[2] - len(extras)]
    if MULTIPLIED_ALPHA in extras:
        colours = np.where(alphas[0] > 0, colours * most / np.maximum(alphas[0], 1), 0)
    if colour == "lab":
        colours = pixels[..., :3] if depth == 16 else _by_little_cms(colours)
    else:
        colours = colours * (255 / most)
    colours = 255 - colours if colour == "white-is-zero" else colours
    return np.concatenate([colours, *(alpha * (255 / most) for alpha in alphas[:1])], axis=2)


def _lab(pixels: np.ndarray, depth: int) -> np.ndarray:
    """L* of 0 to the largest number; a* and b* with a sign, in whole steps or in 256ths (TIFF 6.0, section 23)."""
    lab = to_lab(pixels[..., :3])
    most, one = 2**depth - 1, 2 ** (depth - 8)
    chroma = np.clip(np.round(lab[..., 1:] * one), -128 * one, 128 * one - 1) % (most + 1)
    return np.concatenate([np.clip(np.round(lab[..., :1] * most / 100), 0, most), chroma], axis=2)


def _by_little_cms(lab: np.ndarray) -> np.ndarray:
    image = Image.frombytes("LAB", (lab.shape[1], lab.shape[0]), lab.astype(np.uint8).tobytes())
    return lab_to_srgb(image)


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
