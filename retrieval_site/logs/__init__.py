"""What every line of a log tells: which request, and which task, it is about."""
