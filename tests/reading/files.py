"""Picture files of every kind, written by hand or by Pillow, and what begins like other formats."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from PIL import Image

from mnist_tool.errors import ImageError
from tests.reading.pictures import encoded, large

GREY = Image.fromarray(large())


def chunk(kind, body):
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, body, *, depth=8, colour=0, before=b""):
    """A PNG that claims what it is told to."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = chunk(b"IHDR", header) + before + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def tiff(*entries, data=b""):
    """A little-endian TIFF with one directory of (tag, type, count, value), and what follows it."""
    fields = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + fields + bytes(4) + data


def turned(orientation, kind="JPEG"):
    """The digit as a camera stores it that was held so."""
    exif = Image.Exif()
    exif[0x112] = orientation
    return encoded(GREY, kind, exif=exif)


def mapped(**options):
    """The digit with a palette."""
    return encoded(GREY.convert("RGB").quantize(8), **options)


def nan():
    """The digit in floating point, with what is no number in a corner of the paper."""
    values = (large() / 255).astype(np.float32)
    values[0, 0], values[0, 1], values[1, 0] = np.nan, np.inf, -np.inf
    return encoded(values, "TIFF")


def rgba():
    """The digit as black on nothing."""
    black = Image.new("L", GREY.size)
    return Image.merge("RGBA", [black, black, black, Image.fromarray(255 - large())])


OTHER = Image.new("L", GREY.size, 255)
MORE = {"save_all": True, "append_images": [OTHER, OTHER]}

