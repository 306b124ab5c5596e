"""GET /debug/{user}/debug-link"""

from __future__ import annotations

import pytest

from coder_nb.client import Coder
from coder_nb.errors import ApiError, AuthenticationError, Invalid, PermissionDenied
from coder_nb.transport.http import Http


def is_owner(coder: Coder) -> bool:
    """Whether the user under test may see this at all."""
    return any(role.name == "owner" for role in coder.api.users.me().roles)


def test_only_owners_may_look(coder: Coder, nobody: str) -> None:
    """A member is refused before anybody is looked up; an owner is told who is no such user."""
    for user in ("me", nobody, "no-such-user"):
        if not is_owner(coder):
            with pytest.raises(PermissionDenied, match="Forbidden"):
                coder.api.deployment.debug_link(user)
        elif user != "me":
            with pytest.raises(Invalid, match="must be an existing uuid or username"):
                coder.api.deployment.debug_link(user)


def test_who_signs_in_by_other_means_has_no_claims(coder: Coder) -> None:
    """A password user is refused; an OIDC user has claims; a member is told neither."""
    oidc = coder.api.users.me().login_type == "oidc"
    try:
        link = coder.api.deployment.debug_link()
    except ApiError as error:
        assert error.status == (400 if is_owner(coder) else 403)
        assert not (oidc and error.status == 400)
    else:
        assert oidc and link.merged_claims


def test_strangers_are_refused(stranger: Http, forger: Http) -> None:
    """No token, and a wrong one."""
    for http in (stranger, forger):
        with pytest.raises(AuthenticationError):
            http.request("GET", "/debug/me/debug-link", anonymous=http is stranger)


def test_user_info_wins_over_the_id_token(fleet: Coder) -> None:
    """The merged claims are those the deployment goes by."""
    link = fleet.api.deployment.debug_link("grace")
    assert link.id_token_claims and link.user_info_claims and link.merged_claims
    assert link.merged_claims == link.id_token_claims | link.user_info_claims
    assert link.merged_claims["name"] != link.id_token_claims["name"]
    assert fleet.api.deployment.debug_link(fleet.api.users.get("grace").id) == link
