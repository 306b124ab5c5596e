"""What a terminal can carry: commands, sessions, files. Knows neither names of workspaces nor notebooks."""
