"""WebP files by Pillow (libwebp)."""

from PIL import Image

import exif
import icc
from pictures import eight_bit, held


def write(
    path: str,
    picture: str,
    lossless: bool = False,
    quality: int = 90,
    alpha: bool = False,
    profile: str | None = None,
    orientation=None,
    broken: str | None = None,
):
    """Returns what a lossless file means."""
    pixels = eight_bit(held(picture))[..., : 4 if alpha else 3]
    extra = {}
    if profile is not None:
        extra["icc_profile"] = icc.profile(profile)
    if orientation is not None or broken is not None:
        extra["exif"] = exif.block(orientation, broken)
    Image.fromarray(pixels).save(path, "WEBP", lossless=lossless, quality=quality, exact=True, **extra)
    return pixels if lossless else None


def write_animated(
    path: str, pictures: list[str], delays: list[int], loop: int = 0, profile: str | None = None
) -> None:
    """Pillow's encoder writes what differs between frames only, with both ways to blend and to dispose."""
    frames = [Image.fromarray(eight_bit(held(name))) for name in pictures]
    extra = {} if profile is None else {"icc_profile": icc.profile(profile)}
    frames[0].save(
        path,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=delays,
        loop=loop,
        lossless=True,
        exact=True,
        minimize_size=True,
        **extra,
    )
