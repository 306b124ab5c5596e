"""`coder-nb doctor`: what works with a deployment, what is missing there, and how we got in. Reads only.

For an administrator, or for a bug report: names no token, and asks nothing that would change the deployment.
"""

from __future__ import annotations

from coder_nb.doctor.examine import examine
from coder_nb.doctor.report import Finding, Report

__all__ = ["Finding", "Report", "examine"]
