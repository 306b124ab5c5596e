"""Side-by-side measurements: `python -m benchmarks [name …]`. They print ratios of one run; nothing asserts a time."""
