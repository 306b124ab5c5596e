"""Recordings of what was exchanged with a deployment, and replaying them without one. Knows no resource of the API.

`recorder` stands before a wire and takes down what it carries; `player` stands in its place and has only what was taken
down. A cassette is text: `writing` says how it looks, `redaction` what never gets into it.
"""
