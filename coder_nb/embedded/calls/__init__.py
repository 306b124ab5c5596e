"""What each endpoint does: one module per resource, one function per call, listed in `routes.py`."""
