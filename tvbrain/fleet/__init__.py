"""A fleet on one machine: real people as sets that tell a constellation what they like (docs/sync.md, "The fleet")."""
