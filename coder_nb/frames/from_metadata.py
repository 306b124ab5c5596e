"""What an agent measures -> a frame, with a number and its unit read out of each value.

A value is text for people, so what its number is, is a rule; it is told in `measured`. Nothing is converted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import pandas as pd

from coder_nb.api.metadata import NEVER, MetadataItem
from coder_nb.api.resource import happened
from coder_nb.frames import build
from coder_nb.frames.escapes import plain
from coder_nb.frames.schema import Attrs

__all__ = ["measured", "metadata"]

_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?"
_UNIT = r"[%‰°µμ$€A-Za-z][%°µμA-Za-z²³]*(?:/[A-Za-zµμ²³]+)?"
_MEASURED = re.compile(
    r"(?:[^\W\d][^:=\d]*[:=]\s*)?"  # a label: "load average: 0.52"
    rf"(?P<number>{_NUMBER})"
    rf"(?:\s*(?:/|of\b)\s*{_NUMBER})?"  # of a whole: "3.4/8 GiB", "3 of 5 tests"
    rf"\s*(?P<unit>{_UNIT})?"
    r"(?=$|[\s,;|()\[\]]|/\s*\d)"
)


def measured(value: str) -> tuple[float | None, str | None]:
    """The number a value begins with, and the unit it is told in.

    Of several numbers it is the first: of `3.4/8 GiB (42%)` the 3.4, which is what was measured; the whole and the
    percentage are left in the text. A unit follows its number, or the pair it is part of. It is taken as it is written,
    prefix and all, so `1.5k` is 1.5 of unit `k`. What only looks like a number is none: addresses, dates, versions.

    >>> measured("3.4/8 GiB (42%)"), measured("42 %"), measured("12ms"), measured("0.52 0.48 0.45")
    ((3.4, 'GiB'), (42.0, '%'), (12.0, 'ms'), (0.52, None))
    >>> measured("127.0.0.1:5432"), measured("v1.2.3"), measured("main")
    ((None, None), (None, None), (None, None))
    """
    found = _MEASURED.match(value.strip())
    if found is None:
        return None, None
    return float(found["number"].replace(",", "")), found["unit"]


def metadata(items: Sequence[MetadataItem], *, attrs: Attrs) -> pd.DataFrame:
    """Metadata as a frame.

    Args:
        items: in the template's order.
        attrs: what the frame says of itself.
    Returns:
        a row an item: key, name, value (without escape sequences and the blanks around it; NA where there is none),
        number (float64) and unit as `measured` reads them (NA where the script failed, since then the value is what it
        complained), error (NA where it went well), collected (NaT before the first time), age (timedelta64[us], whole
        seconds by the server's clock).
    """
    values = [plain(item.result.value).strip() for item in items]
    read = [(None, None) if item.result.error else measured(value) for item, value in zip(items, values, strict=True)]
    columns: build.Columns = {
        "key": [item.description.key for item in items],
        "name": [item.description.display_name or item.description.key for item in items],
        "value": [value or None for value in values],
        "number": [number for number, _ in read],
        "unit": [unit for _, unit in read],
        "error": [item.result.error or None for item in items],
        "collected": [item.result.collected_at for item in items],
        "age": [_age(item) for item in items],
    }
    return build.frame("metadata", columns, attrs=attrs)


def _age(item: MetadataItem) -> timedelta | None:
    if happened(item.result.collected_at) is None or item.result.age >= NEVER:
        return None
    return timedelta(seconds=item.result.age)