# Files that show the digit, exactly or nearly.
GOOD = {
    "png": encoded(GREY),
    "jpeg": encoded(GREY, "JPEG", quality=95),
    "progressive jpeg": encoded(GREY, "JPEG", quality=95, progressive=True),
    "gif": encoded(GREY, "GIF"),
    "bmp": encoded(GREY, "BMP"),
    "webp": encoded(GREY, "WEBP", lossless=True),
    "tiff": encoded(GREY, "TIFF"),
    "packed tiff": encoded(GREY, "TIFF", compression="tiff_lzw"),
    "pgm": encoded(GREY, "PPM"),
    "ppm": encoded(GREY.convert("RGB"), "PPM"),
    "pbm": encoded(GREY.convert("1", dither=Image.Dither.NONE), "PPM"),
    "plain pgm": b"P2 360 360 255\n" + " ".join(map(str, large().ravel())).encode(),
    "1 bit": encoded(GREY.convert("1", dither=Image.Dither.NONE)),
    "16 bit": encoded(large().astype(np.uint16) * 257),
    "16 bit tiff": encoded(large().astype(np.uint16) * 257, "TIFF"),
    "32 bit tiff": encoded(large().astype(np.int32), "TIFF"),
    "float with nan": nan(),
    "cmyk": encoded(GREY.convert("RGB").convert("CMYK"), "TIFF"),
    "cmyk jpeg": encoded(GREY.convert("RGB").convert("CMYK"), "JPEG", quality=95),
    "lab": encoded(Image.merge("LAB", [GREY, OTHER, OTHER]), "TIFF"),
    "transparent": encoded(rgba()),
    "palette": mapped(),
    "palette with one clear colour": mapped(transparency=7),
    "palette with clear colours": mapped(transparency=b"\xff" * 3),
    "more transparencies than colours": mapped(transparency=b"\xff" * 300),
    "icon": encoded(rgba(), "ICO", sizes=[(256, 256)]),
    "bmp icon": encoded(rgba(), "ICO", sizes=[(128, 128)], bitmap_format="bmp"),
    "animated png": encoded(GREY, **MORE),
    "animated gif": encoded(GREY, "GIF", **MORE),
    "tiff of three pages": encoded(GREY, "TIFF", **MORE),
    "animated webp": encoded(GREY, "WEBP", lossless=True, **MORE),
    "two pages": encoded(GREY, "TIFF", **MORE),
    "nonsense for a colour profile": encoded(GREY, icc_profile=b"nonsense"),
    "nonsense for a jpeg's profile": encoded(GREY, "JPEG", icc_profile=b"\0" * 200),
    "orientation 0": turned(0),
    "orientation 9": turned(9),
    "orientation 65535": turned(65535),
    "orientation is a word": encoded(GREY, "JPEG", exif=b"Exif\0\0" + tiff((0x112, 2, 4, 0x7075))),
    "orientation of a png": turned(77, "PNG"),
    "nonsense for exif": encoded(GREY, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"),
}

# Files that show nothing, each with a word of the reason.
BAD = {
    "cut png": (GOOD["png"][:-400], "damaged"),
    "cut jpeg": (GOOD["jpeg"][: len(GOOD["jpeg"]) // 2], "damaged"),
    "cut gif": (GOOD["gif"][:200], "damaged"),
    "cut bmp": (GOOD["bmp"][:200], "damaged"),
    "cut webp": (GOOD["webp"][:60], "damaged"),
    "cut tiff": (GOOD["tiff"][:4000], "damaged"),
    "cut packed tiff": (GOOD["packed tiff"][:-900], "damaged"),
    "cut pgm": (GOOD["pgm"][:200], "damaged"),
    "cut icon": (GOOD["icon"][:100], "damaged"),
    "wrong crc": (GOOD["png"][:-5] + b"\0" + GOOD["png"][-4:], "damaged"),
    "no deflate": (png(9, 9, b"nonsense"), "damaged"),
    "no width": (png(0, 9, zlib.compress(b"")), "damaged"),
    "no height": (png(9, 0, zlib.compress(b"")), "damaged"),
    "gif without pixels": (b"GIF89a" + bytes(6) + b"\0;", "damaged"),
    "bmp without pixels": (GOOD["bmp"][:18] + bytes(8) + GOOD["bmp"][26:], "damaged"),
    "webp without pixels": (b"RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0", "damaged"),
    "pgm without pixels": (b"P5 0 0 255\n", "damaged"),
    "tiff without pixels": (tiff((256, 3, 1, 0), (257, 3, 1, 0)), "damaged"),
    "tiff without anything": (b"II*\0\xff\xff\xff\xff", "damaged"),
    "icon without pictures": (b"\0\0\1\0\0\0", "damaged"),
    "bomb": (png(40000, 40000, zlib.compress(b"")), "too large"),
    "large": (png(8000, 8000, zlib.compress(b"")), "too large"),
    "slow pgm": (b"P5 3000 3000 200\n" + bytes(9), "slow to read"),
    "bomb in an icon": (
        struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, 99, 22)
        + png(9000, 9000, zlib.compress(b""), colour=6),
        "too large",
    ),
}

HTML = b"<!doctype html>\n<title>403</title>"
SVG = b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n%%EndComments\nshowpage\n"
# The first bytes of what is not opened, and its name.
STRANGERS = {
    EPS: "an EPS file",
    b"\xc5\xd0\xd3\xc6" + bytes(30): "an EPS file",
    b"%!PS\nshowpage\n": "a PostScript file",
    b"%PDF-1.7\n": "a PDF",
    b"\xd7\xcd\xc6\x9a" + bytes(40): "a WMF drawing",
    b"\1\0\x09\0\0\3" + bytes(40): "a WMF drawing",
    b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(60): "an EMF drawing",
    b"DDS " + bytes(124): "a DDS texture",
    b"\0\0\0\x18ftypheic\0\0\0\0mif1heic": "a HEIC picture",
    b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic": "a HEIC picture",
    b"\0\0\0\x18ftypisom\0\0\0\0": "a video",
    b"\0\0\0\x0cjP  \r\n\x87\n": "a JPEG 2000 picture",
    b"\xff\x0a\xfa\x7f": "a JPEG XL picture",
    b"8BPS\0\1": "a Photoshop file",
    b"icns\0\0": "an ICNS icon",
    b"\0\0\2\0\1\0": "a Windows cursor",
    b"\0\0\2\0\0\0\0\0\0\0\0\0\x20\0": "a TGA picture",
    b"qoif" + bytes(10): "a QOI picture",
    b"/* XPM */\nstatic char": "an XPM picture",
    SVG: "an SVG drawing",
    HTML: "a web page",
    b"<html>": "a web page",
    b"PK\3\4" + bytes(9): "a ZIP archive",
    b"\x1f\x8b\x08\0": "a gzip archive",
    b"\0\0\x08\3\0\0\x27\x10": "an IDX file",
    b"\x93NUMPY\1\0": "a NumPy array",
    b"MZ\x90\0": "a program",
}


def outcome(read, *words):
    """The shape of what was read, or the message of our error."""
    try:
        return read(*words).shape
    except ImageError as error:
        return error.message


def fits(found):
    """Whether that is as it has to be."""
    return found.isprintable() if isinstance(found, str) else max(found) <= 512


def mutated(content, places):
    """The file with some bytes of its first part replaced."""
    wrong = bytearray(content)
    for place, byte in places:
        wrong[place % min(len(wrong), 400)] = byte
    return bytes(wrong)
