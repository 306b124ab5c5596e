"""`%coder` and `%%coder` for IPython: a thin face over coder_nb.client. Loaded by `%load_ext coder_nb`.

One declaration per command (grammar.py) makes the parser, the help, completion and the reference page.
"""
