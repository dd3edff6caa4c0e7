"""What a set tells a constellation and takes from it, with consent (docs/sync.md). Needs the extra `[sync]`.

`Client` is the whole of it: `step` does what is due and says how long to wait. Nothing here has a thread or a clock of
its own, and nothing is opened before somebody has consented.
"""
