"""What gallery tells the apps that stand on it."""

from django.dispatch import Signal

# Sent once the image's row is committed and its file is stored. Argument: image.
image_stored = Signal()

# Sent in the transaction that gives an image another file. Argument: image.
image_replaced = Signal()

# Sent in the transaction that stores copies of drawn pictures, see gallery.demonstration.
# Argument: copies, pairs of an image and the one that looks like it.
images_copied = Signal()
