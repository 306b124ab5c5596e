"""What belongs to an agent -> frames: ports, apps and scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import pandas as pd

from coder_nb.api.agents import Script, WorkspaceApp
from coder_nb.api.builds import ScriptTiming
from coder_nb.api.ports import ListeningPort
from coder_nb.frames import build
from coder_nb.frames.schema import Attrs

__all__ = ["apps", "ports", "scripts"]


def ports(
    listening: Sequence[ListeningPort],
    apps: Sequence[WorkspaceApp],
    *,
    link: Callable[[int], str | None],
    app_link: Callable[[WorkspaceApp], str | None],
    attrs: Attrs,
    local: Mapping[int, str] | None = None,
) -> pd.DataFrame:
    """Listening ports and the ports that apps name, as a frame.

    Args:
        listening: what the server lists; it leaves out the ports that an app's url names.
        apps: the agent's apps.
        link: a port's address, None where no link can work.
        app_link: an app's address, None where no link can work.
        attrs: what the frame says of itself.
        local: addresses on this machine that tunnels lead from, by the port they lead to.
    Returns:
        a row a port, in ascending order: port (int64), network, process (NA where unknown), via (category listening or
        app), app (the slugs of the apps that name it), url (of such an app, else of the port), local (NA where no
        tunnel leads there).
    """
    seen = {port.port: port for port in listening}
    named: dict[int, list[WorkspaceApp]] = {}
    for app in apps:
        if (number := _port(app)) is not None:
            named.setdefault(number, []).append(app)
    numbers = sorted(seen.keys() | named.keys())
    columns: build.Columns = {
        "port": numbers,
        "network": [seen[number].network if number in seen else "tcp" for number in numbers],
        "process": [seen[number].process_name or None if number in seen else None for number in numbers],
        "via": ["listening" if number in seen else "app" for number in numbers],
        "app": [", ".join(app.slug for app in named[number]) if number in named else None for number in numbers],
        "url": [next(filter(None, map(app_link, named.get(number, ()))), None) or link(number) for number in numbers],
        "local": [(local or {}).get(number) for number in numbers],
    }
    return build.frame("ports", columns, attrs=attrs)


def apps(apps: Sequence[WorkspaceApp], *, link: Callable[[WorkspaceApp], str | None], attrs: Attrs) -> pd.DataFrame:
    """Apps as a frame.

    Args:
        apps: the agent's apps, in the server's order.
        link: an app's address, None where no link can work.
        attrs: what the frame says of itself.
    Returns:
        slug, name, health (category), url, external (boolean), hidden (boolean), sharing.
    """
    columns: build.Columns = {
        "slug": [app.slug for app in apps],
        "name": [app.display_name or app.slug for app in apps],
        "health": [app.health for app in apps],
        "url": [link(app) for app in apps],
        "external": [app.external for app in apps],
        "hidden": [app.hidden for app in apps],
        "sharing": [app.sharing_level for app in apps],
    }
    return build.frame("apps", columns, attrs=attrs)


def scripts(scripts: Sequence[Script], timings: Sequence[ScriptTiming], *, attrs: Attrs) -> pd.DataFrame:
    """Scripts and how each last ran, as a frame.

    Args:
        scripts: the agent's scripts.
        timings: the runs of this agent's scripts; they name a script by its display name only, so where two scripts
            share one, neither gets a run.
        attrs: what the frame says of itself.
    Returns:
        a row for each script and occasion it is declared for: name, when (start, stop or cron), status, exit_code
        (Int64), started, ended, seconds (float64), source_id. NA where it never ran.
    """
    rows = [(script, when) for script in scripts for when in _occasions(script)]
    last = {(run.display_name, run.stage): run for run in sorted(timings, key=lambda run: run.ended_at)}
    shared = {name for name, count in Counter(script.display_name for script in scripts).items() if count > 1}
    ran = [None if script.display_name in shared else last.get((script.display_name, when)) for script, when in rows]
    columns: build.Columns = {
        "name": [script.display_name or None for script, _ in rows],
        "when": [when or None for _, when in rows],
        "status": [run.status if run else None for run in ran],
        "exit_code": [run.exit_code if run else None for run in ran],
        "started": [run.started_at if run else None for run in ran],
        "ended": [run.ended_at if run else None for run in ran],
        "seconds": [(run.ended_at - run.started_at).total_seconds() if run else None for run in ran],
        "source_id": [script.log_source_id for script, _ in rows],
    }
    return build.frame("scripts", columns, attrs=attrs)


def _port(app: WorkspaceApp) -> int | None:
    """The port in the workspace that an app leads to; none for a command, or for an address outside."""
    if app.external or not app.url:
        return None
    try:
        parts = urlsplit(app.url)
        return parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None


def _occasions(script: Script) -> Iterator[str]:
    declared = {"start": script.run_on_start, "stop": script.run_on_stop, "cron": bool(script.cron)}
    yield from [when for when, wanted in declared.items() if wanted] or [""]
