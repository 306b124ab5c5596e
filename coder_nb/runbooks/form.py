"""The form of a runbook's parameters: a field for each, checked when it is left, and only then put into the notebook.

For a person at a live front end. No secret has a field: what is typed into one would be saved with the notebook.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coder_nb.look import dim, ink, safe
from coder_nb.runbooks.declarations import Declaration
from coder_nb.runbooks.parameters import Parameters, checked, shown

__all__ = ["form"]

Change = Callable[[Declaration, object], None]
"""Takes a parameter and its new, converted value. Raises Wrong or a CoderError where it cannot be."""


def form(parameters: Parameters, change: Change, *, names: list[str]) -> Any:
    """The widget.

    Args:
        parameters: settled already; the fields show their values.
        change: is told of each new value.
        names: of workspaces and agents, to be offered.
    """
    import ipywidgets as widgets  # type: ignore[import-untyped]

    rows = [_row(widgets, one, parameters, change, names) for one in parameters.declared]
    return widgets.VBox(rows)


def _row(widgets: Any, one: Declaration, parameters: Parameters, change: Change, names: list[str]) -> Any:
    field = _field(widgets, one, parameters.values.get(one.name), names)
    field.description = one.name
    field.style.description_width = "10em"
    field.layout.width = "28em"
    note = widgets.HTML(_about(one))

    def typed(event: dict[str, Any]) -> None:
        try:
            change(one, checked(one, event["new"]))
        except Exception as error:
            note.value = f'<span style="{ink("failed")}">{safe(error)}</span>'
        else:
            note.value = _about(one)

    if not one.kind.secret:
        field.observe(typed, "value")
    return widgets.HBox([field, note])


def _field(widgets: Any, one: Declaration, value: object, names: list[str]) -> Any:
    text = shown(one, value)
    if one.kind.secret:
        return widgets.Text(value=text or "–", disabled=True)
    if one.kind.choices:
        empty = ("",) if one.optional else ()
        return widgets.Dropdown(options=(*empty, *one.kind.choices), value=text)
    if one.kind.name == "bool" and not one.optional:
        return widgets.Checkbox(value=bool(value), indent=True)
    if one.kind.name == "int" and value is not None and one.kind.low is not None and one.kind.high is not None:
        return widgets.IntSlider(value=value, min=one.kind.low, max=one.kind.high, continuous_update=False)
    if one.kind.name == "date":
        return widgets.DatePicker(value=value)
    if one.kind.name in ("workspace", "agent"):
        return widgets.Combobox(value=text, options=tuple(names), ensure_option=False, continuous_update=False)
    return widgets.Text(value=text, continuous_update=False)


def _about(one: Declaration) -> str:
    return dim(" · ".join(part for part in (one.help, one.kind.told) if part))
