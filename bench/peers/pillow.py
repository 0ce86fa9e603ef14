"""Pillow in a warm process: draft, then the same cascade of Lanczos reductions, and the mark over a copy."""
import io
import json
import os
import resource
import sys
import time

from PIL import Image, ImageOps

with open(sys.argv[1], encoding="utf-8") as file:
    photographs = json.load(file)["photographs"]

# As Sluice: libaom at its fastest, in one thread.
OPTIONS = {
    "webp": {"method": 4},
    "jpeg": {"optimize": True, "subsampling": "4:2:0"},
    "avif": {"codec": "aom", "speed": 9, "subsampling": "4:2:0", "max_threads": 1, "autotiling": False},
    "png": {"compress_level": 1},
}


def overlay(mark):
    with open(mark["rgba"], "rb") as file:
        return Image.frombytes("RGBA", (mark["width"], mark["height"]), file.read())


def make(path, targets):
    made = {}
    image = Image.open(path)
    upright = image.getexif().get(0x0112, 1) < 5
    largest = targets[0]["width"], targets[0]["height"]
    image.draft("RGB", largest if upright else largest[::-1])
    source = ImageOps.exif_transpose(image)
    for target in targets:
        size = target["width"], target["height"]
        if source.size != size:
            source = source.resize(size, Image.Resampling.LANCZOS)
        frame = source
        if "mark" in target:
            frame = source.copy()
            mark = overlay(target["mark"])
            frame.paste(mark, (target["mark"]["left"], target["mark"]["top"]), mark)
        for output in target["outputs"]:
            kind, quality = output["format"], output["quality"]
            flat = frame
            if kind == "jpeg" and frame.mode == "RGBA":
                flat = Image.new("RGB", size, "#ffffff")
                flat.paste(frame, (0, 0), frame)
            out = io.BytesIO()
            flat.save(out, kind, **({} if kind == "png" else {"quality": quality}), **OPTIONS[kind])
            made[f"{target['preset']}.{kind}"] = out.getvalue()
    return made


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


def peak_mb():
    # Not ru_maxrss, which begins with what the process had that forked this one.
    with open("/proc/self/status", encoding="latin-1") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:"))


for line in sys.stdin:
    order = json.loads(line)
    photograph = photographs[order["photograph"]]
    before, start = cpu(), time.perf_counter()
    made = make(photograph["path"], photograph["targets"])
    spent, wall = cpu() - before, (time.perf_counter() - start) * 1000
    if "keep" in order:
        for name, data in made.items():
            with open(os.path.join(order["keep"], name), "wb") as file:
                file.write(data)
    sizes = {name: len(data) for name, data in made.items()}
    print(json.dumps({"cpuMs": spent, "wallMs": wall, "peakRssMb": peak_mb(), "bytes": sizes}), flush=True)
