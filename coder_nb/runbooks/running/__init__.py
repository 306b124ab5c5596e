"""Running a runbook to its end in a fresh kernel, from a command line or a program.

The kernel writes the run's journal; this keeps the executed notebook beside it, tells how far it is, and judges in the
end. It changes no deployment itself, and never the book's own file.
"""

from __future__ import annotations

from coder_nb.runbooks.running.order import Order
from coder_nb.runbooks.running.run import Outcome, run

__all__ = ["Order", "Outcome", "run"]
