"""What happens over a second or two, step by step: workspaces are started, stopped, deleted, dev containers built anew.

What the steps of a build do is a `Runner`'s: `simulated.py` for the fleet, `here` for this machine.
"""

from coder_nb.embedded.building.builder import Builder
from coder_nb.embedded.building.recreation import Recreations

__all__ = ["Builder", "Recreations"]
