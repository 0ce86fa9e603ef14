"""Runs a program once for every order and says what it cost: ffmpeg and ImageMagick are started for each image.

The words of the command may hold {photograph} and {out}, the folder for its files.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

with open(sys.argv[1], encoding="utf-8") as file:
    commands = json.load(file)

for line in sys.stdin:
    order = json.loads(line)
    with tempfile.TemporaryDirectory() as folder:
        out = order.get("keep", folder)
        words = [word.replace("{out}", out) for word in commands[order["photograph"]]]
        start = time.perf_counter()
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall = (time.perf_counter() - start) * 1000
        if status != 0:
            sys.exit(f"{words[0]} ended with {status}")
        sizes = {}
        for name in os.listdir(out):
            preset, _, kind = name.partition(".")
            sizes[f"{preset}.{'jpeg' if kind == 'jpg' else kind}"] = os.path.getsize(os.path.join(out, name))
    spent = (usage.ru_utime + usage.ru_stime) * 1000
    peak = usage.ru_maxrss / 1024
    print(json.dumps({"cpuMs": spent, "wallMs": wall, "peakRssMb": peak, "bytes": sizes}), flush=True)
