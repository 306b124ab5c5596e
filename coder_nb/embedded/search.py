"""The search text of the workspace list: its grammar, what each key means, and the order of what is found.

Words are ANDed; a bare word is a part of the name, `owner/word` names the owner too. A mistake is reported, never
guessed around.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from coder_nb.embedded.http.exchange import Caller, refuse
from coder_nb.embedded.http.params import BadValue, Values, rfc3339, uuid_text
from coder_nb.embedded.liveness import presence
from coder_nb.embedded.state import Deployment, Workspace
from coder_nb.embedded.wire.builds import build_status
from coder_nb.embedded.wire.text import quote

__all__ = ["find"]

Test = Callable[[Workspace], bool]

_STATUSES: Final = frozenset(
    ["pending", "starting", "running", "stopping", "stopped", "failed", "canceling", "canceled", "deleting", "deleted"]
)


def find(deployment: Deployment, caller: Caller, text: str) -> list[Workspace]:
    """The workspaces a caller sees that match, in the order of the list.

    Args:
        deployment: where.
        caller: who asks; `owner:me` is them.
        text: the search text, "" for all.

    Raises:
        Refusal: 400, with everything that is wrong.
    """
    tests = _tests(deployment, caller, _terms(text.lower()))
    seen = (it for it in deployment.workspaces if not it.deleted and caller.sees(it))
    return sorted((it for it in seen if all(test(it) for test in tests)), key=_order(caller))


def _order(caller: Caller) -> Callable[[Workspace], tuple[bool, bool, str, str]]:
    def key(it: Workspace) -> tuple[bool, bool, str, str]:
        favorite = it.favorite and it.owner is caller.user
        return not favorite, build_status(it.latest) != "running", it.owner.username.lower(), it.name.lower()

    return key


def _terms(text: str) -> dict[str, list[str]]:
    terms: dict[str, list[str]] = {}
    for element in _split(text, " "):
        if element.startswith(":") or element.endswith(":"):
            raise _refuse([("q", f"Query element {quote(element)} cannot start or end with ':'")])
        parts = [part.strip('"') for part in _split(element, ":")]
        if len(parts) > 2:
            raise _refuse([("q", f"Query element {quote(element)} can only contain 1 ':'")])
        if len(parts) == 2:
            terms.setdefault(parts[0], []).append(parts[1])
            continue
        names = [part.strip('"') for part in _split(element, "/")]
        if len(names) > 2:
            raise _refuse([("q", f"Query element {quote(element)} can only contain 1 '/'")])
        for name, value in zip(("name", "owner"), reversed(names), strict=False):
            terms.setdefault(name, []).append(value)
    return terms


def _split(text: str, delimiter: str) -> list[str]:
    """The non-empty parts; quotes protect delimiters and stay, and one that is never closed reaches to the end."""
    parts, quoted = [""], False
    for character in text:
        quoted ^= character == '"'
        if character == delimiter and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part]


def _tests(deployment: Deployment, caller: Caller, terms: dict[str, list[str]]) -> list[Test]:
    values = Values(terms)
    ids = values.many("id", uuid_text, "has invalid values: {}")
    tests: list[Test] = [lambda it: it.id in ids] if ids else []
    tests += _people_and_names(deployment, caller, values)
    tests += _states(values)
    tests += _times(values)
    tests += [_parameter(text) for text in values.many("param", _parameter_text, "has invalid values: {}")]
    values.reject_unread()
    if values.problems:
        raise _refuse(values.problems)
    return tests


def _people_and_names(deployment: Deployment, caller: Caller, values: Values) -> list[Test]:
    tests: list[Test] = []
    if owner := values.text("owner"):
        owner = caller.user.username.lower() if owner == "me" else owner
        tests.append(lambda it: it.owner.username.lower() == owner)
    if template := values.text("template"):
        tests.append(lambda it: it.template.name.lower() == template)
    if name := values.text("name"):
        pattern = _like(name)
        tests.append(lambda it: pattern.search(it.name) is not None)
    organization = values.one(
        "organization", lambda text: _organization(deployment, text), "has invalid value: {}", None
    )
    if organization:
        tests.append(lambda it: it.template.organization.id == organization)
    return tests


def _states(values: Values) -> list[Test]:
    tests: list[Test] = []
    if status := values.one("status", _status, "has invalid value: {}", ""):
        tests.append(lambda it: build_status(it.latest) == status)
    if has_agent := values.text("has-agent"):
        tests.append(lambda it: _has_agent(it, has_agent))
    if values.boolean("dormant"):
        tests.append(lambda it: it.dormant_at is not None)
    outdated = values.boolean("outdated")
    if outdated is not None:
        tests.append(lambda it: (it.latest.template_version.id != it.template.active.id) is outdated)
    ai_task = values.boolean("has-ai-task")
    if ai_task is not None:
        tests.append(lambda it: it.latest.has_ai_task is ai_task)
    external = values.boolean("has_external_agent")
    if external is not None:
        tests.append(lambda it: it.latest.has_external_agent is external)
    return tests


def _times(values: Values) -> list[Test]:
    tests: list[Test] = []
    complaint = "must be a valid date format: {}"
    after = values.one("last_used_after", _moment, complaint, None)
    if after is not None:
        tests.append(lambda it: it.last_used_at >= after)
    before = values.one("last_used_before", _moment, complaint, None)
    if before is not None:
        tests.append(lambda it: it.last_used_at <= before)
    return tests


def _has_agent(it: Workspace, status: str) -> bool:
    latest = it.latest
    if latest.transition != "start" or latest.job.status != "succeeded":
        return False
    now = it.clock.now()
    return any(presence(agent, now).status == status for agent in latest.agents)


def _parameter(text: str) -> Test:
    name, equals, value = text.partition("=")

    def test(it: Workspace) -> bool:
        # The search text comes in lower case, names and values do not have to be.
        found = {key.lower(): given.lower() for key, given in it.latest.parameters.items()}
        return name in found and (not equals or found[name] == value)

    return test


def _parameter_text(text: str) -> str:
    if text.count("=") > 1 or text.startswith("="):
        raise BadValue(f"param {quote(text)} must be in the form name or name=value")
    return text


def _like(text: str) -> re.Pattern[str]:
    """A part of a name, where `%` and `_` are SQL's wildcards and a backslash takes their meaning away."""
    pattern = ""
    for token in re.findall(r"\\?.", text, re.DOTALL):
        pattern += {"%": ".*", "_": "."}.get(token) or re.escape(token[-1])
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def _organization(deployment: Deployment, text: str) -> str:
    home = deployment.organization
    if text not in (home.id, home.name.lower()):
        raise BadValue(f"organization {quote(text)} either does not exist, or you are unauthorized to view it")
    return home.id


def _status(text: str) -> str:
    if text not in _STATUSES:
        raise BadValue(f"{quote(text)} is not a valid value")
    return text


def _moment(text: str) -> datetime | None:
    return rfc3339(text.upper())


def _refuse(problems: Sequence[tuple[str, str]]) -> Exception:
    return refuse(400, "Invalid workspace search query.", validations=problems)
