"""Bytes to Coder and back: time limits, retries, TLS, proxies, size limits. Knows no resource of the API.

Nothing is imported here, so that what needs no HTTP does not load it.
"""
