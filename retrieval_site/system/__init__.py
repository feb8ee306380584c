"""The system page: how the gallery fares, told to those who run it."""
