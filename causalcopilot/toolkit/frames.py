"""Length-prefixed messages on a pipe, between the main process and the worker."""

from __future__ import annotations

import struct
from typing import IO

_HEAD = struct.Struct("!Q")


def write_frame(pipe: IO[bytes], body: bytes) -> None:
    """Send one message; ``OSError`` when the other side is gone."""
    pipe.write(_HEAD.pack(len(body)))
    pipe.write(body)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> bytes | None:
    """The next message, or ``None`` once the other side is gone."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    (size,) = _HEAD.unpack(head)
    body = pipe.read(size)
    return body if len(body) == size else None
