"""RGB spaces by their primaries, white and curve, from their own standards."""

from dataclasses import dataclass

import numpy as np

D50 = np.array([0.9642, 1.0, 0.8249])
d50, d65 = (0.3457, 0.3585), (0.3127, 0.3290)

# Gain, offset, slope and limit of the ICC parametric curve of type 3: y = (a x + b) ** g above d, else c x.
srgb_curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
romm_curve = (1.8, 1.0, 0.0, 1 / 16, 1 / 32)


@dataclass(frozen=True)
class Space:
    primaries: tuple
    white: tuple
    curve: tuple

    def decode(self, value):
        g, a, b, c, d = self.curve
        return np.where(value >= d, np.maximum(a * value + b, 0) ** g, c * value)

    def encode(self, linear):
        g, a, b, c, d = self.curve
        return np.where(linear >= c * d, (np.maximum(linear, 0) ** (1 / g) - b) / a, linear / c)


def pure(gamma: float) -> tuple:
    return (gamma, 1.0, 0.0, 0.0, 0.0)


rec709 = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
p3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
rec2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))

named = {
    "srgb": Space(rec709, d65, srgb_curve),
    "display-p3": Space(p3, d65, srgb_curve),
    # Adobe RGB (1998), section 4.3.1: gamma 2 + 51/256.
    "adobe-rgb": Space(((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), d65, pure(563 / 256)),
    # ROMM RGB (ISO 22028-2), better known as ProPhoto: its green and blue are no colours that one can see.
    "prophoto": Space(((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)), d50, romm_curve),
    "rec709-gamma18": Space(rec709, d65, pure(1.8)),
    "p3-gamma22": Space(p3, d65, pure(2.2)),
    "rec2020-gamma22": Space(rec2020, d65, pure(2.2)),
}


def xyz_of(x: float, y: float) -> np.ndarray:
    return np.array([x / y, 1, (1 - x - y) / y])


def adaptation(white) -> np.ndarray:
    """Bradford, from this white to D50, which profiles are connected by."""
    cone = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    return np.linalg.inv(cone) @ np.diag(cone @ D50 / (cone @ xyz_of(*white))) @ cone


def matrix_to_pcs(space: str) -> np.ndarray:
    """Linear RGB of a space to XYZ relative to D50."""
    given = named[space]
    colorants = np.stack([xyz_of(*primary) for primary in given.primaries], axis=1)
    scale = np.linalg.solve(colorants, xyz_of(*given.white))
    return adaptation(given.white) @ (colorants * scale)
