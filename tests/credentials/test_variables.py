"""An environment with secrets in it shows names only, and is an environment for all that."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest
from IPython.core.formatters import PlainTextFormatter

from coder_nb.credentials.variables import Variables

SECRET = "gho_0123456789"


def test_no_value_shows() -> None:
    """Whichever way it is looked at, and in what is made of it by the usual ways."""
    variables = Variables(GH_TOKEN=SECRET, HOME="/home/ada")
    assert repr(variables) == "Variables(GH_TOKEN, HOME)"
    for text in (
        str(variables),
        f"{variables}",
        str(PlainTextFormatter()(variables)),
        repr(variables.copy()),
        repr([variables]),
    ):
        assert SECRET not in text and "GH_TOKEN" in text
    assert repr(variables | {"LANG": "C"}) == "Variables(GH_TOKEN, HOME, LANG)"


def test_it_cannot_be_written_down_by_accident() -> None:
    """Pickling it would."""
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="clear text"):
            write(Variables(GH_TOKEN=SECRET))


def test_a_process_gets_the_values() -> None:
    """As from any dict."""
    program = "import os; print(os.environ['GH_TOKEN'])"
    done = subprocess.run([sys.executable, "-c", program], env=Variables(GH_TOKEN=SECRET), capture_output=True)
    assert done.stdout.decode().strip() == SECRET
