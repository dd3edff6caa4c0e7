"""Health: what this device has and how well the brain runs on it."""
