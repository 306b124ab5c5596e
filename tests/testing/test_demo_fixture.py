"""The fixture `coder_demo`, as a project with runbooks uses it."""

from __future__ import annotations

import pytest

from coder_nb import Coder


def test_it_is_a_client_of_the_demo(coder_demo: Coder) -> None:
    """The fixture gives a connected client, named like the deployment."""
    assert coder_demo.deployment == "demo"
    assert coder_demo.user().username == "ada"


def test_one_deployment_serves_a_session(pytester: pytest.Pytester) -> None:
    """Two modules of another project share one deployment, isolated, and the example of the guide holds."""
    pytester.makeini("[pytest]\ncoder_isolate = true")
    test = """
        def test_it(coder_demo):
            scripts = coder_demo.agent("api-broken").scripts()
            assert list(scripts.query("exit_code != 0").name) == ["Database migrations"]
            print("url", coder_demo.credentials.url)
    """
    pytester.makepyfile(test_one=test, test_two=test)
    result = pytester.runpytest_subprocess("-s")
    result.assert_outcomes(passed=2)
    urls = [line.rpartition("url ")[2] for line in result.outlines if "url http" in line]
    assert len(urls) == 2
    assert len(set(urls)) == 1
