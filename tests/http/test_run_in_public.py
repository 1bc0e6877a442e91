"""What docs/guides/run-in-public.md says is so: its commands, its proxies and its metrics."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from server.scopes import scope_from_text
from server.token_changes import add_token

from .conftest import ROOT, Serve, Server, publish, wait_until

GUIDE = (ROOT / "docs/guides/run-in-public.md").read_text(encoding="utf-8")
BLOCKS = {
    match[1]: match[2]
    for match in re.finditer(
        r"^<!-- ([\w-]+: [\w-]+) -->\n```\w+\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL
    )
}
POINT = "SELECT ?o { <http://example.org/a> <http://example.org/age> ?o }"
NUMBERS = " ".join(map(str, range(300)))
LONG = f"SELECT * {{ {''.join(f'VALUES ?{name} {{ {NUMBERS} }} ' for name in 'abcd')} }}"
HOST = "clusters.example.org"
TOKEN = "a-token-for-whoever-runs-it"  # noqa: S105 -- of a server that is gone in a minute


@pytest.fixture(scope="module")
def public(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that believes a proxy on this machine, and whose queries have three seconds."""
    folder = tmp_path_factory.mktemp("public")
    publish(folder / "store")
    add_token(folder / "tokens", "operator", [scope_from_text("admin")], TOKEN)
    options = ("--token-file", folder / "tokens", "--proxy", "127.0.0.1", "--timeout", 3)
    with serve(folder / "store", *options, "--readers", 2) as server:
        yield server


def test_every_block_of_the_guide_is_looked_at_here() -> None:
    assert GUIDE.count("\n```") == 2 * len(BLOCKS)
    assert set(BLOCKS) == {
        "systemd: install", "container: run", "container: token", "nginx: site", "caddy: site",
        "admin: list", "admin: stop",
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in BLOCKS if "site" not in name])
def test_the_commands_are_words_of_a_shell(name: str) -> None:
    subprocess.run(["bash", "-n"], input=BLOCKS[name], text=True, check=True)  # noqa: S607


def test_the_install_agrees_with_the_unit(tmp_path: Path) -> None:
    unit = (ROOT / "docs/deploy/metapole.service").read_text(encoding="utf-8")
    commands = [shlex.split(line) for line in BLOCKS["systemd: install"].splitlines()]
    user, home, venv, _, token, unit_file, *_ = commands
    assert f"User={user[-1]}\nGroup={user[-1]}\nStateDirectory={Path(home[-1]).name}\n" in unit
    assert user[user.index("--home-dir") + 1] == home[-1] == str(Path("/var/lib") / user[-1])
    assert f"ExecStart={venv[-1]}/bin/metapole serve" in unit
    assert unit_file[-2:] == [
        "docs/deploy/metapole.service", f"/etc/systemd/system/{user[-1]}.service",
    ]  # fmt: skip
    words = token[token.index("--") + 1 :]
    assert words[0] == f"{venv[-1]}/bin/metapole"
    file = words[words.index("--token-file") + 1]
    assert f"--token-file {file} " in unit
    mapped = [word.replace(home[-1], str(tmp_path)) for word in words[1:]]
    done = metapole(*mapped)
    assert (done.returncode, (tmp_path / "tokens.json").exists()) == (0, True), done.stderr


def test_the_commands_for_a_container_have_options_that_there_are() -> None:
    build, run = map(shlex.split, BLOCKS["container: run"].splitlines())
    image = build[build.index("-t") + 1]
    assert (ROOT / build[build.index("-f") + 1]).is_file()
    after_image = len(run) - run[::-1].index(image)
    assert metapole("serve", *run[after_image:], "--limits").returncode == 0
    volume = run[run.index("--volume") + 1]
    token = shlex.split(BLOCKS["container: token"])
    assert token[token.index("--volume") + 1] == volume
    containerfile = (ROOT / "docs/deploy/Containerfile").read_text(encoding="utf-8")
    assert f"VOLUME {volume.partition(':')[2]}\n" in containerfile
    assert f'["{token[token.index("--entrypoint") + 1]}", "serve"' in containerfile


def metapole(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *words],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_commands_of_the_administrator(public: Server) -> None:
    listed = json.loads(shell(public, "admin: list"))
    stopped = json.loads(shell(public, "admin: stop", ID="nothing-of-this-name"))
    assert listed == {"queries": []}
    assert stopped["status"] == 404


def shell(server: Server, name: str, **variables: str) -> str:
    if shutil.which("curl") is None:
        pytest.skip("curl is not here")
    command = BLOCKS[name].replace("http://127.0.0.1:8000", server.url)
    environment = {**os.environ, "TOKEN": TOKEN, **variables}
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, env=environment  # noqa: S607
    )  # fmt: skip
    return done.stdout


def test_the_alerts_name_metrics_that_there_are(public: Server) -> None:
    named = set(re.findall(r"(?:metapole|process)_[a-z_]+", GUIDE.partition("## Metrics")[2]))
    assert len(named) > 8
    public.ask("SELECT {")
    text = httpx2.get(f"{public.url}/metrics").text
    assert {name for name in named if f"\n{name}" not in text and f" {name} " not in text} == set()


