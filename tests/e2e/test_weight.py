"""How much a phone has to load."""

import pytest
from playwright.sync_api import Page, Response

from tests.e2e.steps import WorkingCity

MOST_SCRIPT_BYTES = 100_000


@pytest.mark.parametrize("path", ["/", "/?status=waiting", "/ask/", "/en/", "/desk/"])
def test_scripts_of_a_page_fit_into_100_kilobytes(city: WorkingCity, page: Page, path: str) -> None:
    scripts: list[Response] = []
    page.on(
        "response",
        lambda response: (
            scripts.append(response) if response.request.resource_type == "script" else None
        ),
    )
    page.goto(city.at(path), wait_until="networkidle")
    sizes = {response.url: response.request.sizes()["responseBodySize"] for response in scripts}
    assert sizes
    assert sum(sizes.values()) <= MOST_SCRIPT_BYTES, sizes
    for response in scripts:
        headers = response.headers
        assert headers.get("content-encoding") in {"gzip", "br", "zstd"}, response.url
        # Hashed names: kept for good.
        assert "immutable" in headers["cache-control"], response.url
