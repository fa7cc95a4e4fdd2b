"""Pictures to upload: valid PNG files without any person on them."""

import os
import struct
import zlib

WIDTH, HEIGHT = 160, 100
"""Random pixels do not compress, so the file is a little over 45 KB: a plausible photo."""


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def photo() -> bytes:
    """A PNG of random pixels: no two are alike, as no two photos are."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    rows = b"".join(b"\x00" + os.urandom(3 * WIDTH) for _ in range(HEIGHT))
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )
