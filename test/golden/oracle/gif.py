"""GIF files written block by block, and their frames composited by numpy as the format says."""

import struct

import numpy as np
from PIL import Image

from pictures import eight_bit, held


def write(path: str, pictures: list[str], delays: list[int], loop: int | None = 0) -> None:
    """Full frames by Pillow; delays in milliseconds, `loop` None for none."""
    frames = [Image.fromarray(eight_bit(held(name))) for name in pictures]
    extra = {} if loop is None else {"loop": loop}
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=delays, disposal=2, **extra)


def write_frames(
    path: str,
    width: int,
    height: int,
    frames: list[dict],
    palette: list[list[int]],
    loop: int | None = 0,
    background: int = 6,
):
    """Frames of {left, top, pixels (rows of palette places), transparent, disposal, delay (centiseconds)}."""
    size = max(2, (len(palette) - 1).bit_length())
    table = bytes(value for colour in palette for value in colour).ljust(3 * 2**size, b"\0")
    parts = [b"GIF89a", struct.pack("<HHBBB", width, height, 0xF0 | (size - 1), background, 0), table]
    if loop is not None:
        parts.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", loop) + b"\0")
    for frame in frames:
        pixels = np.array(frame["pixels"], dtype=np.uint8)
        clear = frame.get("transparent")
        flags = frame.get("disposal", 0) << 2 | (clear is not None)
        parts.append(b"\x21\xf9\x04" + struct.pack("<BHBB", flags, frame.get("delay", 10), clear or 0, 0))
        parts.append(
            b"\x2c"
            + struct.pack(
                "<HHHHB", frame.get("left", 0), frame.get("top", 0), pixels.shape[1], pixels.shape[0], 0
            )
        )
        parts.append(_uncompressed(pixels.flatten(), size))
    open(path, "wb").write(b"".join(parts) + b"\x3b")
    return composited(width, height, frames, palette)


def composited(width: int, height: int, frames: list[dict], palette) -> np.ndarray:
    """All frames below each other, each as it is seen: 0 and 1 leave it, 3 puts back what was, and 2 makes its area
    clear, as browsers do, whatever GIF89a (23.c.iv) says of a background colour."""
    canvas = np.zeros((height, width, 4), dtype=np.float32)
    seen = []
    for frame in frames:
        pixels = np.array(frame["pixels"])
        rows = slice(frame.get("top", 0), frame.get("top", 0) + pixels.shape[0])
        columns = slice(frame.get("left", 0), frame.get("left", 0) + pixels.shape[1])
        before = canvas.copy()
        drawn = pixels != frame.get("transparent", -1)
        canvas[rows, columns][drawn] = np.array([[*colour, 255] for colour in palette], dtype=np.float32)[
            pixels[drawn]
        ]
        seen.append(canvas.copy())
        if frame.get("disposal") == 2:
            canvas[rows, columns] = 0
        elif frame.get("disposal") == 3:
            canvas = before
    return np.concatenate(seen)


def _uncompressed(pixels: np.ndarray, size: int) -> bytes:
    """LZW that never uses its dictionary: it is cleared before its codes would grow by a bit."""
    clear, end, codes = 1 << size, (1 << size) + 1, []
    for at, value in enumerate(pixels):
        if at % (clear - 2) == 0:
            codes.append(clear)
        codes.append(int(value))
    bits = np.array([(code >> bit) & 1 for code in [*codes, end] for bit in range(size + 1)], dtype=np.uint8)
    data = np.packbits(bits, bitorder="little").tobytes()
    blocks = b"".join(
        bytes([len(part)]) + part for part in (data[at : at + 255] for at in range(0, len(data), 255))
    )
    return bytes([size]) + blocks + b"\0"
