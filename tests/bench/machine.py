"""What a benchmark ran on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def described() -> dict[str, str]:
    """Return what is known of this machine."""
    return {
        "processor": _first("/proc/cpuinfo", "model name"),
        "cores": str(os.cpu_count()),
        "memory": f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) * 1024 / 1e9:.0f} GB",
        "system": f"{_first('/etc/os-release', 'PRETTY_NAME', '=')}, Linux {platform.release()}",
        "Python": f"{platform.python_version()}, pyoxigraph {version('pyoxigraph')}",
        "load at the start": f"{os.getloadavg()[0]:.1f}",
    }


def _first(path: str, key: str, separator: str = ":") -> str:
    for line in Path(path).read_text().splitlines():
        name, _, value = line.partition(separator)
        if name.strip() == key:
            return value.strip().strip('"')
    return "unknown"
