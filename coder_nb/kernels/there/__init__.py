"""What runs beside a kernel in its workspace, and what both ends of its line share.

It is sent along and run there by the kernel's own Python, which may be old: the standard library and pyzmq, which comes
with ipykernel, and nothing else.
"""