def test_the_reasons_and_states_of_the_guide_are_those_of_the_code() -> None:
    reasons = set(re.findall(r"`(time|memory|crash|lost)`", GUIDE))
    assert reasons <= {"crash", "lost"}
    running = (ROOT / "graph/readers/running.py").read_text(encoding="utf-8")
    assert 'Literal["waiting", "evaluating", "streaming", "asking"]' in running
    assert "(`waiting`, `evaluating`, `streaming`, or `asking` while" in GUIDE


@dataclass
class Proxy:
    """A proxy that speaks TLS, in front of a server."""

    port: int
    server: Server

    def get(self, target: str, headers: dict[str, str]) -> httpx2.Response:
        # From another address than that of the proxy; the certificate is our own.
        transport = httpx2.HTTPTransport(verify=False, local_address="127.0.0.2")
        with httpx2.Client(transport=transport) as client:
            return client.get(
                f"https://127.0.0.1:{self.port}{target}",
                headers={"Host": HOST, **headers},
                extensions={"sni_hostname": HOST},
                timeout=30,
            )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and its key, of our own."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")
    folder = tmp_path_factory.mktemp("certificate")
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=clusters.example.org"
    files = folder / "fullchain.pem", folder / "privkey.pem"
    subprocess.run(
        [*words.split(), "-out", files[0], "-keyout", files[1]], check=True, capture_output=True
    )
    return files


@contextmanager
def nginx(public: Server, files: tuple[Path, Path], folder: Path) -> Generator[Proxy]:
    """Run the site of the guide in nginx, with all that belongs to this machine replaced."""
    program = found("nginx")
    port = free_port()
    site = BLOCKS["nginx: site"].replace("127.0.0.1:8000", f"127.0.0.1:{public.port}")
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    for path in files:
        site = site.replace(f"/etc/letsencrypt/live/clusters.example.org/{path.name}", str(path))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;"
        f"events {{}} http {{ access_log off; {folders}\n{site} }}"
    )
    base = [program, "-e", str(folder / "errors"), "-c", str(configuration), "-p", str(folder)]
    checked = subprocess.run([*base, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with running([*base], port):
        yield Proxy(port, public)


@contextmanager
def caddy(public: Server, files: tuple[Path, Path], folder: Path) -> Generator[Proxy]:
    """Run the site of the guide in Caddy, with all that belongs to this machine replaced."""
    program = found("caddy")
    told = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", told)
    if version and tuple(map(int, version.groups())) < (2, 7, 6):
        pytest.skip(f"this is Caddy {told.strip()}; the guide asks for 2.7.6 or later")
    port = free_port()
    site = BLOCKS["caddy: site"].replace("127.0.0.1:8000", f"127.0.0.1:{public.port}")
    files_line = f"tls {files[0]} {files[1]}"
    site = site.replace(
        "clusters.example.org {", f"https://clusters.example.org:{port} {{\n\t{files_line}"
    )
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
    configuration = folder / "Caddyfile"
    configuration.write_text(options + site)
    words = ["--adapter", "caddyfile", "--config", str(configuration)]
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    checked = subprocess.run(
        [program, "validate", *words], capture_output=True, text=True, check=False, env=environment
    )
    assert checked.returncode == 0, checked.stderr
    with running([program, "run", *words], port, environment):
        yield Proxy(port, public)


def found(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not here")
    return program


@contextmanager
def running(words: list[str], port: int, env: dict[str, str] | None = None) -> Generator[None]:
    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, stdout=quiet, stderr=quiet, env=env) as process:
        try:
            wait_until(lambda: process.poll() is not None or listens())
            assert process.poll() is None
            yield
        finally:
            process.terminate()
            process.wait(15)


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest,
    public: Server,
    certificate: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxy]:
    with request.param(public, certificate, tmp_path_factory.mktemp("proxy")) as each:
        yield each


def test_a_proxy_passes_answers_on(proxy: Proxy) -> None:
    response = proxy.get(f"/sparql?query={quote(POINT)}", {"Accept": "text/csv"})
    assert (response.status_code, response.text) == (200, "o\r\n36\r\n")


@pytest.mark.parametrize(
    "path", ["/admin/queries", "/admin", "/metrics", "/healthz", "/healthz/ready", "/admin/x/y"]
)
def test_a_proxy_keeps_to_itself_what_is_not_for_everybody(proxy: Proxy, path: str) -> None:
    response = proxy.get(path, {"Authorization": f"Bearer {TOKEN}"})
    assert (response.status_code, "x-request-id" in response.headers) == (404, False)


def test_a_proxy_says_who_the_client_is_and_nobody_else_does(proxy: Proxy) -> None:
    forged = {"X-Forwarded-For": "192.0.2.7", "X-Request-Id": "forged"}
    name = proxy.get("/nothing", forged).headers["x-request-id"]
    log = proxy.server.log
    wait_until(lambda: f'"{name}"' in log.read_text())
    (line,) = [json.loads(each) for each in log.read_text().splitlines() if f'"{name}"' in each]
    assert (line["client"], name != "forged") == ("127.0.0.2", True)


def test_an_answer_that_is_cut_short_stays_so(proxy: Proxy) -> None:
    with pytest.raises(httpx2.RemoteProtocolError, match="complete"):
        proxy.get(f"/sparql?query={quote(LONG)}", {"Accept": "text/csv"})
