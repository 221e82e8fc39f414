"""Run ids: short, unique across processes, and in the order of time."""

from __future__ import annotations

import secrets
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: digits sort before letters, and no letter looks like a digit."""
EPOCH_MS = 1_735_689_600_000
"""2025-01-01 in milliseconds; eight characters from there last until 2059."""
TIME_CHARS, RANDOM_CHARS = 8, 3

_turn = threading.Lock()
_last = 0


def new_run_id() -> str:
    """``r``, eight characters of time in milliseconds, three random ones: ``r01m8x4tk9q2v``.

    Ids of one process always increase; two processes collide only within one millisecond, and then once in 32,768.
    """
    global _last
    with _turn:
        _last = max(_last + 1, time.time_ns() // 1_000_000 - EPOCH_MS)
        now = _last
    return f"r{base32(now, TIME_CHARS)}{base32(secrets.randbelow(32**RANDOM_CHARS), RANDOM_CHARS)}"


def base32(number: int, width: int) -> str:
    """A non-negative number in ``width`` characters that sort as the number does."""
    digits = []
    for _ in range(width):
        number, last = divmod(number, 32)
        digits.append(ALPHABET[last])
    return "".join(reversed(digits))
