"""Runbooks: notebooks with checked parameters and steps that are confirmed, recorded, resumed and tried dry.

Imports nothing; each module is reached where it is first needed.
"""
