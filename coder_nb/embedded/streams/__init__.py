"""What streams say and when: one generator each, which says all of it to one client and knows nothing of connections.

The first to say anything is the thing itself, as it is; later only what is new. Each asks again when it is told of a
change, so that a slow client holds nothing but its place.
"""
