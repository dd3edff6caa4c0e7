"""What C libraries call: the learning plane inside a C program (`embedded`)."""
