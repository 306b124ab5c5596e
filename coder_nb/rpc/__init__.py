"""Calls to Coder over its multiplexed protocol: whose workspaces change, where agents can be reached, what an agent is.

Only what reads, and what harms nobody, can be said here: see `endpoints`. protobuf is loaded with the first call.
"""
