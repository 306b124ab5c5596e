"""The body of a step's cell, run as the notebook runs a cell: in its namespace, with magics; the last value comes back.

A body that ends in `;` hands on nothing. `await` at its top level is refused: a magic has no event loop to wait in.
"""

from __future__ import annotations

import ast
from typing import Any

from coder_nb.errors import InvalidCommand

__all__ = ["run_body"]


def run_body(shell: Any, text: str) -> Any:
    """Runs it.

    Args:
        shell: an IPython shell.
        text: what stands under the magic's line.
    Returns:
        the value of its last expression; None where it ends in something else, or in `;`.
    Raises:
        InvalidCommand: it waits at its top level.
        Exception: whatever its code raises.
    """
    source = shell.transform_cell(text)
    # Under a name of its own, so that a traceback shows the lines.
    name = shell.compile.cache(source, shell.execution_count, raw_code=text)
    tree = shell.transform_ast(shell.compile.ast_parse(source, filename=name))
    last = tree.body[-1] if tree.body else None
    statements, value = (tree.body[:-1], last.value) if isinstance(last, ast.Expr) else (tree.body, None)
    module = ast.Module(statements, type_ignores=[])
    try:
        code = shell.compile(module, name, "exec")
        final = shell.compile(ast.Expression(value), name, "eval") if value is not None else None
    except SyntaxError as error:
        if "outside" not in str(error.msg) or "await" not in source:
            raise
        raise InvalidCommand(
            "the body of a step cannot await at its top level",
            hint="await it in a cell before, or use the blocking call",
        ) from None
    # The notebook's own code, as its person wrote it.
    exec(code, shell.user_global_ns, shell.user_ns)  # noqa: S102
    found = eval(final, shell.user_global_ns, shell.user_ns) if final is not None else None  # noqa: S307
    return None if source.rstrip().endswith(";") else found
