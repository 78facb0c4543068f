"""Everything about one city, from `public` alone."""

from dataclasses import dataclass
from typing import Any

from provisioning.console.labels import step_label
from provisioning.console.models import CityReport
from provisioning.console.queries.fleet import Row
from provisioning.console.queries.journal import Choice, Line, found, lines_of, people
from provisioning.console.queries.problems import served_versions
from provisioning.models import ProvisioningRun
from tenants.models import City, Domain

RECENT = 8


@dataclass(frozen=True)
class CityPage:
    """Six queries."""

    row: Row
    domains: list[Domain]
    run: ProvisioningRun | None
    journal: list[Line]

    @property
    def steps(self) -> list[tuple[str, float]]:
        """Words and milliseconds of each step."""
        return [(step_label(name), took) for name, took in self.run.steps] if self.run else []

    @property
    def milliseconds(self) -> float:
        return round(sum(took for _name, took in self.steps), 1)


def city_by_slug(slug: str) -> City | None:
    return City.objects.select_related("report").defer("outline").filter(slug=slug).first()


def page_of(city: City) -> CityPage:
    """The city's row with what belongs to it."""
    domains = list(Domain.objects.filter(tenant=city).order_by("-is_primary", "domain"))
    primary = next((domain.url for domain in domains if domain.is_primary), "")
    report: Any = getattr(city, "report", None) or CityReport(city=city)
    entries = list(found(Choice(city=city.slug))[:RECENT])
    runs = ProvisioningRun.objects.filter(slug=city.slug, katottg=city.katottg)
    return CityPage(
        Row(city, report, served_versions(), primary),
        domains,
        runs.order_by("-pk").first(),
        list(lines_of(entries, people())),
    )
