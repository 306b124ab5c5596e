"""Connections into a workspace over one terminal: frames, the relays that run there, and what drives them here."""
