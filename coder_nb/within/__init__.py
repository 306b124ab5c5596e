"""What a process inside a workspace may do with its agent's token: `coder_nb.inside()` -> Inside.

Not named like the function: importing a package puts it in the place of a function of its name.
"""

from __future__ import annotations

from coder_nb.within.external_auth import ExternalAuth
from coder_nb.within.log_source import LogSource
from coder_nb.within.ssh_key import SSHKey
from coder_nb.within.workspace import Inside, inside

__all__ = ["ExternalAuth", "Inside", "LogSource", "SSHKey", "inside"]
