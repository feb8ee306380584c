"""Evaluations that people start in the page: asked for, worked out by a worker, and looked at."""
