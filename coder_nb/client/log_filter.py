"""Which records of a followed log somebody wants: the conditions of `Agent.logs`, for one line at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from coder_nb.api.logs import AgentLog
from coder_nb.frames.escapes import plain
from coder_nb.frames.select import levels_from, pattern, source_ids
from coder_nb.frames.when import Moment, parse

__all__ = ["LogFilter"]


class LogFilter:
    """Says of a record whether it meets every condition given; those of `Agent.follow_logs`.

    Args:
        now: the server's time, which lengths of time count back from.
        names: asks for the names of the log sources by their ids; again where a line has an unknown one.
    Raises:
        InvalidCommand: a level, source, time or pattern that cannot be meant.
    """

    def __init__(
        self,
        *,
        level: str | None,
        source: str | None,
        grep: str | None,
        since: Moment | None,
        after: int,
        now: datetime,
        names: Callable[[], Mapping[str, str]],
    ) -> None:
        self._levels = None if level is None else levels_from(level)
        self._search: re.Pattern[str] | None = None if grep is None else pattern(grep)
        self._since = None if since is None else parse(since, now=now, name="since")
        self._after = after
        self._source = source
        self._ask = names
        self._seen: dict[str, bool] = {}
        if source is not None:
            known = names()
            found = source_ids(source, known)
            self._seen = {id_: id_ in found for id_ in known}

    def __call__(self, line: AgentLog) -> bool:
        return (
            line.id > self._after
            and (self._levels is None or line.level in self._levels)
            and (self._since is None or line.created_at >= self._since)
            and (self._source is None or self._from(line.source_id, self._source))
            and (self._search is None or self._search.search(plain(line.output)) is not None)
        )

    def _from(self, id_: str, source: str) -> bool:
        if id_ not in self._seen:
            # Registered since, or by the next start's agent.
            name = self._ask().get(id_, "")
            self._seen[id_] = source.casefold() in (name.casefold(), id_.casefold())
        return self._seen[id_]
