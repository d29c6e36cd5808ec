"""Tell the format of a picture from its first bytes: those that are opened, and all the others."""

from __future__ import annotations

import importlib
import re
from typing import NamedTuple

from PIL import Image

__all__ = ["EXPORT", "Stranger", "known_stranger", "sniff", "supported"]

# What is opened, each by a decoder of Pillow's that works in the process itself. No other plugin of
# Pillow's is asked: that for EPS starts Ghostscript, whatever the file is called.
PLUGINS = {
    "PNG": "PngImagePlugin",
    "JPEG": "JpegImagePlugin",
    "GIF": "GifImagePlugin",
    "BMP": "BmpImagePlugin",
    "WEBP": "WebPImagePlugin",
    "TIFF": "TiffImagePlugin",
    "PPM": "PpmImagePlugin",
    "ICO": "IcoImagePlugin",
    "AVIF": "AvifImagePlugin",  # Pillow has it since 11.3
}
# How each of them begins.
BEGINNINGS = {
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "JPEG": rb"\xff\xd8\xff",
    "GIF": rb"GIF8[79]a",
    "BMP": rb"BM",
    "WEBP": rb"RIFF....WEBP",
    "TIFF": rb"II[*+]\0|MM\0[*+]|II\0\*|MM\*\0",
    "PPM": rb"P[1-6f]\s|P0CMYK|Py[PRC]",
    "ICO": rb"\0\0\x01\0",
    "AVIF": rb"....ftyp(avi[fs]|m[is]f1.{4}(....)*?avi[fs])",
    "HEIF": rb"....ftyp(hei[cfmsx]|hev[cmsx]|m[is]f1)",  # with the package pillow-heif
}


class Stranger(NamedTuple):
    """A file that is not opened.

    Parameters
    ----------
    what : str
        What it is, with its article.
    hint : str
        How to come to a picture that is opened.
    """

    what: str
    hint: str

    @property
    def is_picture(self) -> bool:
        """Whether exporting it gives a picture."""
        return self.hint in {EXPORT, HEIC}


EXPORT = "Open it in a program that knows it and export it as PNG or JPEG."
HEIC = "Install what reads it: pip install pillow-heif. Or export it as PNG or JPEG."
PAGE = "Download the picture itself, not the page that shows it."
UNPACK = "Unpack it and give the picture in it."
DIGITS = "MNIST's own digits are read by: mnist-tool test"
GIVE = "Give a PNG or JPEG file of one digit."

