"""HTTP: from a connection to a call and back. Knows the rules that hold for every endpoint, and no endpoint."""
