"""Pictures by name, so that only names cross to the tests."""

from itertools import count

import numpy as np

_numbers = count(1)
_all: dict[str, np.ndarray] = {}


def kept(pixels: np.ndarray) -> str:
    """Takes height x width x 1, 2, 3 or 4 values and widens them to straight RGBA, 0-255."""
    pixels = np.asarray(pixels, dtype=np.float32)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    channels = pixels.shape[2]
    if channels in (1, 2):
        pixels = np.concatenate([pixels[..., :1]] * 3 + [pixels[..., 1:]], axis=2)
    if pixels.shape[2] == 3:
        opaque = np.full(pixels.shape[:2] + (1,), 255, dtype=np.float32)
        pixels = np.concatenate([pixels, opaque], axis=2)
    name = f"picture-{next(_numbers)}"
    _all[name] = pixels
    return name


def held(name: str) -> np.ndarray:
    return _all[name]


def eight_bit(pixels: np.ndarray) -> np.ndarray:
    return np.clip(np.round(pixels), 0, 255).astype(np.uint8)


def forgotten(picture: str) -> None:
    """Of 12 megapixels a picture takes 200 MB."""
    del _all[picture]
