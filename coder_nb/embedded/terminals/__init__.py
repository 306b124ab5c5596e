"""Terminals: real processes on real pseudo-terminals of this machine, which clients attach to and leave as they like.

POSIX only. A workspace that is simulated has a home of its own, which is gone when the server is.
"""

from coder_nb.embedded.terminals.sessions import Terminals

__all__ = ["Terminals"]
