"""Pictures to begin with, and what a person would do to them: resize, crop, lay over a colour."""

import numpy as np
from PIL import Image

from pictures import held
from icc import press

corners = [(220, 30, 30), (30, 200, 40), (40, 60, 220), (235, 235, 60)]


def photograph(
    width: int, height: int, seed: int = 1, detail: float = 1.0, falloff: float = 0.5
) -> np.ndarray:
    """Noise that halves with each octave, as in photographs (more is left in one that was reduced before), with a
    differently coloured disc in each corner, so that no turn and no mirror leaves it as it was. `detail` below 1
    softens the finest octaves, for chroma subsampling."""
    random = np.random.default_rng(seed)
    light = _octaves(random, width, height, detail, falloff)
    pixels = np.stack(
        [light + 0.35 * _octaves(random, width, height, detail / 4, falloff) for _ in range(3)], axis=2
    )
    pixels = 128 + 62 * (pixels - pixels.mean()) / pixels.std()
    y, x = np.mgrid[0:height, 0:width]
    radius = min(width, height) / 6
    for index, colour in enumerate(corners):
        left, top = (index % 2) * 0.6 + 0.2, (index // 2) * 0.6 + 0.2
        away = np.hypot(x - left * width, y - top * height)
        share = np.clip((radius - away) / 3 + 0.5, 0, 1)[..., None]
        pixels = pixels * (1 - share) + np.array(colour) * share
    return np.clip(pixels, 0, 255)


def veiled(width: int, height: int, seed: int = 1, detail: float = 1.0) -> np.ndarray:
    """The same behind a veil: opaque at the left, clear at the right, in waves."""
    y, x = np.mgrid[0:height, 0:width]
    alpha = 255 * np.clip(1.1 - x / width + 0.1 * np.sin(y / 9), 0, 1)
    return np.concatenate([photograph(width, height, seed, detail), alpha[..., None]], axis=2)


def _octaves(random, width: int, height: int, detail: float, falloff: float) -> np.ndarray:
    total = np.zeros((height, width), dtype=np.float32)
    cells, weight = 3, 1.0
    while cells < min(width, height) / 2 * detail:
        grid = random.normal(size=(cells, cells)).astype(np.float32)
        total += weight * np.asarray(Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC))
        cells, weight = cells * 2, weight * falloff
    return total


def tiled(picture: str, times: int) -> np.ndarray:
    """So many copies beside and below each other: many megapixels of fine detail in no time."""
    return np.tile(held(picture), (times, times, 1))


def spectrum(width: int = 360, height: int = 240) -> np.ndarray:
    """Every hue at every lightness and three saturations: corners of the cube and greys included."""
    y, x = np.mgrid[0:height, 0:width]
    hue = (x / width * 6) % 6
    light = ((y % (height // 3)) + 0.5) / (height // 3)
    full = np.clip(np.stack([np.abs(hue - 3) - 1, 2 - np.abs(hue - 2), 2 - np.abs(hue - 4)], axis=2), 0, 1)
    saturation = np.choose(y // (height // 3), [1.0, 0.6, 0.15])[..., None]
    coloured = (full - 0.5) * saturation * (1 - np.abs(2 * light - 1))[..., None] + light[..., None]
    return np.clip(coloured, 0, 1) * 255


def inks(width: int = 360, height: int = 240) -> np.ndarray:
    """What a separation of the spectrum would be, as four values of ink, 0-255: black is taken out of the three."""
    light = spectrum(width, height) / 255
    black = 0.8 * (1 - light.max(axis=2, keepdims=True))
    colours = np.clip((1 - light - black) / np.maximum(1 - black, 1e-6), 0, 1)
    return np.round(255 * np.concatenate([colours, black], axis=2))


def printed(picture: str) -> np.ndarray:
    """Ink on paper by the press whose profile is written by hand."""
    return press(held(picture) / 255)


def soft_edges(width: int = 240, height: int = 160, colour=(230, 40, 60)) -> np.ndarray:
    """One colour whose alpha fades: a disc with a wide soft edge, and a wedge from clear to opaque below it."""
    y, x = np.mgrid[0:height, 0:width]
    away = np.hypot(x - width / 2, y - height / 2.6)
    alpha = np.clip((height / 3 - away) / (height / 8) + 0.5, 0, 1)
    alpha = np.where(y > height * 0.8, x / (width - 1), alpha)
    return np.concatenate([np.full((height, width, 3), colour), alpha[..., None] * 255], axis=2)


def turned(picture: str, turns: int = 0, mirror: int | None = None) -> np.ndarray:
    """As an AVIF is (ISO 23000-22): quarter turns anticlockwise, then mirrored top to bottom (0), left to right (1)."""
    pixels = np.rot90(held(picture), turns)
    return pixels if mirror is None else np.flip(pixels, axis=mirror)


def resized(picture: str, width: int, height: int, box=None) -> np.ndarray:
    """Pillow's Lanczos in floating point over the whole area, with alpha premultiplied; `box` in source pixels."""
    pixels = held(picture)
    if pixels[..., 3].min() == 255:
        return np.clip(
            np.stack([_lanczos(pixels[..., c], width, height, box) for c in range(3)], axis=2), 0, 255
        )
    alpha = pixels[..., 3:] / 255
    layers = np.concatenate([pixels[..., :3] * alpha, pixels[..., 3:]], axis=2).astype(np.float32)
    scaled = np.stack([_lanczos(layers[..., c], width, height, box) for c in range(4)], axis=2)
    share = np.clip(scaled[..., 3:] / 255, 1e-6, 1)
    return np.clip(np.concatenate([scaled[..., :3] / share, scaled[..., 3:]], axis=2), 0, 255)


def _lanczos(layer: np.ndarray, width: int, height: int, box) -> np.ndarray:
    return np.asarray(Image.fromarray(layer).resize((width, height), Image.Resampling.LANCZOS, box=box))


def cropped(picture: str, left: int, top: int, width: int, height: int) -> np.ndarray:
    return held(picture)[top : top + height, left : left + width]


def laid_over(picture: str, background, width=None, height=None, left: int = 0, top: int = 0) -> np.ndarray:
    """Laid over a colour as browsers do, who mix what sRGB stores, on a canvas of its own size or a larger one. Background: 3 values or 4."""
    pixels = held(picture)
    canvas = np.zeros((height or pixels.shape[0], width or pixels.shape[1], 4), dtype=np.float64)
    canvas[..., :3] = background[:3]
    canvas[..., 3] = background[3] if len(background) == 4 else 255
    area = canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]]
    if len(background) == 4 and background[3] == 0:
        area[:] = pixels
        return canvas
    share = pixels[..., 3:] / 255
    area[..., :3] = pixels[..., :3] * share + area[..., :3] * (1 - share)
    return canvas
