"""Teaching networks labels. Nothing in here knows of images in a database."""