# How others begin, what they are, and what helps.
STRANGERS = (
    (rb"%!PS-Adobe-\S* EPSF|\xc5\xd0\xd3\xc6", "an EPS file", EXPORT),
    (rb"%!|\x04%!", "a PostScript file", EXPORT),
    (rb".{0,1000}%PDF-", "a PDF", EXPORT),
    (rb"\xd7\xcd\xc6\x9a|[\x01\x02]\0\x09\0\0[\x01\x03]", "a WMF drawing", EXPORT),
    (rb"\x01\0\0\0.{36} EMF", "an EMF drawing", EXPORT),
    (rb"DDS ", "a DDS texture", EXPORT),
    (rb"....ftyp(hei[cfmsx]|hev[cmsx]|m[is]f1)", "a HEIC picture", HEIC),
    (rb"....ftypcrx", "a camera's raw picture", EXPORT),
    (rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI ", "a video", EXPORT),
    (rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  ", "a JPEG 2000 picture", EXPORT),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture", EXPORT),
    (rb"8BPS", "a Photoshop file", EXPORT),
    (rb"gimp xcf", "a GIMP file", EXPORT),
    (rb"icns", "an ICNS icon", EXPORT),
    (rb"\0\0\x02\0[^\0]", "a Windows cursor", EXPORT),
    (rb".{4}[\x11\x12]\xaf", "an FLI animation", EXPORT),
    (rb"\x01\xda[\0\x01][\x01\x02]", "an SGI picture", EXPORT),
    (rb"\x59\xa6\x6a\x95", "a Sun raster picture", EXPORT),
    (rb"\x0a[\0\x02-\x05]\x01[\x01\x02\x04\x08]|\xb1\x68\xde\x3a", "a PCX picture", EXPORT),
    (rb".\0[\x02\x03\x0a\x0b]\0{5}", "a TGA picture", EXPORT),
    (rb"SIMPLE  =", "a FITS file", EXPORT),
    (rb"qoif", "a QOI picture", EXPORT),
    (rb"BLP[12]", "a BLP texture", EXPORT),
    (rb"FTEX", "an FTEX texture", EXPORT),
    (rb"farbfeld", "a farbfeld picture", EXPORT),
    (rb"v/1\x01", "an OpenEXR picture", EXPORT),
    (rb"#\?RADIANCE", "an HDR picture", EXPORT),
    (rb"DanM|LinS", "an MSP picture", EXPORT),
    (rb"\s*/\* XPM \*/", "an XPM picture", EXPORT),
    (rb"\s*#define \S+_width", "an XBM picture", EXPORT),
    (rb"P7[\s ]", "a PAM picture", EXPORT),
    (rb"[\x8a\x8b](MNG|JNG)\r\n", "an MNG picture", EXPORT),
    (rb"AT&TFORM", "a DjVu file", EXPORT),
    (rb"GRIB|BUFR", "a weather service's file", EXPORT),
    (rb".{128}DICM", "a DICOM picture", EXPORT),
    (rb"\x89HDF\r\n", "an HDF5 file", GIVE),
    (rb"\xd0\xcf\x11\xe0", "an Office or FlashPix file", EXPORT),
    (rb"\x93NUMPY", "a NumPy array", GIVE),
    (rb"\0\0\x08[\x01-\x04]", "an IDX file", DIGITS),
    (rb"PK(\x03\x04|\x05\x06)", "a ZIP archive or an Office file", UNPACK),
    (rb"\x1f\x8b", "a gzip archive", UNPACK),
    (rb"7z\xbc\xaf|Rar!|\xfd7zXZ|BZh|\x28\xb5\x2f\xfd", "an archive", UNPACK),
    (rb"MZ|\x7fELF", "a program", GIVE),
    (rb"ID3|OggS|fLaC|RIFF....WAVE", "a sound", GIVE),
    (rb"(\xef\xbb\xbf)?(<[?!][^>]*>|\s)*<(\w+:)?svg\b", "an SVG drawing", EXPORT),
    (rb"(?i)\s*<!doctype html|(<[?!][^>]*>|\s)*<(html|head|body)\b", "a web page", PAGE),
)


def sniff(content: bytes) -> str | None:
    """Return the format among those that are opened, or ``None``.

    Parameters
    ----------
    content : bytes
        The file, or its first bytes.
    """
    for kind, beginning in BEGINNINGS.items():
        if re.match(beginning, content[:64], re.DOTALL):
            return kind
    return None


def supported(kind: str) -> bool:
    """Load Pillow's plugin for a format that is opened; false if this Pillow has none.

    Parameters
    ----------
    kind : str
        What `sniff` returned.
    """
    if kind == "HEIF":
        return _heif()
    try:
        plugin = importlib.import_module(f"PIL.{PLUGINS[kind]}")
    except ImportError:
        return False
    return kind in Image.OPEN and getattr(plugin, "SUPPORTED", True)


def _heif() -> bool:
    """Load what decodes a phone's pictures, if that package is there."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return "HEIF" in Image.OPEN


def known_stranger(content: bytes) -> Stranger | None:
    """Recognise a file of a format that is not opened, or return ``None``.

    Parameters
    ----------
    content : bytes
        The file, or its first bytes.
    """
    head = content[:4096]
    for beginning, what, hint in STRANGERS:
        if re.match(beginning, head, re.DOTALL):
            return Stranger(what, hint)
    return None
