"""What deploy/ says is what the code does: variables, commands, files, figures."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from bezpechne.environment import about
from bezpechne.kernel import health, metrics, reference

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PAGES = sorted(DEPLOY.rglob("*.md"))
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
# Read by granian and by Python, not by settings.
OTHERS = re.compile(r"GRANIAN_\w+|PYTHON\w+|DJANGO_SETTINGS_MODULE")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def text(name: str) -> str:
    return (DEPLOY / name).read_text()


# --- the reference of variables -----------------------------------------------------------------


def test_every_variable_that_settings_read_is_described_and_the_page_is_current() -> None:
    assert reference.faults() == []
    assert text("environment.md") == reference.text(), "run `manage.py settings_reference`"


def test_the_reference_sees_what_only_some_branches_read() -> None:
    read = reference.variables()
    assert {name for name, one in read.items() if one.demanded} == {
        "SECRET_KEY",
        "BASE_URL",
        "DATABASE_URL",
        "SMTP_HOST",
    }
    assert "S3_REGION" in read
    assert read["SMTP_PORT"].default == "'587'"
    assert read["DEBUG"].switch


def test_no_variable_of_ours_is_read_past_the_settings() -> None:
    """A variable read elsewhere would be missing from the reference."""
    reads = re.compile(r"(?:os\.environ(?:\.get\(|\[)|getenv\()\s*[\"'](\w+)")
    found = set()
    for package in ("platform", "tenants", "community", "billing", "provisioning"):
        for path in (ROOT / package).rglob("*.py"):
            if path.name != "settings.py":
                found |= set(reads.findall(path.read_text()))
    # The system's; what `demo` hands on; what `create_operator` says itself.
    others = {"PATH", "PYTHONPATH", "DJANGO_SETTINGS_MODULE", "LOG_LEVEL", "OPERATOR_PASSWORD"}
    assert found - others == set()


# --- compose ------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["setup", "web", "worker"])
def test_the_application_gets_variables_that_exist_and_all_it_demands(
    compose: Any, service: str
) -> None:
    given = set(compose["services"][service]["environment"])
    assert {name for name in given - set(about()) if not OTHERS.fullmatch(name)} == set()
    assert {name for name, one in reference.variables().items() if one.demanded} <= given
    assert compose["services"][service]["environment"]["ENVIRONMENT"] == "production"


def test_what_compose_asks_for_stands_in_the_example() -> None:
    demanded = set(re.findall(r"\$\{(\w+):\?", text("compose.yaml")))
    offered = set(re.findall(r"^(\w+)=", text("env.example"), re.MULTILINE))
    assert demanded <= offered
    used = set(re.findall(r"\$\{(\w+)", text("compose.yaml")))
    assert offered <= used | set(about())


def test_images_have_versions_and_volumes_are_declared(compose: Any) -> None:
    for name, service in compose["services"].items():
        image = service["image"]
        assert ":" in image, name
        assert not image.endswith(":latest"), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists(), volume


def test_services_wait_for_services_that_exist(compose: Any) -> None:
    names = set(compose["services"])
    for service in compose["services"].values():
        assert set(service.get("depends_on", [])) <= names


def test_only_the_proxy_is_open_to_the_world(compose: Any) -> None:
    assert [name for name, one in compose["services"].items() if "ports" in one] == ["proxy"]


# --- the image ----------------------------------------------------------------------------------


def test_the_image_holds_every_package_and_no_more() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    tops = {package.split("/")[0] for package in packages}
    dockerfile = text("Dockerfile")
    copied = set(re.findall(r"^COPY (\w+) \1$", dockerfile, re.MULTILINE))
    assert copied == tops
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert allowed == tops | {"pyproject.toml", "uv.lock", "README.md", "manage.py"}
    for name in allowed:
        assert (ROOT / name).exists()


def test_the_image_is_built_without_tools_of_developers_and_runs_as_nobody() -> None:
    dockerfile = text("Dockerfile")
    syncs = re.findall(r"uv sync .*", dockerfile)
    assert len(syncs) == 2
    assert all("--frozen" in sync and "--no-dev" in sync for sync in syncs)
    assert "embedded" not in re.sub(r"#.*", "", dockerfile)
    assert re.search(r"^USER (?!0|root)", dockerfile, re.MULTILINE)
    pinned = re.search(r"uv==([\d.]+)", dockerfile)
    locked = re.search(r'name = "uv"\nversion = "([\d.]+)"', (ROOT / "uv.lock").read_text())
    assert pinned
    assert locked
    assert pinned[1] == locked[1]


# --- commands, files, figures ---------------------------------------------------------------------


def test_commands_that_are_named_exist() -> None:
    named = {
        (path.name, command)
        for path in FILES
        for command in re.findall(r"manage\.py ([a-z_]+)\b(?!\.)", path.read_text())
    }
    assert len(named) > 10
    assert {command for _, command in named} - set(get_commands()) == set()


def test_commands_of_the_compose_file_have_the_options_they_are_given(compose: Any) -> None:
    lines = compose["services"]["setup"]["command"][-1].splitlines()
    lines.append(" ".join(compose["services"]["worker"]["command"]))
    for line in lines:
        python, manage, name, *arguments = line.split()
        assert (python, manage) == ("python", "manage.py")
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(arguments)


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_units_set_variables_that_exist() -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        names = re.findall(r"^Environment=(.+)$", unit.read_text(), re.MULTILINE)
        given = {pair.split("=")[0] for line in names for pair in line.split()}
        assert {name for name in given - set(about()) if not OTHERS.fullmatch(name)} == set()


@pytest.mark.django_db
def test_figures_that_are_named_exist() -> None:
    known = metrics.exposition().decode()
    for path in FILES:
        for name in re.findall(r"bezpechne_[a-z_]+", path.read_text()):
            assert f" {name.removesuffix('_total')}" in known, name


def test_the_proxy_asks_what_the_server_answers() -> None:
    caddyfile = text("Caddyfile")
    (asked,) = re.findall(r"health_uri (\S+)", caddyfile)
    assert asked in health.PAGES
    closed = re.search(r"@inside path (.+)", caddyfile)
    assert closed
    assert set(health.PAGES) - set(closed[1].split()) == {"/healthz"}


@pytest.mark.skipif(
    not shutil.which("caddy"), reason="Caddy is not installed: apt-get install caddy"
)
def test_caddy_accepts_its_file(tmp_path: Path) -> None:
    done = subprocess.run(
        ["caddy", "validate", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile"],
        env={
            **os.environ,
            "ACME_EMAIL": "it@bezpechne.example",
            "UPSTREAMS": "web1:8000 web2:8000",
            "XDG_DATA_HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
