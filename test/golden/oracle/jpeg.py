"""JPEG files: by Pillow, by cjpeg for what Pillow does not write, and by hand what stands around them."""

import struct
import subprocess

import numpy as np
from PIL import Image

import exif
import icc
from pictures import eight_bit, held

modes = {"rgb": "RGB", "grey": "L", "cmyk": "CMYK", "ycck": "CMYK"}


def write(
    path: str,
    picture: str,
    space: str = "rgb",
    quality: int = 95,
    subsampling: str = "4:2:0",
    progressive: bool = False,
    arithmetic: bool = False,
    profile: str | None = None,
    version: int = 4,
    orientation=None,
    broken: str | None = None,
):
    image = _image(held(picture), space)
    if arithmetic or subsampling == "4:1:1":
        return _cjpeg(path, image, quality, subsampling, arithmetic)
    extra = {}
    if profile is not None:
        extra["icc_profile"] = icc.profile(profile, version)
    if orientation is not None or broken is not None:
        extra["exif"] = b"Exif\0\0" + exif.block(orientation, broken)
    if space == "rgb":
        extra["subsampling"] = subsampling
    image.save(path, "JPEG", quality=quality, progressive=progressive, **extra)
    if space == "ycck":
        _call_it_ycck(path)


def _image(pixels: np.ndarray, space: str) -> Image.Image:
    if space == "grey":
        return Image.fromarray(eight_bit(pixels[..., 1]))
    # A CMYK picture's four values are its inks; a YCCK file holds the inks turned to luma and chroma.
    if space == "ycck":
        turned = Image.fromarray(eight_bit(pixels[..., :3])).convert("YCbCr")
        luma, blue, red = (255 - np.asarray(turned.getchannel(c)) for c in range(3))
        return Image.merge("CMYK", [Image.fromarray(c) for c in (luma, blue, red, eight_bit(pixels[..., 3]))])
    if space == "cmyk":
        return Image.merge("CMYK", [Image.fromarray(eight_bit(pixels[..., c])) for c in range(4)])
    return Image.fromarray(eight_bit(pixels[..., :3]))


def _call_it_ycck(path: str) -> None:
    """The transform in the Adobe marker (TN 5116): 0 is CMYK, 2 is YCCK."""
    data = bytearray(open(path, "rb").read())
    data[data.index(b"\xff\xee") + 15] = 2
    open(path, "wb").write(data)


def _cjpeg(path: str, image: Image.Image, quality: int, subsampling: str, arithmetic: bool) -> None:
    sampling = {"4:1:1": "4x1,1x1,1x1", "4:2:0": "2x2,1x1,1x1"}[subsampling]
    image.save(path + ".ppm")
    coding = ["-arithmetic"] if arithmetic else []
    subprocess.run(
        ["cjpeg", "-quality", str(quality), "-sample", sampling, *coding, "-outfile", path, path + ".ppm"],
        check=True,
    )


def write_mpf(path: str, picture: str, second: str, gain_map: bool = False):
    """Two images in one file (CIPA DC-007); with `gain_map` the second is one, as Ultra HDR has it."""
    first, other = (Image.fromarray(eight_bit(held(name)[..., :3])) for name in (picture, second))
    if gain_map:
        other = other.convert("L")
    first.save(path, "MPO", save_all=True, append_images=[other], quality=95)
    if gain_map:
        _insert_after_start(path, b"http://ns.adobe.com/xap/1.0/\0" + _gain_map_xmp)


_gain_map_xmp = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" hdrgm:GainMapMax="2"/>
</rdf:RDF></x:xmpmeta>"""


def _insert_after_start(path: str, body: bytes) -> None:
    """Offsets in the MPF segment count from that segment itself, so that what comes before it may grow."""
    data = open(path, "rb").read()
    segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    open(path, "wb").write(data[:2] + segment + data[2:])
