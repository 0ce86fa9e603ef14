"""Colour in floating point: named spaces to sRGB by their matrices, profiles by LittleCMS, and CIEDE2000."""

import io

import numpy as np
from PIL import Image, ImageCms

from pictures import held
from spaces import D50, matrix_to_pcs, named


def srgb_to_linear(value):
    """0-255 in, 0-1 out (IEC 61966-2-1)."""
    v = np.asarray(value, dtype=np.float64) / 255
    return np.where(v <= 0.04045, v / 12.92, ((np.maximum(v, 0) + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(value):
    v = np.clip(value, 0, 1)
    return 255 * np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)


def to_srgb(picture: str, space: str) -> np.ndarray:
    """What numbers of a named space mean in sRGB: out of its reach is clipped channel by channel."""
    pixels = held(picture)
    linear = named[space].decode(pixels[..., :3].astype(np.float64) / 255)
    matrix = np.linalg.inv(matrix_to_pcs("srgb")) @ matrix_to_pcs(space)
    return np.concatenate([linear_to_srgb(linear @ matrix.T), pixels[..., 3:]], axis=2)


def from_srgb(picture: str, space: str) -> np.ndarray:
    pixels = held(picture)
    matrix = np.linalg.inv(matrix_to_pcs(space)) @ matrix_to_pcs("srgb")
    linear = np.clip(srgb_to_linear(pixels[..., :3]) @ matrix.T, 0, 1)
    return np.concatenate([named[space].encode(linear) * 255, pixels[..., 3:]], axis=2)


def managed(
    path: str, profile: str | None = None, intent: str = "PERCEPTUAL", black_point: bool = False
) -> np.ndarray:
    """A file through its own profile (or this one) to sRGB by LittleCMS, as Pillow reads it."""
    image = Image.open(path)
    flags = ImageCms.Flags.HIGHRESPRECALC | ImageCms.Flags.NOOPTIMIZE
    if black_point:
        flags |= ImageCms.Flags.BLACKPOINTCOMPENSATION
    return np.asarray(
        ImageCms.profileToProfile(
            image,
            profile or io.BytesIO(image.info["icc_profile"]),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent[intent],
            outputMode="RGB",
            flags=flags,
        )
    )


def lab_to_srgb(image: Image.Image) -> np.ndarray:
    """8-bit CIELAB under D50 by LittleCMS: each colour by itself, as its usual grid is 13 steps off in dark ones."""
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    flags = ImageCms.Flags.NOOPTIMIZE
    return np.asarray(ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB", flags=flags))


def to_lab(pixels) -> np.ndarray:
    xyz = srgb_to_linear(pixels) @ matrix_to_pcs("srgb").T / D50
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def difference(a: str, b: str) -> dict:
    """CIEDE2000 between two sRGB pictures of one size: median, 95th percentile, largest."""
    away = delta_e_2000(to_lab(held(a)[..., :3]), to_lab(held(b)[..., :3]))
    return {"median": float(np.median(away)), "p95": float(np.percentile(away, 95)), "max": float(away.max())}


def _cos(degrees):
    return np.cos(np.radians(degrees))


def delta_e_2000_of(first, second) -> float:
    return float(delta_e_2000(np.array(first, dtype=float), np.array(second, dtype=float)))


def delta_e_2000(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    """Sharma, Wu and Dalal 2005, with weights of 1."""
    l1, a1, b1 = np.moveaxis(lab1, -1, 0)
    l2, a2, b2 = np.moveaxis(lab2, -1, 0)
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    dl, dc = l2 - l1, c2 - c1
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    l, c = (l1 + l2) / 2, (c1 + c2) / 2
    far = np.abs(h1 - h2) > 180
    h = np.where(
        grey, h1 + h2, np.where(far, np.where(h1 + h2 < 360, h1 + h2 + 360, h1 + h2 - 360), h1 + h2) / 2
    )
    t = 1 - 0.17 * _cos(h - 30) + 0.24 * _cos(2 * h) + 0.32 * _cos(3 * h + 6) - 0.2 * _cos(4 * h - 63)
    sl = 1 + 0.015 * (l - 50) ** 2 / np.sqrt(20 + (l - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    rc = 2 * np.sqrt(c**7 / (c**7 + 25.0**7))
    rt = -np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2)))) * rc
    return np.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rt * (dc / sc) * (dh / sh))
