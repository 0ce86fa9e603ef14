"""AVIF files: by Pillow (libavif) in 8 bits, by avifenc for more bits, grids, turns and mirrors."""

import subprocess

from PIL import Image

import exif
import png
from pictures import eight_bit, held


def write(
    path: str,
    picture: str,
    depth: int = 8,
    alpha: bool = False,
    lossless: bool = False,
    subsampling: str = "4:4:4",
    grid: str | None = None,
    turns: int = 0,
    mirror: int | None = None,
    orientation: int | None = None,
    profile: str | None = None,
    cicp: str | None = None,
    yuv: str | None = None,
    range: str | None = None,
    premultiplied: bool = False,
):
    """`turns` of 90 degrees anticlockwise and `mirror` (0 top to bottom, 1 left to right) are the file's own;
    `orientation` is of its EXIF block, which readers are to leave alone (MIAF, 7.3.6.7)."""
    plain = all(option in (None, 0, False) for option in (grid, turns, mirror, profile, cicp, yuv, range, premultiplied))
    if plain and depth == 8:
        image = Image.fromarray(eight_bit(held(picture))[..., : 4 if alpha else 3])
        image.save(path, "AVIF", quality=90, subsampling=subsampling, speed=8)
        return None
    source = path + ".png"
    colour = "grey" if yuv == "400" else "rgba" if alpha else "rgb"
    means = png.write(source, picture, colour=colour, depth=16 if depth > 8 else 8, profile=profile)
    options = [
        "--depth",
        str(depth),
        "--yuv",
        yuv or subsampling.replace(":", ""),
        "--speed",
        "8",
        "--min",
        "4",
        "--max",
        "8",
    ]
    if premultiplied:
        options += ["--premultiply"]
    if grid is not None:
        options += ["--grid", grid]
    if range is not None:
        options += ["--range", range]
    if cicp is not None:
        options += ["--cicp", cicp]
    if turns:
        options += ["--irot", str(turns)]
    if mirror is not None:
        options += ["--imir", str(mirror)]
    if orientation is not None:
        open(path + ".exif", "wb").write(exif.block(1))
        options += ["--exif", path + ".exif"]
    subprocess.run(["avifenc", "--jobs", "1", *options, source, path], check=True, capture_output=True)
    if orientation is not None:
        # avifenc would make its own turn of the tag: it is set afterwards.
        data = open(path, "rb").read()
        assert data.count(exif.block(1)) == 1
        open(path, "wb").write(data.replace(exif.block(1), exif.block(orientation)))
    return means
