"""PNG files written chunk by chunk (ISO 15948): all colour types and depths, Adam7, colour chunks."""

import struct
import zlib

import numpy as np
from PIL import Image

import exif
import icc
from pictures import eight_bit, held
from spaces import named

types = {"grey": 0, "rgb": 2, "palette": 3, "grey-alpha": 4, "rgba": 6}
adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def write(
    path: str,
    picture: str,
    colour: str = "rgb",
    depth: int = 8,
    interlaced: bool = False,
    profile: str | None = None,
    version: int = 4,
    chunks: str | None = None,
    transparent: bool = False,
    orientation=None,
    broken: str | None = None,
) -> np.ndarray:
    """Writes the picture and returns what the file means, after its rounding, in its own colour space."""
    samples, means, palette = _samples(held(picture), colour, depth)
    height, width = samples.shape[:2]
    parts = [
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, types[colour], 0, 0, int(interlaced)))
    ]
    if profile is not None:
        parts.append(_chunk(b"iCCP", b"profile\0\0" + zlib.compress(icc.profile(profile, version))))
    parts += _colour_chunks(chunks)
    if palette is not None:
        parts.append(_chunk(b"PLTE", palette.astype(np.uint8).tobytes()))
    if transparent:
        key, means = _colour_key(samples, means, colour)
        parts.append(_chunk(b"tRNS", key))
    if orientation is not None or broken is not None:
        parts.append(_chunk(b"eXIf", exif.block(orientation, broken)))
    passes = adam7 if interlaced else [(0, 0, 1, 1)]
    rows = b"".join(_rows(samples[top::down, left::right], depth) for left, top, right, down in passes)
    parts += [_chunk(b"IDAT", zlib.compress(rows, 6)), _chunk(b"IEND", b"")]
    open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return means


def _samples(pixels: np.ndarray, colour: str, depth: int):
    """Whole numbers as the file has them, and the 0-255 floats that they stand for."""
    top = 2**depth - 1
    if colour == "palette":
        count = min(256, 2**depth)
        image = Image.fromarray(eight_bit(pixels[..., :3])).quantize(count, dither=Image.Dither.NONE)
        palette = np.array(image.getpalette()[: count * 3], dtype=np.uint8).reshape(-1, 3)
        index = np.asarray(image).astype(np.uint16)
        return index[..., None], palette[index].astype(np.float32), palette
    channels = {"grey": [1], "rgb": [0, 1, 2], "grey-alpha": [1, 3], "rgba": [0, 1, 2, 3]}[colour]
    samples = np.round(pixels[..., channels].astype(np.float64) * top / 255).astype(np.uint16)
    return samples, samples * (255 / top), None


def _rows(samples: np.ndarray, depth: int) -> bytes:
    """Each row with filter 0; samples of less than a byte packed from the left, nothing for an empty pass."""
    if samples.size == 0:
        return b""
    rows = samples.reshape(samples.shape[0], -1)
    if depth == 16:
        packed = rows.astype(">u2").view(np.uint8)
    elif depth == 8:
        packed = rows.astype(np.uint8)
    else:
        bits = np.unpackbits(rows.astype(np.uint8)[..., None], axis=2)[..., 8 - depth :]
        packed = np.packbits(bits.reshape(rows.shape[0], -1), axis=1)
    return np.pad(packed, ((0, 0), (1, 0))).tobytes()


def _colour_key(samples: np.ndarray, means: np.ndarray, colour: str):
    """One colour of the picture is called transparent: the first pixel's own."""
    first = samples[0, 0]
    hidden = np.all(samples == first, axis=2)
    if colour == "palette":
        key = bytes([255] * int(first[0]) + [0])
    else:
        key = b"".join(struct.pack(">H", int(value)) for value in first)
    colours = np.repeat(means, 3, axis=2) if means.shape[2] == 1 else means
    return key, np.concatenate([colours, np.where(hidden, 0, 255)[..., None]], axis=2)


def _colour_chunks(chunks: str | None) -> list[bytes]:
    if chunks is None:
        return []
    if chunks == "cICP display-p3":
        return [_chunk(b"cICP", bytes([12, 13, 0, 1]))]
    if chunks == "sRGB":
        return [_chunk(b"sRGB", b"\0")]
    space = named[chunks.removeprefix("gAMA+cHRM ")]
    places = [value for point in (space.white, *space.primaries) for value in point]
    gamma = _chunk(b"gAMA", struct.pack(">I", round(100000 / space.curve[0])))
    return [gamma, _chunk(b"cHRM", struct.pack(">8I", *(round(value * 100000) for value in places)))]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def write_animated(path: str, pictures: list[str], delay: int = 120) -> np.ndarray:
    frames = [Image.fromarray(eight_bit(held(name))) for name in pictures]
    frames[0].save(path, "PNG", save_all=True, append_images=frames[1:], duration=delay, loop=0)
    return eight_bit(held(pictures[0]))
