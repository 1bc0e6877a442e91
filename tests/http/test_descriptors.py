"""No more connections than files may be open."""

import resource
import sys
from pathlib import Path

import pytest

from server.descriptors import BACKLOG, backlog, within_reach
from server.guarded import ConnectionLimits

from .conftest import Serve
from .test_serving import POINT, POINT_ANSWER, asked

FEW_FILES = (
    "import os, resource, sys; "
    "resource.setrlimit(resource.RLIMIT_NOFILE, (128, int(sys.argv[1]))); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)


@pytest.mark.parametrize(
    ("allowed", "total"), [(1_000_000, 4096), (8192, 4096), (5000, 3494), (1024, 512), (100, 1)]
)
def test_connections_leave_room_for_all_else(allowed: int, total: int) -> None:
    said: list[str] = []
    limits = within_reach(ConnectionLimits(total=4096), said.append, allowed)
    assert limits.total == total
    assert total == 1 or total + 256 + backlog(allowed) <= allowed
    assert [f"only {allowed} files" in each for each in said] == [True] * (total < 4096)
    assert backlog(allowed) <= BACKLOG


@pytest.mark.parametrize(("hard", "is_told"), [(1024, True), (10_000, False)])
def test_a_server_raises_what_it_may_and_says_if_it_is_too_little(
    serve: Serve, small_store: Path, hard: int, is_told: bool
) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < hard:
        pytest.skip(f"there are fewer than {hard} open files to be had")
    with serve(
        small_store, "--log", "json", through=(sys.executable, "-c", FEW_FILES, str(hard))
    ) as server:
        limits = Path(f"/proc/{server.front}/limits").read_text()
        (line,) = (line for line in limits.splitlines() if line.startswith("Max open files"))
        assert line.split()[3:5] == [str(hard)] * 2
        said = server.log.read_text()
        assert ("512 connections instead of 4096" in said) == is_told
        assert asked(server, POINT) == POINT_ANSWER
