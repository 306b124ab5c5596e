"""Rules about containers and dev containers beside an agent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from coder_nb.api.containers import Devcontainer
from coder_nb.diagnosis.cause import Evidence, Found
from coder_nb.diagnosis.facts import AgentFacts, Facts
from coder_nb.diagnosis.of_scripts import EXITS
from coder_nb.diagnosis.telling import shorter, typed

__all__ = ["dirty", "exited", "failed", "stopped", "warned"]

_EXIT = re.compile(r"exited with code (\d+)|Exited \((\d+)\)", re.IGNORECASE)


def failed(facts: Facts) -> Iterator[Found]:
    """A dev container could not be built or started."""
    for it, dev in _devcontainers(facts):
        if dev.status == "error" or dev.error:
            yield Found(
                it.title,
                f"dev container {dev.name} is in error",
                (Evidence("error", shorter(dev.error) or dev.status), _config(dev)),
                f"%coder recreate {typed(dev.name, dev.id)} {it.title} --wait",
            )


def dirty(facts: Facts) -> Iterator[Found]:
    """A dev container's configuration was changed after it was built, so it runs as before."""
    for it, dev in _devcontainers(facts):
        if dev.dirty:
            image = Evidence("runs", dev.container.image, dev.container.created_at) if dev.container else None
            yield Found(
                it.title,
                f"dev container {dev.name} is older than its configuration",
                (*((image,) if image else ()), _config(dev)),
                f"%coder recreate {typed(dev.name, dev.id)} {it.title} --wait",
            )


def stopped(facts: Facts) -> Iterator[Found]:
    """A dev container does not run."""
    for it, dev in _devcontainers(facts):
        if dev.status == "stopped":
            how = [Evidence("container", dev.container.status, dev.container.created_at)] if dev.container else []
            yield Found(
                it.title,
                f"dev container {dev.name} is stopped",
                (*how, _config(dev)),
                f"%coder recreate {typed(dev.name, dev.id)} {it.title} --wait",
            )


def exited(facts: Facts) -> Iterator[Found]:
    """A container ended with an exit code that is not 0."""
    for it in facts.connected():
        for container in (it.listing.containers if it.listing else None) or []:
            found = _EXIT.search(container.status)
            code = int(found[1] or found[2]) if found else 0
            if container.running or not code:
                continue
            meaning = f" ({EXITS[code]})" if code in EXITS else ""
            yield Found(
                it.title,
                f"container {container.name} ended with exit code {code}{meaning}",
                (Evidence("status", container.status), Evidence("image", container.image, container.created_at)),
                f"%coder run {it.title} -- docker logs --tail 40 {typed(container.name, container.id)}",
            )


def warned(facts: Facts) -> Iterator[Found]:
    """The server warns about containers, as when two want one port."""
    for it in facts.connected():
        warnings = (it.listing.warnings if it.listing else None) or []
        if warnings:
            clash = any("port" in text for text in warnings)
            yield Found(
                it.title,
                "containers want the same port of the host" if clash else "the server warns of its containers",
                tuple(Evidence("warning", shorter(text)) for text in warnings),
                f"%coder containers {it.title}",
            )


def _devcontainers(facts: Facts) -> Iterator[tuple[AgentFacts, Devcontainer]]:
    for it in facts.connected():
        for dev in (it.listing.devcontainers if it.listing else None) or []:
            yield it, dev


def _config(dev: Devcontainer) -> Evidence:
    return Evidence("configuration", dev.config_path or dev.workspace_folder)
