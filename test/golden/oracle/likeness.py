"""How like two pictures of one size are."""

import numpy as np

from pictures import held


def likeness(a: str, b: str) -> dict:
    """Colour where both are seen (decibels of 8 bits, mean and largest step), alpha apart, and SSIM of the luma."""
    first, second = held(a), held(b)
    if first.shape != second.shape:
        raise ValueError(f"{first.shape[1]}x{first.shape[0]} is not {second.shape[1]}x{second.shape[0]}")
    seen = np.minimum(first[..., 3:], second[..., 3:]) / 255
    away = np.abs(first[..., :3] - second[..., :3]) * seen
    alpha = np.abs(first[..., 3] - second[..., 3])
    square = float(np.mean(away.astype(np.float64) ** 2))
    return {
        "decibels": 99.0 if square < 1e-9 else float(10 * np.log10(255**2 / square)),
        "mean": float(away.mean()),
        "max": float(away.max()),
        "alphaMean": float(alpha.mean()),
        "alphaMax": float(alpha.max()),
        "ssim": ssim(luma(first), luma(second)),
    }


def changed_box(a: str, b: str, beyond: float = 60) -> list[int]:
    """Left, top, right and bottom of what differs by more than so many steps in any channel."""
    away = np.abs(held(a)[..., :3] - held(b)[..., :3]).max(axis=2) > beyond
    rows, columns = np.flatnonzero(away.any(axis=1)), np.flatnonzero(away.any(axis=0))
    return [int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])] if len(rows) else [0, 0, 0, 0]


def luma(pixels: np.ndarray) -> np.ndarray:
    return (pixels[..., :3] * (pixels[..., 3:] / 255)) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Wang et al. 2004 with a Gaussian of 1.5 pixels."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ma, mb = _blurred(a), _blurred(b)
    va, vb, both = _blurred(a * a) - ma * ma, _blurred(b * b) - mb * mb, _blurred(a * b) - ma * mb
    index = (2 * ma * mb + c1) * (2 * both + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2))
    return float(index.mean())


def _blurred(layer: np.ndarray) -> np.ndarray:
    kernel = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(layer.astype(np.float64), 5, mode="symmetric")
    rows = sum(weight * padded[:, i : i + layer.shape[1]] for i, weight in enumerate(kernel))
    return sum(weight * rows[i : i + layer.shape[0]] for i, weight in enumerate(kernel))
