"""The gallery's pages and files."""
