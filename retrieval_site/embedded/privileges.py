"""What a child process does between fork and exec: who it becomes and when it has to end."""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from pathlib import Path

# <linux/prctl.h>, <linux/capability.h> and <linux/securebits.h>
PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
SECBIT_NO_SETUID_FIXUP = 1 << 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522

# Loaded here and not in the child: little may be done between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityWord(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def server_uid(data: Path) -> int:
    """The user for PostgreSQL, which refuses to run as root; our own where we are not root.

    The owner of `data` where there is one, otherwise a number that no user of this machine has.
    """
    if os.geteuid() != 0:
        return os.geteuid()
    owner = data.stat().st_uid if data.exists() else 0
    return owner or _unused_uid()


def initdb_uid() -> int:
    """The user for initdb, which also wants its user to have a name."""
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return next(user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0)


def _unused_uid() -> int:
    """Below 65536, because containers often map no more numbers than these."""
    taken = {user.pw_uid for user in pwd.getpwall()}
    return next(uid for uid in range(47_117, 65_000) if uid not in taken)


def before_exec(uid: int, when_orphaned: signal.Signals) -> Callable[[], None]:
    """What a child of this process runs first: become `uid`, and end when this process has died.

    On other systems than Linux, a child of a killed parent stays until the next start finds it.
    """
    parent = os.getpid()

    def prepare() -> None:
        if uid != os.geteuid():
            _become(uid)
        if sys.platform == "linux":
            # After the change of user, which clears it.
            _check(_LIBC.prctl(PR_SET_PDEATHSIG, when_orphaned, 0, 0, 0))
            if os.getppid() != parent:
                os.kill(os.getpid(), when_orphaned)

    return prepare


def _become(uid: int) -> None:
    """Leave root for `uid` for good, keeping only the right to pass folders closed to it.

    The data and the binaries may lie under a folder such as /root; opening that folder to others
    is not ours to do. The securebit makes access(2) honour the capability too.
    """
    linux = sys.platform == "linux"
    if linux:
        _check(_LIBC.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if linux:
        _keep_only(CAP_DAC_OVERRIDE)


def _keep_only(capability: int) -> None:
    bit = 1 << capability
    header = _CapabilityHeader(LINUX_CAPABILITY_VERSION_3, 0)
    words = (_CapabilityWord * 2)(_CapabilityWord(bit, bit, bit), _CapabilityWord(0, 0, 0))
    _check(_LIBC.capset(ctypes.byref(header), words))
    _check(_LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
