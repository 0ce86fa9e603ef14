"""Answers questions about pictures, one JSON object a line, so that one Python serves a whole test file.

In:  {"ask": "<operation>", ...arguments}; out: {"answer": ...} or {"error": "..."}.
Pictures stay here and go by a name: float32, height x width x 4 (red, green, blue, straight alpha), 0-255.
Nothing below looks at the code under test: the fixtures are written and the variants are read by Pillow, numpy and
command-line codecs.
"""

import json
import sys
import traceback

import avif
import colour
import gif
import jpeg
import likeness
import png
import read
import scene
import tiff
import webp
from pictures import forgotten, held, kept

makers = {
    "scene": scene.photograph,
    "tiled": scene.tiled,
    "veiled": scene.veiled,
    "spectrum": scene.spectrum,
    "inks": scene.inks,
    "printed": scene.printed,
    "inverted": lambda picture: 255 - held(picture),
    "soft": scene.soft_edges,
    "read": read.pixels,
    "meant": read.meant,
    "frames": read.frames,
    "resize": scene.resized,
    "turned": scene.turned,
    "crop": scene.cropped,
    "over": scene.laid_over,
    "toSrgb": colour.to_srgb,
    "fromSrgb": colour.from_srgb,
    "managed": colour.managed,
}
tellers = {
    "about": read.about,
    "likeness": likeness.likeness,
    "changedBox": likeness.changed_box,
    "deltaE": colour.difference,
    "deltaE2000": colour.delta_e_2000_of,
    "forget": forgotten,
    "size": lambda picture: {"width": held(picture).shape[1], "height": held(picture).shape[0]},
    "colourAt": lambda picture, x, y: [float(value) for value in held(picture)[y, x]],
}
writers = {
    "jpeg": jpeg.write,
    "mpf": jpeg.write_mpf,
    "png": png.write,
    "apng": png.write_animated,
    "gif": gif.write,
    "gifFrames": gif.write_frames,
    "webp": webp.write,
    "animatedWebp": webp.write_animated,
    "tiff": tiff.write,
    "avif": avif.write,
}


def answer(ask: str, **arguments):
    if ask in makers:
        made = makers[ask](**arguments)
        return [kept(one) for one in made] if isinstance(made, list) else kept(made)
    if ask in writers:
        means = writers[ask](**arguments)
        return None if means is None else kept(means)
    return tellers[ask](**arguments)


for line in sys.stdin:
    try:
        reply = {"answer": answer(**json.loads(line))}
    except Exception:
        reply = {"error": traceback.format_exc(limit=-4)}
    print(json.dumps(reply), flush=True)
