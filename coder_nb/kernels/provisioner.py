"""How Jupyter starts a kernel in a workspace: the provisioner that kernel specifications of `coder-nb kernel add` name.

Jupyter calls it from its event loop; what waits for a workspace does so in a thread. No variable of this process goes
to the workspace but those the kernel specification names.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Final, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Bool, Float, Unicode

from coder_nb.errors import AuthenticationError, ConfigurationError
from coder_nb.kernels.ports import ADDRESS
from coder_nb.kernels.pythons import find, install

if TYPE_CHECKING:
    from coder_nb.client import Agent, Coder
    from coder_nb.kernels.hosted import Hosted
    from coder_nb.kernels.pythons import Python

__all__ = ["Provisioner"]

_GRACE: Final = 5.0
"""Seconds more than a local kernel has for its end: it hears of it later."""
_LOOK: Final = 0.1


class Provisioner(KernelProvisionerBase):
    """One kernel's provisioner; its settings stand in the kernel specification."""

    workspace = Unicode(help="dev, dev.main or ada/dev.main")
    deployment = Unicode("", help="a saved profile, demo or a URL; else the environment's or the only profile")
    python = Unicode("", help="path of the Python there; else one that has ipykernel")
    install = Bool(False, help="whether a Python environment may be made there where none has ipykernel")
    idle = Float(86400.0, help="seconds without a connection after which the kernel ends by itself")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._coder: Coder | None = None
        self._hosted: Hosted | None = None
        self._running = False
        self._connecting = threading.Lock()

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started whose end nobody has waited for yet."""
        return self._running

    async def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._hosted.poll() if self._hosted is not None and self._running else 0

    async def wait(self) -> int | None:
        """The exit code, once it has ended."""
        while (code := await self.poll()) is None:
            await asyncio.sleep(_LOOK)
        self._running = False
        return code

    async def send_signal(self, signum: int) -> None:
        """Sends a signal to the kernel and what it has started."""
        if self._hosted is not None:
            self._hosted.signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """Ends the kernel at once."""
        await self.send_signal(9)

    async def terminate(self, restart: bool = False) -> None:
        """Asks the kernel to end."""
        await self.send_signal(15)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """What is to be launched: the specification's command line, and its variables alone."""
        arguments = [*self.kernel_spec.argv, *(kwargs.pop("extra_arguments", None) or [])]
        launch = await super().pre_launch(cmd=arguments, **kwargs)
        launch["env"] = {name: launch["env"][name] for name in self.kernel_spec.env}
        return launch

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Starts a kernel in the workspace, and waits until it answers.

        Raises:
            CoderError: there is none; Jupyter shows the message.
        """
        try:
            await asyncio.to_thread(self._launch, cmd, kwargs.get("env") or {})
        except BaseException:
            self._leave_pending()
            raise
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """Ends what is left, in the workspace and here, unless another kernel is to follow."""
        if not restart:
            await asyncio.to_thread(self._clean)

    def get_shutdown_wait_time(self, recommended: float = 5.0) -> float:
        """Seconds for a kernel's end."""
        return recommended + _GRACE

    async def get_provisioner_info(self) -> dict[str, Any]:
        """What is known of the kernel, for those who show it."""
        about = await super().get_provisioner_info()
        kept = self._hosted.kept if self._hosted else None
        return about | {"workspace": self.workspace, "id": kept.id if kept else ""}

    def _launch(self, cmd: list[str], env: dict[str, str]) -> None:
        from coder_nb.kernels.hosted import Hosted

        manager: Any = self.parent
        first = self._hosted is None
        if self._hosted is None:
            self._hosted = Hosted(self._agent, manager.session.clone(), self._say)
        hosted = self._hosted
        try:
            hosted.place(self._choose, idle=self.idle)
            hosted.begin(cmd, env)
        except BaseException:
            # Of a restart that fails the sockets stay: pages are connected to them, and may try again.
            if first:
                self._clean()
            raise
        self._running = True
        self.connection_info = cast(
            KernelConnectionInfo,
            {f"{channel}_port": number for channel, number in hosted.ports.numbers.items()}
            | {"transport": "tcp", "ip": ADDRESS}
            | {"key": manager.session.key, "signature_scheme": manager.session.signature_scheme},
        )

    def _leave_pending(self) -> None:
        """Takes a kernel that did not start out of those that are starting.

        jupyter_client leaves it there, and a server that shuts down then fails to find it and does not end.
        """
        many: Any = getattr(self.parent, "parent", None)
        pending = getattr(many, "_pending_kernels", None)
        if isinstance(pending, dict) and not getattr(many, "use_pending_kernels", False):
            pending.pop(self.kernel_id, None)

    def _choose(self, agent: Agent) -> Python:
        """The Python to run it with; one is made where none has ipykernel, if that was agreed to."""
        python = find(agent, self.python or None)
        if python is not None:
            return python
        if self.install:
            self._say(f"installing ipykernel in {agent.title}")
            return install(agent)
        raise ConfigurationError(
            f"no kernel can run in {agent.title}: no Python there has ipykernel",
            hint=f"coder-nb kernel add {self.workspace} offers to install it",
        )

    def _agent(self) -> Agent:
        """The agent as it is now; a token that has expired meanwhile is looked up anew."""
        from coder_nb.client import connect

        with self._connecting:
            if self._coder is None:
                self._coder = connect(self.deployment or None, notify=self._say)
            coder = self._coder
        try:
            agent = coder.agent(self.workspace)
            agent.refresh()
            return agent
        except AuthenticationError:
            with self._connecting:
                self._coder = None
            coder.close()
            raise

    def _clean(self) -> None:
        hosted, self._hosted = self._hosted, None
        coder, self._coder = self._coder, None
        self._running = False
        if hosted is not None:
            hosted.close()
        if coder is not None:
            coder.close()

    def _say(self, text: str) -> None:
        self.log.info("kernel in %s: %s", self.workspace, text)
