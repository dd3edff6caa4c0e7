"""Fault drills: kill, cut the power, fill the disk, and see whether what was acknowledged is kept.

A drill runs real processes, a C host on the serving library and the learning plane, on one data
directory, with a shim between them and the file system (tests/faults). The host observes events
that anybody can compute from a seed and a number, and notes what was acknowledged where no kill can
take it (`ledger`); the judge reads the directory afterwards with the core and compares.
"""
