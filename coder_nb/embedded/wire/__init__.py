"""The deployment's JSON, written by hand from `state`: one module per kind of thing, each value spelled as on the wire.

Shares no record with the client on purpose: a wrong key would otherwise be wrong, and unseen, on both sides.
"""
