"""Running commands in a workspace: once, many over one session, in the background."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from coder_nb.client.agent_lines import AgentLines
from coder_nb.errors import Invalid

if TYPE_CHECKING:
    from os import PathLike

    from pandas import DataFrame

    from coder_nb.credentials import Secret
    from coder_nb.remote.jobs_handle import Job
    from coder_nb.remote.result import RunResult
    from coder_nb.remote.session import Borrowed, How, Owned, Session

__all__ = ["AgentCommands"]


class AgentCommands(AgentLines):
    """What can be run through an agent."""

    @overload
    def run(
        self,
        script: str,
        *,
        container: str | None = None,
        user: str | None = None,
        text: Literal[True] = True,
        **how: Unpack[How],
    ) -> RunResult[str]: ...

    @overload
    def run(
        self,
        script: str,
        *,
        container: str | None = None,
        user: str | None = None,
        text: Literal[False],
        **how: Unpack[How],
    ) -> RunResult[bytes]: ...

    @overload
    def run(
        self,
        script: str,
        *,
        background: Literal[True],
        shell: str | None = None,
        cwd: str | None = None,
        env: Mapping[str, str | Secret] | None = None,
        container: str | None = None,
        user: str | None = None,
    ) -> Job: ...

    def run(
        self,
        script: str,
        *,
        shell: str | None = None,
        cwd: str | None = None,
        env: Mapping[str, str | Secret] | None = None,
        input: str | bytes | Secret | None = None,
        container: str | None = None,
        user: str | None = None,
        timeout: float | None = None,
        check: bool = True,
        stderr: Literal["merge", "separate"] = "merge",
        on_output: Callable[[Any], object] | None = None,
        on_wait: Callable[[float], object] | None = None,
        spool: str | PathLike[str] | None = None,
        text: bool = True,
        background: bool = False,
    ) -> RunResult[Any] | Job:
        """Runs a script in the workspace and returns what became of it: output to the byte, and its exit code.

        Its standard output is no terminal but a pipe, its standard input is `input` or nothing. It is over when nothing
        has its output open any more. What it leaves in the background is hung up on soon after, unless `setsid` or
        `nohup` began it.

        Ctrl-C is passed on to it, and its end is waited for; a second one within 2 s ends it.

        Args:
            script: any text, of any length, without NUL.
            shell: what runs it: "sh", the default; "python" for the Python there; or any interpreter with its
                arguments, such as "bash -l", that takes a script's path.
            cwd: where it begins, `~` is the home there; the agent's own directory by default.
            env: further variables. The value of a Secret is masked wherever we show the output.
            input: its standard input; text goes as UTF-8.
            container: name or id of a container to run it in; there it begins in the home of its user.
            user: the user in there; the image's own by default.
            timeout: seconds; then it is interrupted, and 5 s later ended.
            check: raise CommandFailed where it does not end with the exit code 0.
            stderr: "merge" into standard output, as on a terminal; "separate" keeps it apart, and it comes at the end.
            on_output: is called with standard output as it comes, in this thread; text or bytes as `text` says.
            on_wait: is called some ten times a second while nothing comes, with the seconds since something did.
            spool: a file here that gets all of standard output; the result keeps 64 MiB, whatever comes.
            text: whether output is text (UTF-8, with � for what is none) or bytes.
            background: only start it: it goes on whatever becomes of this kernel and the line, its output is kept in a
                file in the workspace, and `jobs` and `job` find it again. Of the rest, shell, cwd, env, container and
                user count.
        Returns:
            the result: ok, code, output, stdout, stderr, seconds, started_at, truncated. In the background, a Job.
        Raises:
            CommandFailed: the exit code is not 0, or time was up; `.result` has all there is.
            ConnectionLost: what became of it is unknown; `.output` is what came. Nothing is ever run twice.
            Invalid: the directory, the variables or the script cannot be; nothing was run.
            NotFound: no such container; the hint names the nearest. Nothing was run.
            AgentUnavailable: the agent cannot be asked, or the container does not run; nothing was run.
        Endpoint: GET /workspaceagents/{id}/pty, GET /workspaceagents/{id}, GET /workspaceagents/{id}/containers
        """
        from coder_nb.remote.session import Borrowed

        place = self._checked_place(container, user)
        if background:
            if input is not None or timeout is not None:
                raise Invalid(
                    "a job in the background has neither input nor a time limit here",
                    status=400,
                    hint="write a file for it to read, and begin the script with `timeout 600 …`",
                )
            return self._started(script, place, shell=shell, cwd=cwd, env=env)
        key = (self.id, self._now_running().started_at, *place)
        lines = Borrowed(self._coder._lines, key, lambda: self._place_line(*place))
        return self._session(lines, place).run(
            script,
            shell=shell,
            cwd=cwd,
            env=env,
            input=input,
            timeout=timeout,
            check=check,
            stderr=stderr,
            on_output=on_output,
            on_wait=on_wait,
            spool=spool,
            text=text,
        )

    def session(
        self,
        *,
        shell: str = "sh",
        cwd: str | None = None,
        env: Mapping[str, str | Secret] | None = None,
        container: str | None = None,
        user: str | None = None,
    ) -> Session:
        """A session: many commands, one after another, over one connection, each as if it were run alone.

        It counts as somebody at work in the workspace for as long as it is open.

        >>> with agent.session(cwd="app") as session:  # doctest: +SKIP
        ...     for name in names:
        ...         session.run(f"make {name}")

        Args:
            shell, cwd, env: for each command that says nothing else; as with `run`.
            container, user: as with `run`.
        Returns:
            the session, to be closed; `run` there takes what `run` here takes.
        Raises:
            NotFound: no such container.
            AgentUnavailable: the container does not run.
        Endpoint: GET /workspaceagents/{id}/pty, GET /workspaceagents/{id}/containers
        """
        from coder_nb.remote.session import Owned

        place = self._checked_place(container, user)
        return self._session(Owned(lambda: self._place_line(*place)), place, shell=shell, cwd=cwd, env=env)

    def jobs(self, *, container: str | None = None, user: str | None = None, timeout: float | None = None) -> DataFrame:
        """Background jobs that run in the workspace, and those that ended in the last week.

        Args:
            container, user: as with `run`.
            timeout: seconds; None for as long as it takes.
        Returns:
            a frame, oldest first: id, command (its first line), status (running, ok, failed, lost), code, started,
            ended, seconds, bytes (of output). Lost: the process is gone and left no code, as after a restart.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        from coder_nb import frames
        from coder_nb.remote.jobs import Jobs

        place = self._checked_place(container, user)
        with Jobs(self._place_line(*place), timeout=timeout) as jobs:
            return frames.jobs(jobs.list(), attrs=self._attrs())

    def job(self, id: str, *, container: str | None = None, user: str | None = None) -> Job:
        """A background job by its id, from whatever notebook it was started.

        Args:
            id: as `jobs` lists it.
            container, user: where it was started.
        Raises:
            NotFound: no such job, or it was removed.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        from coder_nb.remote.jobs_handle import Job

        place = self._checked_place(container, user)
        job = Job(id, where=self.title, open_line=lambda: self._place_line(*place))
        try:
            job.status()
        except BaseException:
            job.close()
            raise
        return job

    def _started(self, text: str, place: tuple[str | None, str | None], **how: Any) -> Job:
        from coder_nb.remote import identity
        from coder_nb.remote.jobs import Jobs
        from coder_nb.remote.jobs_handle import Job
        from coder_nb.remote.jobs_program import summary
        from coder_nb.remote.script import Script
        from coder_nb.remote.shown import Masks

        given = {name: value for name, value in how.items() if value is not None}
        script, id = Script(text, **given), identity.job(self.id)
        masks = Masks(script.secrets())
        with Jobs(self._place_line(*place)) as jobs:
            jobs.start(id, script, label=masks(summary(text)))
        return Job(id, where=self.title, open_line=lambda: self._place_line(*place), masks=masks, command=summary(text))

    def _session(self, lines: Borrowed | Owned, place: tuple[str | None, str | None], **defaults: Any) -> Session:
        from coder_nb.remote.session import Session

        def end_group(leader: int) -> None:
            with self._place_line(*place) as line:
                line.send(f"kill -KILL -{leader} 2>/dev/null")

        return Session(lines, where=self.title, end_group=end_group, **defaults)
