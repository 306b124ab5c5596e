"""The simulated fleet: a deployment read from a declarative file, the same everywhere, its clock standing still."""

from coder_nb.embedded.scenario.load import load_scenario

__all__ = ["load_scenario"]
