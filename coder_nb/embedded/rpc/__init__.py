"""The multiplexed protocol, the deployment's side. Its bytes are the client's codec's, checked against recordings."""
