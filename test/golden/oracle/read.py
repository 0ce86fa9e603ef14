"""What a file holds, as Pillow reads it."""

import io

import numpy as np
from PIL import Image, ImageCms, ImageOps

from colour import lab_to_srgb

Image.MAX_IMAGE_PIXELS = None


def pixels(path: str, upright: bool = False) -> np.ndarray:
    """The first frame, converted by Pillow itself; with `upright` as the EXIF tag says."""
    image = Image.open(path)
    return _rgba(ImageOps.exif_transpose(image) if upright else image)


def meant(path: str) -> np.ndarray:
    """The first frame as a person should see it: upright, through its profile to sRGB by LittleCMS, alpha kept."""
    image = Image.open(path)
    profile = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    if image.mode == "LAB":
        return lab_to_srgb(image)
    if profile is None or image.mode in ("I;16", "I;16B", "I", "F"):
        return _rgba(image)
    alpha = _rgba(image)[..., 3:] if image.mode != "CMYK" else None
    if image.mode not in ("RGB", "CMYK", "L"):
        image = image.convert("L" if image.mode == "LA" else "RGB")
    to = ImageCms.createProfile("sRGB")
    pixels = np.asarray(ImageCms.profileToProfile(image, io.BytesIO(profile), to, outputMode="RGB"))
    return pixels if alpha is None else np.concatenate([pixels, alpha], axis=2)


def frames(path: str) -> list[np.ndarray]:
    """Each frame as it is seen, composited by Pillow."""
    image = Image.open(path)
    seen = []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        seen.append(_rgba(image.copy()))
    return seen


def about(path: str) -> dict:
    image = Image.open(path)
    count = getattr(image, "n_frames", 1)
    delays = []
    for index in range(count):
        image.seek(index)
        image.load()
        delays.append(image.info.get("duration"))
    known = {"exif", "xmp", "icc_profile", "comment", "photoshop", "XML:com.adobe.xmp"}
    return {
        "format": image.format,
        "mode": image.mode,
        "width": image.width,
        "height": image.height,
        "frames": count,
        "delays": delays if count > 1 else [],
        "loop": image.info.get("loop"),
        "metadata": sorted(key for key in image.info if key in known and image.info[key]),
    }


def _rgba(image: Image.Image) -> np.ndarray:
    if image.mode == "CMYK":
        raise ValueError("CMYK has no meaning without a profile: ask for `managed`")
    if image.mode in ("I;16", "I;16B", "I"):
        return np.asarray(image).astype(np.float32) / 257
    return np.asarray(image.convert("RGBA"))
