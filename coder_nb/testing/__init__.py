"""For people who test notebooks and runbooks against Coder: the pytest plugin that comes with coder-nb.

`coder_nb.testing.plugin` is loaded by pytest itself (an entry point) and says in its docstring how to use it.
"""
