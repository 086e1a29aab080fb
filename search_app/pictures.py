"""Pictures as they may be published: drawn anew, without place and camera data. The only user of Pillow.

What comes out is made of pixels alone, so nothing hidden in the file that came
in survives: no EXIF, no GPS, no comments, no second file glued to its end.
"""

from __future__ import annotations

import io
import threading
import warnings

from kb.errors import UserError

MAX_PIXELS = {"JPEG": 64_000_000}
"""Larger pictures are refused unread: a small file can unpack to gigabytes. Phones make 12 million and up,
always as JPEG, which is unpacked at half its size or less."""
MAX_OTHER_PIXELS = 24_000_000
"""All other formats are unpacked whole."""
MAX_LENGTH = 30_000
"""Of one side: a picture one pixel wide takes more memory for its lines than for its pixels."""
MAX_SIDE = 2400
"""Longer pictures are made smaller: enough for a screen and for a page of A4 at 200 dots per inch."""
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
"""What is read; nothing that Pillow would hand to another program."""


_TURN = threading.Lock()
"""Pictures are drawn one after another: a single one may take 300 MB for a second."""


class BadPicture(UserError):
    """The file is no picture that can be shown."""


def redrawn(data: bytes) -> tuple[bytes, str]:
    """A picture file -> the same picture drawn anew, upright, and its ending. Raises BadPicture."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with _TURN, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                _check_size(opened.format or "", opened.width, opened.height)
                opened.draft("RGB", (MAX_SIDE, MAX_SIDE))
                opened.thumbnail((MAX_SIDE, MAX_SIDE))  # before it is turned: turning makes a copy
                return _saved(ImageOps.exif_transpose(opened))
    except Image.DecompressionBombError as error:
        raise BadPicture("图片像素太多，请缩小后再传") from error
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise BadPicture("图片打不开，可能没有传完整，请重新选一张 JPG 或 PNG") from error
    except (ValueError, EOFError, IndexError, ArithmeticError, MemoryError) as error:
        # Broken files make decoders stumble in many ways; each of them means the same to the sender.
        raise BadPicture("图片打不开，文件可能已经损坏，请另存为 JPG 或 PNG 再传") from error


def _check_size(kind: str, width: int, height: int) -> None:
    """Raises BadPicture for more pixels than may be unpacked here."""
    most = MAX_PIXELS.get(kind, MAX_OTHER_PIXELS)
    if width * height > most:
        raise BadPicture(f"图片有 {width}×{height} 像素，超过 {most // 1_000_000} 百万，请缩小后再传")
    if max(width, height) > MAX_LENGTH:
        raise BadPicture(f"图片有 {width}×{height} 像素，太长了，请裁成几张再传")


def _saved(picture: object) -> tuple[bytes, str]:
    """The pixels as JPEG, or as PNG where there is transparency or few colours."""
    from PIL import Image

    assert isinstance(picture, Image.Image)
    out = io.BytesIO()
    see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    if see_through or picture.mode in ("1", "P", "L"):
        clean = picture.convert("RGBA" if see_through else "RGB")
        fresh = Image.frombytes(clean.mode, clean.size, clean.tobytes())
        fresh.save(out, "PNG", optimize=True)
        return out.getvalue(), "png"
    clean = picture.convert("RGB")
    fresh = Image.frombytes("RGB", clean.size, clean.tobytes())
    fresh.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), "jpg"
