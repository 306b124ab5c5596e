"""Kernels that run in workspaces, for JupyterLab here. Loads nothing of Jupyter until one is wanted."""
