"""What is on the wire of Coder's multiplexed protocol, protocol only: bytes in, values out. No sockets, no threads.

The one thing the client and the embedded deployment have in common: its bytes are checked against recorded ones, so
that a mistake cannot hide on both sides. From coder_nb it imports errors alone.
"""
