"""Points in time as people type them: `10m`, `1h30m`, `2026-11-23`, `2026-11-23T14:05Z`, a datetime.

Lengths of time count back from a `now` that the caller gives, the server's: no clock is read here.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from coder_nb.errors import InvalidCommand

__all__ = ["Moment", "parse"]

Moment = str | datetime | date | timedelta

_NUMBER = r"(\d+(?:\.\d+)?)"
_LENGTH = re.compile("".join(rf"(?:{_NUMBER}\s*{unit}\s*)?" for unit in "wdhms"), re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d.*)?", re.ASCII)


def parse(value: Moment, *, now: datetime, name: str = "time") -> datetime:
    """The point in time that is meant.

    Args:
        value: a length of time before now (weeks, days, hours, minutes, seconds, in that order: `1d12h`), an ISO date
            (its first moment) or time, a datetime, a date or a timedelta. UTC where no zone is given.
        now: what lengths count back from.
        name: what the value is for, to name it in the error.
    Returns:
        an aware datetime in UTC.
    Raises:
        InvalidCommand: it cannot be read as a time, or lies before year 1.

    >>> parse("1h30m", now=datetime(2026, 11, 23, 12, 0, tzinfo=UTC)).isoformat()
    '2026-11-23T10:30:00+00:00'
    """
    try:
        if isinstance(value, timedelta):
            return _utc(now) - value
        if isinstance(value, datetime):
            return _utc(value)
        if isinstance(value, date):
            return datetime.combine(value, time(), UTC)
        return _typed(value.strip(), now)
    except (ValueError, OverflowError, AttributeError):
        raise InvalidCommand(
            f"{name} is not a time: {value!r}",
            hint=f"a length of time before now, such as 10m, 2h or 1d12h, or a date such as {now:%Y-%m-%d} or "
            f"{now:%Y-%m-%dT%H:%M} (UTC)",
        ) from None


def _typed(text: str, now: datetime) -> datetime:
    if text.lower() == "now":
        return _utc(now)
    if _DATE.fullmatch(text):
        return _utc(datetime.fromisoformat(text.upper()))
    amounts = _LENGTH.fullmatch(text)
    if not text or amounts is None:
        raise ValueError(text)
    weeks, days, hours, minutes, seconds = (float(amount or 0) for amount in amounts.groups())
    return _utc(now) - timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
