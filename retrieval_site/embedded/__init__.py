"""PostgreSQL and Redis that the gallery brings along, and the supervisor that keeps it running.

Nothing in this package imports Django: the settings import it.
"""
