"""What sets and the constellation say to each other, as bytes: docs/sync.md has every format.

No file, no clock, no network: each function takes bytes or values and gives the other. What comes from outside is
refused by a named error (tvbrain.wire.errors) or is a valid value; memory stays within tvbrain.wire.limits.
"""
