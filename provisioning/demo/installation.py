"""What `demo` sets up, repeatable: tables, gazetteer, three cities, people, content."""

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO

from django.core.management import call_command
from django_tenants.utils import tenant_context

from bezpechne.accounts import second_factor
from bezpechne.accounts.actions import accept_invitation
from bezpechne.accounts.models import Invitation, User, factor_due
from bezpechne.accounts.permissions import Role
from bezpechne.kernel import clock
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.demo.hours import seed_hours
from provisioning.demo.money import seed_money
from provisioning.demo.seeding import content, seed_questions, seed_units
from provisioning.gazetteer.loading import load_gazetteer
from provisioning.models import Hromada
from provisioning.provisioning import Request, provision
from tenants.models import City

PASSWORD = "demo-bezpechne-2026"  # noqa: S105 - printed on the screen, for a demo on one machine
# The second factor of the demo's operator and finance officer, printed too.
TOTP_SECRET = "BEZPECHNEDEMOBEZPECHNEDEMO234567"  # noqa: S105 - same
PLATFORM = (
    ("operator", Role.OPERATOR, "Олександра Оператор"),
    ("finance", Role.FINANCE, "Федір Фінансист"),
)
LAUNCH_IN_DAYS = 14
# (code of the hromada, content file, opens at once)
CITIES = (
    ("UA80000000000093317", "kyiv", True),
    ("UA61040490000035010", "ternopil", True),
    ("UA53080370000025447", "poltava", False),
)
Tell = Callable[[str], None]


def set_up(tell: Tell, progress: Callable[[int, int], None]) -> list[City]:
    """Brings the installation to its full state, doing only what is missing."""
    tell("Database tables")
    call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
    call_command("migrate_cities", stdout=StringIO())
    if not Hromada.objects.exists():
        tell("Gazetteer of 1,470 places")
        load_gazetteer()
    for login, role, name in PLATFORM:
        _second_factor(_person(login, role, name, schema_city=None))
    cities = [_city(*row, tell=tell, progress=progress) for row in CITIES]
    with in_schema(PUBLIC):
        tell(f"Ledger: {'made' if seed_money(cities) else 'kept'}")
    return cities


def _city(
    code: str,
    name: str,
    opens_now: bool,
    *,
    tell: Tell,
    progress: Callable[[int, int], None],
) -> City:
    launch_on: date | None = None if opens_now else clock.today() + timedelta(days=LAUNCH_IN_DAYS)
    request = Request(
        hromada=Hromada.objects.get(pk=code),
        admin_email=f"admin@{name}.example",
        slug=name,
        launch_on=launch_on,
    )
    result = provision(request)
    city = result.city
    if city.launch_on != launch_on:
        city.launch_on = launch_on
        city.save(update_fields=["launch_on"])
    tell(f"{city.name_uk}: {'created' if result.created else 'kept'}")
    data = content(name)
    with tenant_context(city):
        administrator = _person(
            "admin", Role.ADMINISTRATOR, "Ірина Адміністраторка", schema_city=name
        )
        moderator = _person("moderator", Role.MODERATOR, "Максим Модератор", schema_city=name)
        units = seed_units(data["units"])
        seed_questions(data["questions"], units, moderator, progress)
        seed_hours(moderator, administrator)
        _give_grace()
    return city


def _person(login: str, role: Role, name: str, *, schema_city: str | None) -> User:
    """An account with the demo's password, made once."""
    email = f"{login}@{schema_city}.example" if schema_city else f"{login}@bezpechne.example"

    def get_or_make() -> User:
        found = User.objects.filter(email=email).first()
        invitation = Invitation.objects.filter(email=email, accepted_at=None).first()
        if found is None and invitation is not None:
            return accept_invitation(invitation=invitation, name=name, password=PASSWORD)
        return found or User.objects.create_user(email, PASSWORD, role=role, name=name)

    if schema_city:
        return get_or_make()
    with in_schema(PUBLIC):
        return get_or_make()


def _give_grace() -> None:
    """A demo that is started again weeks later stops nobody who has not set up an app."""
    User.objects.exclude(pk__in=second_factor.who_has_one()).update(factor_due_at=factor_due())


def _second_factor(user: User) -> None:
    """Known, so that the demo can show its codes; one that somebody replaced since stays."""
    with in_schema(PUBLIC):
        if not second_factor.is_set(user):
            # A moment ago: the code that confirms it is not the one that the first sign-in needs.
            with clock.frozen(clock.now() - timedelta(minutes=5)):
                code = second_factor.code_at(TOTP_SECRET, clock.now())
                second_factor.enrol(user=user, secret=TOTP_SECRET, code=code)
