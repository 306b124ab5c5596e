"""Workspace `here`: the machine the deployment runs on, with its real scripts, ports and containers."""

from coder_nb.embedded.here.workspace import HEARTBEAT_SECONDS, Here

__all__ = ["HEARTBEAT_SECONDS", "Here"]
