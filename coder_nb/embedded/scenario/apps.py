"""Makes an agent's apps, their status history and its metadata from their tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, cast

from coder_nb.embedded.ids import uid
from coder_nb.embedded.scenario.read import Table
from coder_nb.embedded.state import App, AppStatus, Healthcheck, MetadataItem

__all__ = ["read_app", "read_app_status", "read_metadata"]

AppHealth = Literal["disabled", "initializing", "healthy", "unhealthy"]
AppState = Literal["working", "idle", "complete", "failure"]
Sharing = Literal["owner", "authenticated", "organization", "public"]


def read_app(table: Table, path: str) -> App:
    """An app; `path` is the agent's names, for ids."""
    slug, check = table.text("slug"), table.text("check", "")
    app = App(
        id=uid(path, "app", slug),
        slug=slug,
        display_name=table.text("name", slug),
        url=table.text("url", ""),
        external=table.flag("external"),
        command=table.text("command", ""),
        icon=table.text("icon", ""),
        group=table.text("group", ""),
        subdomain=table.flag("subdomain"),
        sharing_level=cast(
            "Sharing", table.one_of("sharing", ("owner", "authenticated", "organization", "public"), "owner")
        ),
        healthcheck=Healthcheck(check, 5, 6) if check else Healthcheck(),
        health=cast(
            "AppHealth", table.one_of("health", ("disabled", "initializing", "healthy", "unhealthy"), "disabled")
        ),
        hidden=table.flag("hidden"),
    )
    table.done()
    return app


def read_app_status(table: Table, apps: Sequence[App], path: str, now: datetime) -> None:
    """Adds one entry to the history of the app it names."""
    slug, message = table.text("app"), table.text("message")
    app = next((app for app in apps if app.slug == slug), None)
    if app is None:
        raise table.wrong(f"no app {slug!r}", f"known: {', '.join(app.slug for app in apps)}")
    app.statuses.append(
        AppStatus(
            id=uid(path, "status", slug, len(app.statuses)),
            created_at=table.moment("at", now),
            state=cast("AppState", table.one_of("state", ("working", "idle", "complete", "failure"))),
            message=message,
            uri=table.text("uri", ""),
        )
    )
    table.done()


def read_metadata(table: Table, now: datetime) -> MetadataItem:
    """A metadata item; without an `age` it has never been collected."""
    item = MetadataItem(
        key=table.text("key"),
        display_name=table.text("name"),
        script=table.text("script"),
        interval=table.whole("interval", 10),
        timeout=table.whole("timeout", 0),
        value=table.text("value", ""),
        error=table.text("error", ""),
        collected_at=now - timedelta(seconds=table.number("age")) if table.has("age") else None,
    )
    table.done()
    return item
