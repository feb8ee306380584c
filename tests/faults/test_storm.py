"""All of it killed at random while people upload and search, and the disk full.

`script/test tests/faults/test_storm.py --storm 600 -s` goes on for ten minutes.
"""

import json
import time
from collections.abc import Callable, Iterator
from itertools import chain
from random import Random
from statistics import median

import pytest

from tests.faults.installation import Installation
from tests.faults.traffic import Traffic

pytestmark = pytest.mark.faults

# A second or two of whatever is done before the next thing is.
REST = 1.0
HEAL_SECONDS = 150
WORK = ("search_embedding", "gallery_rendering")
SUMS = """
    SELECT sha256, count(*), min(id) FROM gallery_image GROUP BY sha256
"""


def kill_one_web_process(gallery: Installation) -> None:
    gallery.wait_for(lambda: gallery.processes("gunicorn"))
    gallery.wait_for(lambda: gallery.process("gunicorn").children())
    gallery.process("gunicorn").children()[0].kill()


def kill_redis(gallery: Installation) -> None:
    gallery.redis.kill()
    time.sleep(REST)
    gallery.start_redis()


def kill_a_connection(gallery: Installation) -> None:
    """One server process killed: PostgreSQL then ends all others and recovers."""
    backends = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
    pids = [pid for (pid,) in gallery.ask(f"{backends} AND pid <> pg_backend_pid()")]
    for process in gallery.process("postgres", "cluster_name").children():
        if process.pid in pids:
            process.kill()
            return


FAULTS: dict[str, Callable[[Installation], None]] = {
    "encoder": lambda gallery: gallery.kill("--queues query,embed"),
    "media worker": lambda gallery: gallery.kill("--queues sweep,media"),
    "trainer": lambda gallery: gallery.kill("--queues train"),
    "beat": lambda gallery: gallery.kill(" beat "),
    "web": lambda gallery: gallery.kill("gunicorn"),
    "one web process": kill_one_web_process,
    "Redis": kill_redis,
    "PostgreSQL": lambda gallery: gallery.kill("postgres", "cluster_name"),
    "a connection to PostgreSQL": kill_a_connection,
}


def faults(random: Random, seconds: float) -> Iterator[str]:
    """Each once, in any order, and on at random until the time is over."""
    until = time.monotonic() + seconds
    yield from random.sample(list(FAULTS), len(FAULTS))
    while time.monotonic() < until:
        yield random.choice(list(FAULTS))


def test_nothing_is_lost_or_doubled_whatever_is_killed(
    gallery: Installation, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = time.time_ns()
    traffic = Traffic(gallery)
    healed: dict[str, list[float]] = {name: [] for name in FAULTS}
    with traffic.going_on():
        for name in faults(Random(seed), request.config.getoption("--storm")):
            FAULTS[name](gallery)
            healed[name].append(traffic.until_served())
            time.sleep(REST)
    began = time.monotonic()
    gallery.settle(HEAL_SECONDS)
    settled = time.monotonic() - began
    stored = {digest: (count, pk) for digest, count, pk in gallery.ask(SUMS)}
    lost = [digest for digest, pk in traffic.accepted.items() if stored.get(digest) != (1, pk)]
    doubled = [digest for digest in traffic.sent if stored.get(digest, (0, 0))[0] > 1]
    terminal = request.config.get_terminal_writer()
    with capsys.disabled():
        for line in report(traffic, healed, len(lost), len(doubled), settled):
            terminal.line(line)
    assert (lost, doubled, traffic.stack_traces, traffic.answers[500]) == ([], [], [], 0), seed
    assert_whole(gallery)


def report(
    traffic: Traffic, healed: dict[str, list[float]], lost: int, doubled: int, settled: float
) -> Iterator[str]:
    times = list(chain(*healed.values()))
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(traffic.answers.items()))
    yield ""
    yield f"killed {len(times)} times"
    yield f"uploads accepted {len(traffic.accepted)}, lost {lost}, doubled {doubled}"
    yield f"answers by status (0 is none): {statuses}"
    yield f"served again after {median(times):.1f} s (median), {max(times):.1f} s at most"
    yield f"all work done {settled:.1f} s after the last"
    for name, seconds in healed.items():
        yield f"  {name}: {len(seconds)} times, {max(seconds):.1f} s at most"


def assert_whole(gallery: Installation) -> None:
    """Nothing failed without a reason, and the check of the gallery finds nothing."""
    assert gallery.count("search_embedding WHERE state = 'failed' AND error = ''") == 0
    checking = gallery.command("check_gallery", "--json")
    said = checking.communicate()[0]
    assert checking.returncode == 0, json.loads(said)


def test_a_full_disk_refuses_what_it_cannot_hold_and_nothing_else(
    gallery: Installation,
) -> None:
    if not gallery.disk.is_there:
        pytest.skip("only root can have a disk that is small enough to be filled")
    # What other faults left behind has failed for other reasons.
    before = [gallery.count(f"{work} WHERE state <> 'ready'") for work in WORK]
    traffic = Traffic(gallery)
    with traffic.going_on():
        traffic.until_served()
        gallery.disk.fill()
        gallery.wait_for(lambda: traffic.answers[507])
        gallery.disk.free()
        traffic.until_served()
    gallery.settle(HEAL_SECONDS)
    assert (traffic.stack_traces, traffic.answers[500]) == ([], 0)
    stored = {digest: pk for digest, _, pk in gallery.ask(SUMS)}
    assert {digest: stored.get(digest) for digest in traffic.accepted} == traffic.accepted
    assert [gallery.count(f"{work} WHERE state <> 'ready'") for work in WORK] == before
    assert_whole(gallery)
