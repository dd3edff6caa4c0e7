"""Properties of every answer through `tvbrain.Brain`: random packs, stacks, households, lives and requests."""
