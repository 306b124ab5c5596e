"""What a cloud's metadata service says of the machine it runs on, signed by the cloud: AWS, Azure, Google.

The services answer on the machine's own network, over plain HTTP: no proxy is ever asked, nothing is followed, and what
does not answer in two seconds is not there. Nothing secret is sent.
"""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from coder_nb.credentials.sources import Environment
from coder_nb.errors import ConfigurationError

__all__ = ["document"]

SECONDS = 2.0
MOST = 64 * 1024
LINK_LOCAL = "http://169.254.169.254"


def document(cloud: str, environ: Environment, base: str | None = None) -> dict[str, str]:
    """The signed document, as the arguments of the call of `api.identity` that takes it.

    Args:
        cloud: aws, azure or google.
        environ: where AWS_EC2_METADATA_SERVICE_ENDPOINT and GCE_METADATA_HOST may name another address.
        base: the service's address, http://…; None for what `environ` names, else the cloud's own.
    Raises:
        ConfigurationError: no service answers there, or not with such a document.
    """
    if cloud == "aws":
        return _aws(_Service("AWS", base or environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or LINK_LOCAL))
    if cloud == "azure":
        return _azure(_Service("Azure", base or LINK_LOCAL))
    host = environ.get("GCE_METADATA_HOST")
    return _google(_Service("Google", base or (f"http://{host}" if host else LINK_LOCAL)))


def _aws(service: _Service) -> dict[str, str]:
    ticket = service.ask("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "21600"})
    headers = {"X-aws-ec2-metadata-token": ticket}
    where = "/latest/dynamic/instance-identity"
    signature = service.ask("GET", f"{where}/signature", headers)
    return {"signature": signature, "document": service.ask("GET", f"{where}/document", headers)}


def _azure(service: _Service) -> dict[str, str]:
    text = service.ask("GET", "/metadata/attested/document?api-version=2020-09-01", {"Metadata": "true"})
    try:
        answer = json.loads(text)
        return {"signature": str(answer["signature"]), "encoding": str(answer["encoding"])}
    except (ValueError, KeyError, TypeError):
        raise service.failed("its answer is no attested document") from None


def _google(service: _Service) -> dict[str, str]:
    # The full format: the short one does not name the instance.
    path = "/computeMetadata/v1/instance/service-accounts/default/identity?audience=coder&format=full"
    return {"json_web_token": service.ask("GET", path, {"Metadata-Flavor": "Google"}).strip()}


class _Service:
    """One metadata service. `http.client` knows no proxies, cookies or redirects."""

    def __init__(self, cloud: str, base: str) -> None:
        self._cloud = cloud
        self._base = base.rstrip("/")
        parts = urlsplit(self._base)
        if parts.scheme != "http" or not parts.hostname:
            raise self.failed("its address is not http://host:port")
        self._host, self._port, self._path = parts.hostname, parts.port or 80, parts.path

    def ask(self, method: str, path: str, headers: dict[str, str]) -> str:
        connection = HTTPConnection(self._host, self._port, timeout=SECONDS)
        try:
            connection.request(method, self._path + path, headers=headers)
            answer = connection.getresponse()
            body = answer.read(MOST)
        except TimeoutError:
            raise self.failed(f"nothing within {SECONDS:g} s") from None
        except OSError as error:
            raise self.failed((error.strerror or "no answer").lower()) from None
        except (HTTPException, ValueError):
            raise self.failed("it does not speak HTTP") from None
        finally:
            connection.close()
        if answer.status != 200:
            raise self.failed(f"it answered {answer.status} to {method} {path.partition('?')[0]}")
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            raise self.failed("its answer is not text") from None

    def failed(self, why: str) -> ConfigurationError:
        return ConfigurationError(
            f"the metadata service of {self._cloud} does not vouch for this machine: {self._base}: {why}",
            hint=f"is this a machine of {self._cloud}, with its metadata service turned on and reachable from here?",
        )
