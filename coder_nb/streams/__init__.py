"""Following something for ever: one background stream for all who listen, resumed when it breaks, bounded in memory."""
