"""Reading catalogues and joining titles."""
