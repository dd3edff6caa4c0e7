"""Second implementations, written from the rules, that tests compare the real ones with."""
