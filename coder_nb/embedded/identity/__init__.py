"""Whether a cloud has signed what an instance says of itself; each gives the id of the instance, or says why not.

The signatures are really checked, against the keys the deployment is told to believe. Dates of certificates are not,
and nothing is fetched from anywhere.
"""

from __future__ import annotations

from coder_nb.embedded.identity.aws import aws_instance
from coder_nb.embedded.identity.azure import azure_instance
from coder_nb.embedded.identity.google import google_instance
from coder_nb.embedded.identity.wrong import Wrong

__all__ = ["Wrong", "aws_instance", "azure_instance", "google_instance"]
