"""A city moves to a name of its own: certificates on demand, open forms, links of old letters."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.browsing import Visitors
from tests.e2e.installation import Installation, free_port, wait_until
from tests.nameserver import nameserver

# Everything under .example is this machine for the tests' browser.
NAME = "police.khorol.example"
REDIRECTS = {301, 302, 307, 308}
CADDYFILE = """
{{
    admin off
    auto_https disable_redirects
    skip_install_trust
    storage file_system {folder}/storage
    http_port {http}
    https_port {https}
    on_demand_tls {{
        ask http://127.0.0.1:{product}/internal/tls-allowed
    }}
}}
https://:{https} {{
    bind 127.0.0.1
    tls internal {{
        on_demand
    }}
    reverse_proxy 127.0.0.1:{product}
}}
"""


def status(installation: Installation, host: str) -> int:
    """What the web server says to this Host header."""
    connection = HTTPConnection("127.0.0.1", installation.port, timeout=10)
    try:
        connection.request("GET", "/about/", headers={"Host": host})
        return connection.getresponse().status
    finally:
        connection.close()


def add(installation: Installation, slug: str, name: str) -> tuple[str, str]:
    """The TXT record that the command asks for: name, value."""
    record, value = installation.manage("domain", "add", slug, name).split()[-2:]
    return record, value


def confirm(installation: Installation, name: str, record: tuple[str, str]) -> None:
    """A real DNS server answers with the record."""
    with nameserver() as server:
        server.texts[record[0]] = [[record[1]]]
        said = installation.manage(
            "domain", "check", name, DNS_RESOLVERS=f"127.0.0.1:{server.port}"
        )
    assert "redirects" in said


def test_a_form_that_was_open_while_the_city_moved_loses_nothing(
    installation: Installation, visitors: Visitors
) -> None:
    khorol = installation.provision("Хорол")
    confirm(installation, NAME, add(installation, khorol.slug, NAME))
    page = visitors.arrive()
    page.goto(khorol.at("/ask/"))
    steps.put_pin(page)
    installation.manage("domain", "primary", NAME)
    # The web server learns it within seconds, of each name for itself.
    wait_until(lambda: status(installation, NAME) == 200, "the new name is primary")
    old = f"{khorol.slug}.localhost"
    wait_until(lambda: status(installation, old) in REDIRECTS, "the old name leads to it")
    visitors.watch.expect(rf"403 http://{NAME}")
    # The browser trusts plain HTTP on localhost alone.
    visitors.watch.expect("Cross-Origin-Opener-Policy header has been ignored")
    steps.send(steps.ask_form(page), steps.ask_fields("odarka@example.org"))
    page.wait_for_url(f"http://{NAME}:{installation.port}/**")
    expect(page.locator("main textarea")).to_have_value(steps.QUESTION)
    page.locator("main a.button").click()
    expect(steps.ask_form(page)).to_be_visible()
    # A link of an old letter.
    page.goto(khorol.at("/about/?x=1"))
    assert page.url == f"http://{NAME}:{installation.port}/about/?x=1"


@pytest.fixture
def proxy(installation: Installation, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Caddy with certificates on demand from an authority of its own: port, the root's file."""
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("Certificates on demand need Caddy: apt-get install caddy.")
    https = free_port()
    file = tmp_path / "Caddyfile"
    file.write_text(
        CADDYFILE.format(folder=tmp_path, http=free_port(), https=https, product=installation.port)
    )
    log = tmp_path / "caddy.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [caddy, "run", "--config", str(file), "--adapter", "caddyfile"],
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
            stdout=written,
            stderr=written,
        )
    root = tmp_path / "storage" / "pki" / "authorities" / "local" / "root.crt"

    def ready() -> bool:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            return root.exists() and probe.connect_ex(("127.0.0.1", https)) == 0

    try:
        wait_until(ready, "Caddy listens", 30)
        yield https, root
    finally:
        process.terminate()
        process.wait(20)


def over_tls(port: int, root: Path, name: str) -> str:
    """The status line for a name whose certificate was checked. Raises ssl.SSLError."""
    context = ssl.create_default_context(cafile=str(root))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        secure.sendall(
            f"GET /about/ HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode()
        )
        return secure.recv(4096).decode(errors="replace").split("\r\n")[0]


def test_a_proxy_gets_certificates_for_our_names_and_for_no_others(
    installation: Installation, proxy: tuple[int, Path]
) -> None:
    """The product's answer decides, asked by a real Caddy at the handshake."""
    port, root = proxy
    city = installation.provision("Ніжин")
    host = f"{city.slug}.localhost"
    assert over_tls(port, root, host).split()[1] == "200"
    name = "police.nizhyn.example"
    record = add(installation, city.slug, name)
    for stranger in (f"x.{host}", "nobody.example", name):
        with pytest.raises(ssl.SSLError):
            over_tls(port, root, stranger)
    confirm(installation, name, record)
    # The web server has just said no to this name, and believes it for some seconds.
    wait_until(lambda: status(installation, name) == 301, "the confirmed name is known")
    assert over_tls(port, root, name).split()[1] == "301"
