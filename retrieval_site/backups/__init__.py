"""A whole gallery in one file or folder, and back.

**Why it is consistent while the gallery runs.** The rows are dumped from one snapshot of the
database, and the files copied are those that the rows of that same snapshot name. An original is
written before its row is committed and never changed afterwards, so every row of the snapshot has
its whole file by then; and files are only ever deleted by the worker that goes through `StrayFile`,
which holds `locks.FILES` for that and is kept waiting until the copy is done.
"""


class BackupRefused(Exception):
    """There is no backup, or none to restore from; the message says why and what to do."""
