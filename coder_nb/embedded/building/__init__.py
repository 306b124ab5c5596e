"""Builds as they happen: a workspace is started, stopped or deleted over a second or two, step by step.

What the steps do is a `Runner`'s: `simulated.py` for the fleet, `here` for this machine.
"""

from coder_nb.embedded.building.builder import Builder
from coder_nb.embedded.building.order import Order

__all__ = ["Builder", "Order"]
