"""An agent's token for a document that its cloud has signed: AWS, Azure, Google. `api.identity`. Needs no token."""

from __future__ import annotations

from coder_nb.api.resource import Record, Resource, decode
from coder_nb.credentials import Secret

__all__ = ["Identity"]


class _Session(Record, frozen=True, kw_only=True):
    session_token: Secret


class Identity(Resource):
    """Calls that trade an instance's identity for its agent's token.

    Each raises AuthenticationError where the cloud did not sign what was sent, NotFound where no agent has that
    instance, and Invalid where the instance belongs to a build that is not its workspace's latest.
    """

    def aws(self, *, document: str, signature: str) -> Secret:
        """For an EC2 instance.

        Args:
            document: its identity document, byte for byte as the metadata service gave it.
            signature: the base64 signature beside it; line breaks in it do no harm.
        Endpoint: POST /workspaceagents/aws-instance-identity
        """
        return self._trade("aws", {"document": document, "signature": signature})

    def azure(self, *, signature: str, encoding: str = "pkcs7") -> Secret:
        """For an Azure virtual machine.

        Args:
            signature: the attested document, base64 PKCS#7.
            encoding: as the metadata service names it; must not be empty.
        Endpoint: POST /workspaceagents/azure-instance-identity
        """
        return self._trade("azure", {"signature": signature, "encoding": encoding})

    def google(self, *, json_web_token: str) -> Secret:
        """For a Google Compute Engine instance.

        Args:
            json_web_token: its identity token in the full format, the one that names the instance.
        Endpoint: POST /workspaceagents/google-instance-identity
        """
        return self._trade("google", {"json_web_token": json_web_token})

    def _trade(self, cloud: str, body: dict[str, str]) -> Secret:
        # Not a change of the deployment: the same document gives the same token each time.
        secret = {key: Secret(text) for key, text in body.items()}
        answer = self._http.request("POST", f"/workspaceagents/{cloud}-instance-identity", body=secret, anonymous=True)
        return decode(answer, _Session).session_token
