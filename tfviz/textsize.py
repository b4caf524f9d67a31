"""How wide a text will be, without a font: Helvetica's advance widths, a little enlarged for its stand-ins; pure."""

from __future__ import annotations

_GROUPS = {
    200: "ijl|'",
    285: " !,./:;I[]\\ft",
    340: '()-`{}r"',
    500: "cksvxyzJ*^",
    556: "0123456789abdeghnopqu?_#$L",
    590: "+<=>~FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUwG",
    830: "OQMm",
    960: "W@%",
}
_WIDTH = {char: width / 1000 for width, chars in _GROUPS.items() for char in chars}
SLACK = 1.09


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Returns the width of `text` in pixels at font size `size`; letters outside ASCII count as 0.6 em, CJK as 1 em."""
    total = 0.0
    for char in text:
        total += _WIDTH.get(char) or (1.0 if ord(char) > 0x2E00 else 0.6)
    return total * size * SLACK * (1.06 if bold else 1.0)


def shorten(text: str, limit: int) -> str:
    """Cuts the middle out of a long name, since both ends tell names apart; control characters become blanks.

    Example:
        >>> shorten("gradients_of_everything", 12)
        'gradie…thing'
    """
    if len(text) > 4 * limit:
        text = text[: 2 * limit] + text[-2 * limit :]
    text = "".join(char if char.isprintable() else " " for char in text)
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail]}…{text[-tail:]}"
