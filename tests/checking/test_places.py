"""Every place of a notebook is looked into, and can be given another text."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest

from coder_nb.checking.places import places
from tests.checking.planted import notebook

MARK = "here-it-is"

EVERYWHERE: dict[str, dict[str, Any]] = {
    "a stream": notebook(outputs=[{"output_type": "stream", "name": "stdout", "text": ["a\n", f"{MARK}\n"]}]),
    "a stream as one text": notebook(outputs=[{"output_type": "stream", "name": "stderr", "text": MARK}]),
    "an error": notebook(outputs=[{"output_type": "error", "ename": "E", "evalue": MARK, "traceback": []}]),
    "a traceback": notebook(outputs=[{"output_type": "error", "ename": "E", "evalue": "", "traceback": ["a", MARK]}]),
    "text": notebook(outputs=[{"output_type": "execute_result", "metadata": {}, "data": {"text/plain": MARK}}]),
    "html": notebook(outputs=[{"output_type": "display_data", "metadata": {}, "data": {"text/html": ["<b>\n", MARK]}}]),
    "svg": notebook(outputs=[{"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": f"<t>{MARK}"}}]),
    "json": notebook(outputs=[{"output_type": "display_data", "data": {"application/json": {"a": [{"b": MARK}]}}}]),
    "a name in json": notebook(outputs=[{"output_type": "display_data", "data": {"application/json": {MARK: 1}}}]),
    "a list in json": notebook(outputs=[{"output_type": "display_data", "data": {"application/x+json": [1, [MARK]]}}]),
    "an output's metadata": notebook(outputs=[{"output_type": "display_data", "data": {}, "metadata": {"a": MARK}}]),
    "a cell's metadata": notebook(cell_metadata={"papermill": {"x": [MARK]}}),
    "a tag": notebook(cell_metadata={"tags": [MARK]}),
    "the notebook's metadata": notebook(metadata={"papermill": {"parameters": {"name": MARK}}}),
    "a field of the notebook's metadata": notebook(metadata={"title": MARK, "widgets": {}}),
    "an attachment": notebook(attachments={"a.svg": {"image/svg+xml": MARK}}),
    "a widget": notebook(metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {
        "state": {"abc": {"model_name": "TextModel", "state": {"value": MARK}}}}}}),
    "a widget's buffer": notebook(metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {
        "state": {"abc": {"model_name": "HTMLModel", "state": {}, "buffers": [{"data": MARK}]}}}}}),
}  # fmt: skip


@pytest.mark.parametrize("where", EVERYWHERE)
def test_a_text_is_found_and_replaced_where_it_is(where: str) -> None:
    """And nothing else is changed: neither the order of fields nor lists that are one text."""
    made = copy.deepcopy(EVERYWHERE[where])
    found = [place for _, place in places(made) if MARK in place.text]
    assert len(found) == 1, where
    assert found[0].put is not None
    found[0].put(found[0].text.replace(MARK, "****"))
    assert json.dumps(made) == json.dumps(EVERYWHERE[where]).replace(MARK, "****")


def test_a_source_is_no_place_to_change() -> None:
    """Of code and of text alike."""
    made = notebook(f"a\n{MARK}")
    made["cells"][1]["source"] = MARK
    found = [(number, place) for number, place in places(made) if MARK in place.text]
    assert [(number, place.put, place.source) for number, place in found] == [(1, None, True), (2, None, True)]


def test_text_within_a_picture_is_found() -> None:
    """PNG keeps comments as they are; they cannot be replaced."""
    data = base64.b64encode(f"\x89PNG tEXt comment {MARK}".encode("latin-1")).decode()
    made = notebook(outputs=[{"output_type": "display_data", "metadata": {}, "data": {"image/png": data}}])
    found = [place for _, place in places(made) if MARK in place.text]
    assert [(place.where, place.put) for place in found] == [("cell 1, output 1 (image/png)", None)]


@pytest.mark.parametrize("broken", [{"cells": [None, 1, {"outputs": "x", "metadata": []}]}, {"cells": {}}, {}])
def test_a_notebook_that_is_none_breaks_nothing(broken: dict[str, Any]) -> None:
    """What is not as it should be is passed over."""
    list(places(broken))
