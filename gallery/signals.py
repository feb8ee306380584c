"""What gallery tells the apps that stand on it."""

from django.dispatch import Signal

# Sent once the image's row is committed and its file is stored. Argument: image.
image_stored = Signal()
