"""What every route promises: who may, with which methods, and what the right person gets.

Written by hand and never read from the views: a view that loses its check must disagree with it.
A new route needs a line here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import override_settings

from bezpechne.kernel import clock
from bezpechne.kernel.seen import mark
from community.administration.views import topics
from community.answers.models import UnitFile
from provisioning.branding.forms import BrandingForm
from provisioning.branding.values import values_of
from provisioning.city_templates.contents import TOWN
from provisioning.city_templates.forms import written
from provisioning.city_templates.queries import contents_of
from provisioning.console.models import Announcement, JoinRequest
from provisioning.handover.models import Handover
from provisioning.models import ApiToken, BrandingVersion, CityTemplate, Hromada
from provisioning.wizard.forms import CityForm
from tenants import places
from tenants.models import City, Domain, Geography
from tests.factories import inside
from tests.pictures import heic, upload
from tests.worlds import APPROVED_HOURS, OPEN_HOURS, SUBMITTED_HOURS, World

Arguments = dict[str, Any]
READ = ("GET", "HEAD")
POST = ("POST",)
FORM = ("GET", "HEAD", "POST")

# Who may open a route: everybody; whoever has the link; a permission of this city or platform.
PUBLIC, LINK, MODERATE, ADMINISTER, OPERATE = "public", "link", "moderate", "administer", "operate"
SECURITY = "security"
FINANCE, LEDGER, REPORTS = "finance", "ledger", "reports"
# Programs: a token's scope; tests/integration/provisioning/test_api_doors.py walks these.
HROMADAS_READ, CITIES_READ, CITIES_WRITE = "hromadas:read", "cities:read", "cities:write"
TOKEN = {HROMADAS_READ, CITIES_READ, CITIES_WRITE}


def nothing(world: World) -> Arguments:
    """A route without arguments."""
    return {}


@dataclass(frozen=True)
class Route:
    """`own`: what the right person gets with rows of their own city, by method.

    `foreign`: what anybody who passes the door gets with rows of another city; None where the
    route has no arguments.
    """

    access: str
    methods: tuple[str, ...]
    arguments: Callable[[World], Arguments] = nothing
    own: dict[str, int] = field(default_factory=dict)
    foreign: int | None = 404
    data: Callable[[World], Arguments] = nothing
    query: str = ""
    # Of a token route: the scope for POST, where it is another.
    writes: str = ""


def read(access: str, arguments: Callable[[World], Arguments] = nothing, **more: Any) -> Route:
    more.setdefault("foreign", None if arguments is nothing else 404)
    return Route(access, READ, arguments, {"GET": 200, "HEAD": 200}, **more)


def post(
    access: str, arguments: Callable[[World], Arguments] = nothing, own: int = 302, **more: Any
) -> Route:
    more.setdefault("foreign", None if arguments is nothing else 404)
    return Route(access, POST, arguments, {"POST": own}, **more)


def form(
    access: str, arguments: Callable[[World], Arguments] = nothing, own: int = 302, **more: Any
) -> Route:
    more.setdefault("foreign", None if arguments is nothing else 404)
    return Route(access, FORM, arguments, {"GET": 200, "HEAD": 200, "POST": own}, **more)


def link(kind: str, name: str = "token") -> Callable[[World], Arguments]:
    return lambda world: {name: world.links[kind]}


def number(which: str) -> Callable[[World], Arguments]:
    return lambda world: {"number": getattr(world, which).pk}


def pk(which: str) -> Callable[[World], Arguments]:
    return lambda world: {"pk": getattr(world, which).pk}


def first_or_made(model: type[Model], *, defaults: dict[str, Any], **found: Any) -> Any:
    """The first row with these values; people of a walk may have made some more."""
    manager = model._default_manager
    return manager.filter(**found).order_by("pk").first() or manager.create(**found, **defaults)


def own_domain(verified: bool) -> Callable[[World], Arguments]:
    """A name of the city's own, whose record is set or not yet; made on first use."""

    def arguments(world: World) -> Arguments:
        row = first_or_made(
            Domain,
            domain=f"{'set' if verified else 'new'}.{world.city.slug}.example.org",
            defaults={
                "tenant": world.city,
                "is_primary": False,
                "token": "a" * 32,
                "verified_at": clock.now() if verified else None,
            },
        )
        return {"slug": world.city.slug, "pk": row.pk}

    return arguments


def slug(world: World) -> Arguments:
    return {"slug": world.city.slug}


def join_request(world: World) -> Arguments:
    """A row of the platform, made on first use."""
    row = first_or_made(
        JoinRequest,
        place="Гадяч",
        organisation="Рада",
        defaults={"email": "rada@hadiach.example", "consented_at": clock.now()},
    )
    return {"pk": row.pk}


def announcement(world: World) -> Arguments:
    """The same."""
    now = clock.now()
    row = first_or_made(
        Announcement,
        text_uk="Роботи",
        defaults={"text_en": "Works", "starts_at": now, "ends_at": now + timedelta(days=9)},
    )
    return {"pk": row.pk}


def announcement_form(world: World) -> Arguments:
    return {
        "text_uk": "Роботи вночі",
        "text_en": "Works at night",
        "starts_at": "2090-01-01T01:00",
        "ends_at": "2090-01-01T03:00",
        "audience": "staff",
    }


def routing_of(world: World) -> Arguments:
    return {"number": world.routing.question_id, "routing": world.routing.pk}


def waiting(world: World) -> Arguments:
    return {"number": world.waiting.question_id, "answer": world.waiting.pk}


def green(world: World) -> Arguments:
    return {"number": world.green.question_id, "answer": world.green.pk}


def reason(prefix: str) -> Callable[[World], Arguments]:
    return lambda world: {f"{prefix}-reason": "Не стосується поліції"}


def words(prefix: str = "", **more: Any) -> Callable[[World], Arguments]:
    said = {"text": "Патруль перевірив місце.", "competence": "", "next_step": "", **more}
    dash = f"{prefix}-" if prefix else ""
    return lambda world: {f"{dash}{name}": value for name, value in said.items()}


def month_of_hours(month: date) -> Callable[[World], Arguments]:
    return lambda world: {"month": month}


def hours_form(field: str) -> Callable[[World], Arguments]:
    return lambda world: {field: "1,5"}


def public_fields(world: World) -> Arguments:
    lat, lon = world.city.centre or (0, 0)
    return {
        "public-topic": "trade",
        "public-text": "Чому стоять машини?",
        "public-place": "біля ринку",
        "public-lat": lat,
        "public-lon": lon,
    }


def question_form(city: City, **more: Any) -> Arguments:
    """What a resident sends."""
    lat, lon = city.centre or (0, 0)
    return {
        "submit_key": uuid4(),
        "happening_now": "no",
        "lat": lat,
        "lon": lon,
        "topic": "trade",
        "text": "Чому біля ринку стоять машини на тротуарі?",
        "name": "Одарка",
        "email": "odarka@example.org",
        "consent": "on",
        **more,
    }


def entered(world: World) -> Arguments:
    return {
        "enter-unit": world.unit.pk,
        "enter-channel": "phone",
        **words("enter")(world),
    }


OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[34.4, 49.5], [34.7, 49.5], [34.7, 49.7], [34.4, 49.7], [34.4, 49.5]]],
}


def geography(*, is_draft: bool) -> Callable[[World], Arguments]:
    """An outline that is tried, or where the city was before; made on first use."""

    def arguments(world: World) -> Arguments:
        row = first_or_made(
            Geography,
            city=world.city,
            is_draft=is_draft,
            defaults={
                "actor_kind": "staff",
                "values": places.values_of(world.city) | {"outline": OUTLINE},
            },
        )
        return {"pk": row.pk}

    return arguments


def place_form(world: World) -> Arguments:
    values = places.values_of(City.objects.get(pk=world.city.pk))
    sent = {name: value for name, value in values.items() if name != "outline"}
    return {**sent, "zoom": 14, "seen": mark(values)}


def unit_file(world: World) -> Arguments:
    """A table that nobody has confirmed; made on first use."""
    with inside(world.city):
        row = UnitFile.objects.first() or UnitFile.objects.create(
            name="units.csv", text="Назва;Вид\nНезнані;\n"
        )
        return {"key": row.key}


def topic_form(world: World) -> Arguments:
    with inside(world.city):
        values = topics.form_values(world.topic)
    return {
        "name_uk": "Торгівля",
        "name_en": "Trade",
        "icon": "stall",
        "unit": world.unit.pk,
        "seen": mark(values),
    }


def phrase_form(world: World) -> Arguments:
    return {"kind": "reject", "title": f"Нова {uuid4()}", "text_uk": "Це не питання до {місто}."}


def template(code: str = "walked") -> Callable[[World], Arguments]:
    """A template that operators copied, or a built-in one."""

    def arguments(world: World) -> Arguments:
        defaults = {"name_uk": "Копія", "name_en": "Copy", **contents_of(TOWN).columns()}
        CityTemplate.objects.get_or_create(code=code, defaults=defaults)
        return {"code": code}

    return arguments


def template_form(world: World) -> Arguments:
    return {"name_uk": "Селище", "name_en": "Settlement", **written(contents_of(TOWN))}


def branding_version(world: World) -> Arguments:
    """How the city was before a change."""
    values = values_of(world.city) | {"contact_phone": "+380 44 123 45 67"}
    row = first_or_made(
        BrandingVersion,
        city=world.city,
        actor_kind="operator",
        changed=["contact_phone"],
        defaults={"values": values},
    )
    return {"slug": world.city.slug, "version": row.pk}


def branding_form(world: World) -> Arguments:
    city = City.objects.get(pk=world.city.pk)
    typed = {**BrandingForm.of(city), "tagline_uk": "Разом безпечніше", "publish": "1"}
    return {name: value for name, value in typed.items() if value not in {False, None}}


def api_token(world: World) -> Arguments:
    row = first_or_made(
        ApiToken,
        name="Walked",
        defaults={"scopes": [], "expires_at": clock.now() + timedelta(days=9)},
    )
    return {"pk": row.pk}


def new_city_form(world: World) -> Arguments:
    """What the wizard's page would send as it is."""
    with override_settings(ROOT_URLCONF=settings.PUBLIC_SCHEMA_URLCONF):
        form = CityForm(hromada=Hromada.objects.get(pk=LUBNY))
    return {field.name: field.value() for field in form if field.value() not in {None, False, ""}}


PASSWORD = {"password": "чотири слова що не пов’язані", "name": "Нова Людина"}

ACCOUNTS: dict[str, Route] = {
    "accounts:sign_in": form(PUBLIC, own=200),
    "accounts:sign_out": post(PUBLIC),
    "accounts:reset": form(PUBLIC, own=200, data=lambda w: {"email": "nobody@example.org"}),
    "accounts:reset_confirm": form(
        LINK,
        lambda w: {"uid": w.reset_uid, "token": w.reset_token},
        data=lambda w: PASSWORD,
        foreign=410,
    ),
    "accounts:accept": form(LINK, link("invitation"), data=lambda w: PASSWORD, foreign=410),
}

# Nobody of the walk is in the middle of signing in: tests/integration/accounts.
SIGNING_IN = Route(LINK, FORM, own={"GET": 302, "HEAD": 302, "POST": 302}, foreign=None)
TO_SET_UP = Route(SECURITY, FORM, own={"GET": 302, "HEAD": 302, "POST": 302}, foreign=None)
SECOND_FACTOR: dict[str, Route] = {
    "second_factor:code": SIGNING_IN,
    "second_factor:enrol": SIGNING_IN,
    "second_factor:passkey_options": post(PUBLIC, own=200),
    "second_factor:passkey": post(PUBLIC),
    "second_factor:security": read(SECURITY),
    "second_factor:set_up": form(SECURITY, own=422, data=lambda w: {"code": "000000"}),
    # Nobody of the walk has a second factor: to setting one up.
    "second_factor:confirm": TO_SET_UP,
    "second_factor:add_passkey": TO_SET_UP,
    "second_factor:rename_passkey": post(
        SECURITY, lambda w: {"pk": 1}, own=404, data=lambda w: {"name": "Ключ"}
    ),
    "second_factor:remove_passkey": post(SECURITY, lambda w: {"pk": 1}, own=404),
    "second_factor:end_sessions": post(SECURITY),
    "second_factor:end_session": post(SECURITY, lambda w: {"pk": 1}, own=404),
    "second_factor:renew_codes": TO_SET_UP,
    "second_factor:replace": TO_SET_UP,
}

CITY: dict[str, Route] = {
    **ACCOUNTS,
    **SECOND_FACTOR,
    # Everybody.
    "portal:home": read(PUBLIC),
    "portal:question": read(PUBLIC, number("published")),
    "portal:about": read(PUBLIC),
    "portal:accessibility": read(PUBLIC),
    "portal:help": read(PUBLIC),
    "portal:privacy": read(PUBLIC),
    "portal:privacy_version": read(PUBLIC, lambda w: {"version": w.privacy.version}),
    "portal:ask": form(PUBLIC, data=lambda w: question_form(w.city)),
    "portal:kept_photos": Route(
        PUBLIC,
        FORM,
        lambda w: {"submit_key": w.draft_key},
        own={"GET": 200, "HEAD": 200, "POST": 200},
        foreign=200,
        data=lambda w: {"remove_photo": str(w.draft_photo.key)},
    ),
    "portal:add_photo": post(
        PUBLIC,
        lambda w: {"submit_key": w.draft_key},
        own=201,
        foreign=None,
        data=lambda w: {"photo": upload(heic(), "IMG_1.HEIC")},
    ),
    "portal:lost_link": form(PUBLIC, own=200, data=lambda w: {"email": "nobody@example.org"}),
    "map:pins": Route(
        PUBLIC,
        ("GET", "HEAD", "OPTIONS"),
        own={"GET": 200, "HEAD": 200, "OPTIONS": 200},
        foreign=None,
        query="?bbox=22,44,40,52",
    ),
    "map:outline": read(PUBLIC),
    "places": read(PUBLIC, query="?bbox=22,44,40,52"),
    "accent": read(PUBLIC),
    "icon_svg": read(PUBLIC),
    "icon_png": read(PUBLIC, lambda w: {"size": "180"}, foreign=None),
    "card": read(PUBLIC, lambda w: {"language": "uk"}, foreign=None),
    "manifest": read(PUBLIC, lambda w: {"language": "uk"}, foreign=None),
    "costs:page": read(PUBLIC),
    "logo": read(PUBLIC, lambda w: {"stem": w.logo}),
    "photo": read(PUBLIC, lambda w: {"key": w.photo.key, "size": "full"}),
    # Links of residents.
    "draft_photo": read(LINK, lambda w: {"submit_key": w.draft_key, "key": w.draft_photo.key}),
    "portal:pending": form(
        LINK, link("pending"), own=422, data=lambda w: {"code": "000000"}, foreign=410
    ),
    "portal:resend": post(
        LINK, link("pending"), data=lambda w: {"address-email": "other@example.org"}
    ),
    "portal:confirm": form(LINK, link("confirm"), foreign=410),
    "portal:follow": form(LINK, link("follow"), data=lambda w: {"text": "Біля входу"}, foreign=410),
    "portal:discard": post(LINK, link("pending")),
    "portal:withdraw": post(LINK, link("follow")),
    "portal:undo_withdrawal": post(LINK, link("withdrawn")),
    "portal:new_address": post(
        LINK, link("follow"), data=lambda w: {"address-email": "other@example.org"}
    ),
    "portal:confirm_address": post(
        LINK, link("follow"), own=422, data=lambda w: {"code-code": "000000"}
    ),
    "portal:language": post(LINK, link("follow"), data=lambda w: {"language-language": "en"}),
    "portal:rate": post(LINK, link("unhappy"), data=lambda w: {"helped": "yes"}),
    "portal:comment": post(LINK, link("unhappy"), data=lambda w: {"comment-text": "Дякую"}),
    "portal:reopen": post(
        LINK, link("unhappy"), data=lambda w: {"reopen-reason": "Немає жодного терміну."}
    ),
    "portal:stop_following": form(LINK, link("follower"), foreign=410),
    "portal:own_photo": read(
        LINK,
        lambda w: {"token": w.links["own_photo"], "key": w.photo.key, "size": "thumbnail"},
    ),
    # Links of units.
    "answers:page": read(LINK, link("unit"), foreign=410),
    "answers:opened": post(LINK, link("unit"), own=204),
    "answers:accept": post(LINK, link("unit")),
    "answers:pass_back": post(
        LINK, link("unit"), own=200, data=lambda w: {"pass-reason": "Не наша компетенція"}
    ),
    "answers:submit": post(LINK, link("unit"), data=words()),
    "answers:draft": post(LINK, link("unit"), data=lambda w: {"text": "Почали", "base": ""}),
    "answers:pass_on": post(
        LINK,
        link("unit"),
        data=lambda w: {"colleague-name": "Олена Коваль", "colleague-email": "olena@example.org"},
    ),
    "answers:take_back": post(LINK, link("passed_unit")),
    "answers:want_link": post(LINK, link("expired_unit"), own=200),
    "answers:receipt": read(LINK, link("answered_unit")),
    "answers:others": read(LINK, link("wide_unit")),
    "answers:photo": read(
        LINK,
        lambda w: {"token": w.links["unit"], "key": w.routed_photo.key, "size": "full"},
    ),
    "answers:confirm_address": form(
        LINK,
        lambda w: {"unit": w.unit.pk, "token": w.links["address"]},
        own=200,
        foreign=410,
    ),
    "answers:letter": read(
        LINK, lambda w: {"token": w.links["answered_unit"], "key": w.letter.key}
    ),
    # The desk.
    "desk:queue": read(MODERATE),
    "desk:search": post(MODERATE, data=lambda w: {"q": "ринок"}),
    "desk:bulk": post(
        MODERATE,
        data=lambda w: {"act": "spam", "key": uuid4(), "number": w.new.pk},
    ),
    "desk:undo_bulk": post(MODERATE, lambda w: {"key": w.batch.key}),
    "desk:note": post(
        MODERATE,
        number("new"),
        data=lambda w: {"note-text": "Дзвонила", "note-submit_key": uuid4()},
    ),
    "desk:assign": post(MODERATE, number("new"), data=lambda w: {"person": w.colleague.pk}),
    "desk:presence": post(MODERATE, number("new"), own=200),
    "desk:join": post(MODERATE, number("new"), data=lambda w: {"join-number": w.published.pk}),
    "desk:separate": post(MODERATE, number("joined")),
    "desk:settle_letters": post(MODERATE, lambda w: {"number": w.refused_letter.question_id}),
    "desk:resend_letter": post(
        MODERATE,
        lambda w: {"number": w.refused_letter.question_id, "notice": w.refused_letter.pk},
    ),
    "desk:phrases": read(MODERATE),
    "desk:new_phrase": form(MODERATE, data=phrase_form),
    "desk:add_usual_phrases": post(MODERATE),
    "desk:edit_phrase": form(MODERATE, pk("phrase"), data=phrase_form),
    "desk:delete_phrase": post(MODERATE, pk("phrase")),
    "desk:reminders": form(MODERATE, data=lambda w: {"daily": "on", "hour": "9"}),
    "desk:item": read(MODERATE, number("new")),
    "desk:publish": post(MODERATE, number("new"), data=public_fields),
    "desk:edit": post(MODERATE, number("published"), data=public_fields),
    "desk:make_private": post(MODERATE, number("new"), data=reason("make_private")),
    "desk:set_topic": post(MODERATE, number("private"), data=lambda w: {"topic-topic": "noise"}),
    "desk:reject": post(MODERATE, number("new"), data=reason("reject")),
    "desk:reconsider": post(MODERATE, number("rejected")),
    "desk:ask_back": post(MODERATE, number("new"), data=lambda w: {"ask_back-text": "Де саме це?"}),
    "desk:hide": post(MODERATE, number("published"), data=reason("hide")),
    "desk:show_again": post(MODERATE, number("hidden")),
    "desk:route": post(MODERATE, number("published"), data=lambda w: {"route-unit": w.unit.pk}),
    "desk:withdraw": post(MODERATE, routing_of, data=reason("withdraw")),
    "desk:renew_link": post(MODERATE, routing_of),
    "desk:enter_answer": post(MODERATE, number("published"), data=entered),
    "desk:publish_answer": post(MODERATE, waiting, data=words("publish_answer")),
    "desk:correct_answer": post(MODERATE, green, data=words("correct", note="Уточнено адресу")),
    "desk:send_back_answer": post(MODERATE, waiting, data=reason("send_back")),
    "desk:take_back_answer": post(MODERATE, green, data=reason("take_back")),
    # Hours: one's own, whatever the city's other rows are.
    "hours:now": read(MODERATE),
    "hours:month": form(
        MODERATE, month_of_hours(OPEN_HOURS), data=hours_form("2026-05-03_moderation"), foreign=None
    ),
    "hours:submit": post(
        MODERATE,
        month_of_hours(OPEN_HOURS),
        data=hours_form("2026-05-03_moderation"),
        foreign=None,
    ),
    "hours:take_back": post(MODERATE, month_of_hours(SUBMITTED_HOURS), foreign=None),
    "hours:csv": read(MODERATE, month_of_hours(OPEN_HOURS), foreign=None),
    "hours:day": form(
        MODERATE,
        lambda w: {"day": OPEN_HOURS},
        data=hours_form("2026-05-01_routing"),
        foreign=None,
    ),
    "desk:keep_answer": post(
        MODERATE, number("reopening"), data=lambda w: {"keep-reason": "Термін є у відповіді."}
    ),
    "desk:letter": read(MODERATE, lambda w: {"key": w.letter.key}),
    # The administration.
    "administration:city": read(ADMINISTER),
    "administration:map": form(ADMINISTER, data=place_form),
    "administration:basemap": post(ADMINISTER, data=lambda w: {"basemap": "google"}),
    "administration:outline": post(
        ADMINISTER, data=lambda w: {"outline_text": json.dumps(OUTLINE)}
    ),
    "administration:no_outline": post(ADMINISTER),
    "administration:outline_preview": form(ADMINISTER, geography(is_draft=True)),
    "administration:drop_outline": post(ADMINISTER, geography(is_draft=True)),
    "administration:restore_place": post(ADMINISTER, geography(is_draft=False)),
    "administration:topics": read(ADMINISTER),
    "administration:add_known_topics": post(
        ADMINISTER, data=lambda w: {"codes": ["poaching", "dumping"]}
    ),
    "administration:new_topic": form(
        ADMINISTER, data=lambda w: {"name_uk": "Річка", "name_en": "River", "icon": "dots"}
    ),
    "administration:edit_topic": form(ADMINISTER, pk("topic"), data=topic_form),
    "administration:move_topic": post(ADMINISTER, pk("topic"), data=lambda w: {"to": "down"}),
    "administration:set_topic_active": post(
        ADMINISTER, pk("topic"), data=lambda w: {"active": "0"}
    ),
    "administration:delete_topic": post(ADMINISTER, pk("spare_topic")),
    "look:branding": form(ADMINISTER, data=branding_form),
    "look:branding_logo": read(ADMINISTER, lambda w: {"stem": w.logo}),
    "look:branding_accent": read(ADMINISTER),
    "look:restore_branding": post(
        ADMINISTER, lambda w: {"version": branding_version(w)["version"]}
    ),
    "administration:privacy": form(
        ADMINISTER,
        data=lambda w: {
            "controller": "Рада",
            "address": "вул. Соборності, 36",
            "email": "rada@example.org",
            "months_kept": 6,
            "log_months": 3,
        },
    ),
    "administration:overview": read(ADMINISTER),
    "administration:activity": read(ADMINISTER),
    "administration:activity_csv": read(ADMINISTER),
    "administration:send_units": form(
        ADMINISTER,
        data=lambda w: {"file": SimpleUploadedFile("units.csv", "Назва;Вид\nНові;\n".encode())},
    ),
    "administration:unit_file": form(ADMINISTER, unit_file),
    "administration:drop_unit_file": post(ADMINISTER, unit_file),
    "administration:units_csv": read(ADMINISTER),
    # The administrator.
    "desk:units": read(ADMINISTER),
    "desk:find_units": read(MODERATE, query="?of=to_route&q=відділ"),
    "desk:new_unit": form(ADMINISTER, data=lambda w: {"name_uk": "Нові", "kind": "patrol"}),
    "desk:edit_unit": form(
        ADMINISTER, pk("unit"), data=lambda w: {"name_uk": "Інші", "kind": "patrol"}
    ),
    "desk:make_liaison": post(ADMINISTER, pk("unit")),
    "desk:set_active": post(ADMINISTER, pk("unit"), data=lambda w: {"active": "0"}),
    "desk:test_mail": post(ADMINISTER, pk("unit")),
    "desk:staff": form(
        ADMINISTER, data=lambda w: {"email": "third@example.org", "role": "moderator"}
    ),
    "desk:resend": post(ADMINISTER, pk("invitation")),
    "desk:revoke": post(ADMINISTER, pk("invitation")),
    "desk:deactivate": post(ADMINISTER, pk("colleague")),
    "desk:reactivate": post(ADMINISTER, pk("dismissed")),
    "desk:change_role": post(ADMINISTER, pk("colleague"), data=lambda w: {"role": "moderator"}),
    # Nothing to take away or to end; a sentence says so.
    "desk:reset_factor": post(ADMINISTER, pk("colleague")),
    "desk:end_staff_sessions": post(ADMINISTER, pk("colleague")),
    "hours:review": read(ADMINISTER),
    "hours:review_csv": read(ADMINISTER, month_of_hours(APPROVED_HOURS), foreign=None),
    "hours:sheet": read(ADMINISTER, pk("submitted_hours")),
    "hours:approve": post(ADMINISTER, pk("submitted_hours")),
    "hours:send_back": post(ADMINISTER, pk("submitted_hours"), data=reason("send_back")),
    "hours:reopen": post(ADMINISTER, pk("approved_hours"), data=reason("reopen")),
    "hours:close": post(ADMINISTER, pk("approved_hours")),
    # Operators in the administrator's place.
    "acting:begin": form(LINK, link("acting"), foreign=410),
    "acting:end": post(LINK, own=200),
    "acting:log": read(ADMINISTER),
}

POLTAVA, LUBNY = "UA53080370000025447", "UA53040030000088898"


def poltava(world: World) -> Arguments:
    return {"slug": "poltava"}


API: dict[str, Route] = {
    "api:hromadas": read(HROMADAS_READ, query="?q=Полтава"),
    "api:hromada": read(HROMADAS_READ, lambda w: {"code": POLTAVA}),
    "api:cities": form(
        CITIES_READ, own=201, writes=CITIES_WRITE, data=lambda w: {"hromada": "Лубни"}
    ),
    "api:city": read(CITIES_READ, poltava),
    "api:provisioning": read(CITIES_READ, poltava),
    "api:launch": post(CITIES_WRITE, poltava, own=200),
    "api:suspend": post(CITIES_WRITE, poltava, own=200, data=lambda w: {"reason": "Ремонт"}),
    "api:resume": post(CITIES_WRITE, poltava, own=409),
}

# Pages about money see every city's: none is foreign.
FINANCE_REPORTS: dict[str, Route] = {
    "finance:reports": read(REPORTS),
    "finance:report_documents": read(REPORTS),
    "finance:report_find": read(REPORTS),
    "finance:report_cities": read(REPORTS),
    "finance:report_cities_file": read(REPORTS),
    "finance:report_file": read(REPORTS, lambda w: {"ending": "csv"}, foreign=None),
    "finance:report_act": read(REPORTS, pk("act"), foreign=None),
    "finance:report_cost": read(REPORTS, pk("cost"), foreign=None),
    "finance:report_routes": read(LEDGER),
    "finance:saved_reports": form(REPORTS, data=lambda w: {"name": "Walked", "monthly_day": "0"}),
    # Nobody of the walk keeps one: tests/integration/billing/test_report_links.py.
    "finance:remove_report": post(REPORTS, lambda w: {"pk": 1}, own=404),
    "finance:report_links": form(FINANCE, own=200),
    "finance:revoke_link": post(FINANCE, pk("report_link"), foreign=None),
    "finance:report_link": read(LINK, link("report"), foreign=None),
    "finance:report_link_file": read(
        LINK, lambda w: {"token": w.links["report"], "ending": "csv"}, foreign=None
    ),
}

MAY = "2026-05"


def payer_form(world: World) -> Arguments:
    return {"kind": "donor", "name": "Фонд", "language": "uk"}


def grant_form(world: World) -> Arguments:
    return {
        "number": "G-77",
        "currency": "UAH",
        "amount": "1000",
        "signed_on": "2026-01-01",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "lines": "Оплата праці | 900,00",
    }


def agreement_form(world: World) -> Arguments:
    return {
        "payer": world.act.payer_id,
        "number": "Д-77",
        "signed_on": "2026-01-01",
        "starts_on": "2027-01-01",
        "ends_on": "2027-12-31",
        "source": "grant",
        "basis": "monthly",
        "engagement": "service",
        "monthly_amount": "1 000,50",
        "kekv": "2240",
    }


def days_form(first: str, last: str) -> Callable[[World], Arguments]:
    return lambda world: {
        "shares": world.act.agreement_id,
        "percent": "100",
        "first": first,
        "last": last,
        "reason": "Так домовлено",
    }


def month_of(world: World) -> Arguments:
    return {"slug": world.city.slug, "text": MAY}


def because(world: World) -> Arguments:
    return {"reason": "Помилка в сумі"}


def signed_copy(world: World) -> Arguments:
    content = BytesIO(b"%PDF-1.7 signed")
    content.name = "act.pdf"
    return {"signed_on": "2026-06-02", "copy": content}


def handover_at(stage: str) -> Callable[[World], Arguments]:
    """The world's hand-over, put where the button works."""

    def arguments(world: World) -> Arguments:
        Handover.objects.filter(pk=world.handover.pk).update(stage=stage)
        return {"pk": world.handover.pk}

    return arguments


HANDOVER_PAGES: dict[str, Route] = {
    "handover:list": read(LEDGER),
    # This city's is open already.
    "handover:new": form(FINANCE, own=422, data=lambda w: {"account": w.city.slug}),
    "handover:page": read(LEDGER, pk("handover"), foreign=None),
    "handover:step": form(
        FINANCE,
        pk("handover"),
        data=lambda w: {"contract": w.handover.contract_id},
        foreign=None,
    ),
    "handover:next": post(FINANCE, handover_at("trial"), foreign=None),
    "handover:renew": post(FINANCE, handover_at("paid"), foreign=None),
    "handover:back": form(FINANCE, pk("handover"), data=because, foreign=None),
    "handover:due": form(
        FINANCE,
        pk("handover"),
        data=lambda w: {"due_on": "2027-01-01", "owner_id": w.handover.owner_id},
        foreign=None,
    ),
    "handover:close": form(FINANCE, pk("handover"), data=because, foreign=None),
    # No day was chosen; the change itself is in test_handover.py.
    "handover:switch": form(
        FINANCE, pk("handover"), own=422, data=lambda w: {"on": ""}, foreign=None
    ),
    # The donor pays until the end of the year.
    "handover:extend": form(
        FINANCE,
        pk("handover"),
        own=422,
        data=lambda w: {"last": "2026-11-30", "paper": "ДУ № 1"},
        foreign=None,
    ),
    "handover:suspend": form(
        FINANCE,
        pk("handover"),
        data=lambda w: {"until": "2027-02-28", "reason": "Договору ще немає"},
        foreign=None,
    ),
    "handover:evidence": read(LEDGER, pk("handover"), foreign=None),
    "handover:draft": read(
        LEDGER,
        lambda w: {"pk": w.handover.pk, "kind": "request", "ending": "docx"},
        foreign=None,
    ),
}


def statement_upload(world: World) -> Arguments:
    content = BytesIO(
        "Дата;Сума;Призначення\n08.06.2026;5,00;Ще один файл\n".encode("windows-1251")
    )
    content.name = "bank.csv"
    return {"file": content}


def rates_file(world: World) -> Arguments:
    content = BytesIO("дата;курс\n05.05.2026;41,4567\n".encode("windows-1251"))
    content.name = "rates.csv"
    return {"currency": "USD", "source": "НБУ", "file": content}


def statement_columns(world: World) -> Arguments:
    columns = {"day": "0", "amount": "1", "payer_name": "2", "purpose": "3"}
    return {**columns, "own_account": "UA213223130000026007233566001"}


def suggestion_key(world: World) -> str:
    return f"{world.free_invoice.pk}={world.free_invoice.open_amount}"


FINANCE_PAGES: dict[str, Route] = {
    "finance:home": read(LEDGER),
    "finance:fleet_run": read(LEDGER, lambda w: {"text": "2026-07"}, foreign=None),
    "finance:run_all": post(FINANCE, lambda w: {"text": "2026-07"}, foreign=None),
    "finance:payers": read(LEDGER),
    "finance:new_payer": form(FINANCE, data=payer_form),
    "finance:payer": read(LEDGER, pk("payer"), foreign=None),
    "finance:edit_payer": form(FINANCE, pk("payer"), data=payer_form, foreign=None),
    "finance:toggle_payer": post(FINANCE, pk("idle_payer"), foreign=None),
    "finance:new_grant": form(FINANCE, pk("payer"), data=grant_form, foreign=None),
    "finance:new_tranche": form(
        FINANCE,
        pk("grant"),
        data=lambda w: {"received_on": "2026-05-05", "amount": "100", "rate": "41.5"},
        foreign=None,
    ),
    "finance:reverse_tranche": form(FINANCE, pk("tranche"), data=because, foreign=None),
    "finance:contractors": read(LEDGER),
    "finance:new_contractor": form(FINANCE, data=lambda w: {"name": "ГО «Ходіння»"}),
    "finance:edit_contractor": form(
        FINANCE, pk("contractor"), data=lambda w: {"name": "ФОП Ходіння"}, foreign=None
    ),
    "finance:agreement": read(LEDGER, lambda w: {"pk": w.act.agreement_id}, foreign=None),
    "finance:assign_contractor": form(
        FINANCE,
        lambda w: {"pk": w.act.agreement_id},
        data=lambda w: {"contractor": w.contractor.pk},
        foreign=None,
    ),
    "finance:act_docx": read(LEDGER, pk("act"), foreign=None),
    "finance:act_pdf": read(LEDGER, pk("act"), foreign=None),
    "finance:invoice_pdf": read(LEDGER, pk("invoice"), foreign=None),
    "finance:accounts": read(LEDGER),
    # Both cities of the walk are in the ledger: nothing is left to choose.
    "finance:new_account": form(FINANCE, own=422, data=lambda w: {"city": w.city.slug}),
    "finance:account": read(LEDGER, slug, foreign=None),
    "finance:new_agreement": form(FINANCE, slug, data=agreement_form, foreign=None),
    "finance:agreement_end": form(
        FINANCE,
        lambda w: {"pk": w.act.agreement_id},
        data=lambda w: {"ends_on": "2027-06-30", "reason": "Додаткова угода № 1"},
        foreign=None,
    ),
    # The agreement ends with the year: what lies behind it is refused.
    "finance:fund": form(
        FINANCE, slug, own=422, data=days_form("2027-01-01", "2027-01-31"), foreign=None
    ),
    "finance:switch": form(FINANCE, slug, data=days_form("2026-06-01", "2026-12-31"), foreign=None),
    "finance:pause": form(FINANCE, slug, data=days_form("2027-01-01", "2027-01-31"), foreign=None),
    "finance:end_funding": form(
        FINANCE, slug, data=days_form("2026-06-01", "2026-06-30"), foreign=None
    ),
    "finance:show_costs": post(FINANCE, slug, foreign=None),
    "finance:month": read(LEDGER, month_of, foreign=None),
    # May and June are done.
    "finance:run_month": post(
        FINANCE, lambda w: {"slug": w.city.slug, "text": "2026-07"}, foreign=None
    ),
    "finance:close_month": post(FINANCE, month_of, foreign=None),
    "finance:reopen_month": form(FINANCE, month_of, own=422, data=because, foreign=None),
    "finance:post_cost": form(
        FINANCE,
        month_of,
        data=lambda w: {
            "kind": "other",
            "amount": "12,34",
            "first": "2026-05-01",
            "last": "2026-05-31",
            "description": "Друк",
        },
        foreign=None,
    ),
    "finance:reverse_cost": form(FINANCE, pk("cost"), data=because, foreign=None),
    "finance:acts": read(LEDGER),
    "finance:act": read(LEDGER, pk("act"), foreign=None),
    "finance:sign_act": form(FINANCE, pk("act"), data=signed_copy, foreign=None),
    "finance:cancel_act": form(FINANCE, pk("free_act"), data=because, foreign=None),
    "finance:invoices": read(LEDGER),
    "finance:invoice": read(LEDGER, pk("invoice"), foreign=None),
    "finance:void_invoice": form(FINANCE, pk("free_invoice"), data=because, foreign=None),
    "finance:paper": read(LEDGER, pk("paper"), foreign=None),
    "finance:bank": read(LEDGER),
    "finance:new_payment": form(
        FINANCE,
        data=lambda w: {"received_on": "2026-06-01", "amount": "5", "once": str(uuid4())},
    ),
    "finance:payment": read(LEDGER, pk("payment"), foreign=None),
    "finance:match_payment": form(
        FINANCE,
        pk("payment"),
        data=lambda w: {"invoice": w.invoice.pk, "amount": "1"},
        foreign=None,
    ),
    "finance:send_back": form(
        FINANCE,
        pk("payment"),
        data=lambda w: {"on": "2026-06-10", "amount": "1", "reason": "Надлишок"},
        foreign=None,
    ),
    "finance:misdirected": form(FINANCE, pk("free_payment"), data=because, foreign=None),
    "finance:unmatch": form(FINANCE, pk("match"), data=because, foreign=None),
    "finance:viewers": read(LEDGER),
    "finance:new_viewer": form(
        FINANCE,
        data=lambda w: {
            "name": "Віра",
            "email": "vira@example.org",
            "language": "uk",
            "role": "city_finance",
            "account": w.account.pk,
        },
    ),
    "finance:new_scope": form(
        FINANCE, pk("viewer"), data=lambda w: {"about": w.idle_payer.pk}, foreign=None
    ),
    "finance:drop_scope": post(FINANCE, pk("viewer_scope"), foreign=None),
    "finance:change_viewer": post(
        FINANCE, lambda w: {"pk": w.viewer.pk, "what": "close"}, foreign=None
    ),
    "finance:journal": read(LEDGER),
    "finance:stripe": read(LEDGER),
    "finance:stripe_again": post(FINANCE),
    "finance:payer_stripe": post(FINANCE, pk("idle_payer"), foreign=None),
    "finance:statements": read(LEDGER),
    "finance:upload_statement": form(FINANCE, data=statement_upload),
    "finance:preview_statement": form(
        FINANCE, pk("waiting_file"), data=statement_columns, foreign=None
    ),
    "finance:statement": read(LEDGER, pk("statement"), foreign=None),
    "finance:statement_file": read(LEDGER, pk("statement"), foreign=None),
    "finance:confirm_lines": form(
        FINANCE,
        pk("statement"),
        data=lambda w: {"chosen": f"{w.line.pk}:{suggestion_key(w)}"},
        foreign=None,
    ),
    "finance:line": read(LEDGER, pk("line"), foreign=None),
    "finance:post_line": post(
        FINANCE, pk("line"), data=lambda w: {"key": suggestion_key(w)}, foreign=None
    ),
    "finance:line_invoice": form(
        FINANCE, pk("line"), data=lambda w: {"invoice": w.free_invoice.pk}, foreign=None
    ),
    "finance:post_unmatched": form(FINANCE, pk("line"), data=lambda w: {"payer": ""}, foreign=None),
    "finance:line_return": form(
        FINANCE, pk("debit_line"), data=lambda w: {"payment": w.payment.pk}, foreign=None
    ),
    "finance:set_aside": form(FINANCE, pk("line"), data=because, foreign=None),
    "finance:take_back": post(FINANCE, pk("aside_line"), foreign=None),
    "finance:rates": read(LEDGER),
    "finance:new_tariff": form(
        FINANCE, data=lambda w: {"starts_on": "2026-01-01", "per_hour": "150"}
    ),
    "finance:new_contribution": form(
        FINANCE,
        data=lambda w: {"starts_on": "2016-01-01", "percent": "22", "source": "2464-VI"},
    ),
    "finance:upload_rates": form(FINANCE, data=rates_file),
    "finance:new_exchange_rate": form(
        FINANCE,
        data=lambda w: {
            "currency": "USD",
            "day": "2026-05-05",
            "rate": "41,4567",
            "source": "НБУ",
        },
    ),
}

PLATFORM: dict[str, Route] = {
    **ACCOUNTS,
    **FINANCE_PAGES,
    **HANDOVER_PAGES,
    **SECOND_FACTOR,
    **API,
    **FINANCE_REPORTS,
    # Nobody of the walk signs as Stripe does: tests/integration/mirror/test_events.py.
    "stripe:webhook": post(PUBLIC, own=400),
    "api:openapi": read(PUBLIC),
    "platform:api": read(PUBLIC),
    # An operator works on every city: no city's rows are foreign to one, and each is changed here.
    "platform:branding": form(OPERATE, slug, data=branding_form, foreign=None),
    "platform:branding_logo": read(
        OPERATE, lambda w: {"slug": w.city.slug, "stem": w.logo}, foreign=None
    ),
    "platform:branding_accent": read(OPERATE, slug, foreign=None),
    "platform:restore_branding": post(OPERATE, branding_version, foreign=None),
    "platform:api_tokens": form(
        OPERATE,
        own=201,
        data=lambda w: {"name": "Register", "scopes": ["cities:read"], "days": 30},
    ),
    "platform:revoke_api_token": post(OPERATE, api_token, foreign=None),
    "platform:landing": read(PUBLIC),
    "platform:country_points": read(PUBLIC),
    "platform:join": form(
        PUBLIC,
        data=lambda w: {
            "place": "Гадяч",
            "organisation": "Міська рада",
            "name": "Ганна",
            "email": "hanna@example.org",
            "consent": "on",
        },
    ),
    "platform:joined": read(PUBLIC),
    "platform:console": read(OPERATE),
    "platform:domains": form(
        OPERATE,
        slug,
        data=lambda w: {"name": f"police.{w.city.slug}.example.org"},
        foreign=None,
    ),
    "platform:rename_slug": post(
        OPERATE, slug, data=lambda w: {"rename-slug": f"{w.city.slug}-new"}, foreign=None
    ),
    "platform:domain_check": post(OPERATE, own_domain(verified=False), foreign=None),
    "platform:domain_primary": post(OPERATE, own_domain(verified=True), foreign=None),
    "platform:domain_remove": post(OPERATE, own_domain(verified=True), foreign=None),
    "platform:new_city": read(OPERATE, query="?q=Полтава"),
    "platform:new_city_slug": read(OPERATE, query="?slug=lubny"),
    "platform:new_city_form": form(
        OPERATE, lambda w: {"code": LUBNY}, data=new_city_form, foreign=None
    ),
    # A draft is kept in the session that typed it: here it is nobody's.
    "platform:new_city_check": Route(
        OPERATE, FORM, lambda w: {"key": uuid4()}, dict.fromkeys(FORM, 410), foreign=410
    ),
    "platform:readiness": read(OPERATE, slug, foreign=None),
    "platform:readiness_bounds": post(OPERATE, slug, foreign=None),
    "platform:readiness_link": post(
        OPERATE,
        slug,
        data=lambda w: {"url": "https://police.example.org/", "seen": "1"},
        foreign=None,
    ),
    # The world's city has an administrator already: refused, in a sentence.
    "platform:readiness_invite": post(
        OPERATE, slug, data=lambda w: {"email": "fourth@example.org"}, foreign=None
    ),
    "platform:templates": read(OPERATE),
    "platform:edit_template": form(OPERATE, template(), data=template_form, foreign=None),
    "platform:copy_template": form(
        OPERATE, template(), data=lambda w: {"name_uk": "Ще", "name_en": "More"}, foreign=None
    ),
    "platform:restore_template": post(OPERATE, template(TOWN), foreign=None),
    "platform:delete_template": post(OPERATE, template(), foreign=None),
    "platform:life": read(OPERATE, slug, foreign=200),
    # A form without what the page showed is refused and changes nothing.
    "platform:life_step": post(
        OPERATE, lambda w: {"slug": w.city.slug, "step": "activate"}, own=422, foreign=422
    ),
    "platform:act": form(OPERATE, slug, own=200, foreign=None),
    # Nobody there has a second factor: nothing to choose.
    "platform:administrator_factor": post(OPERATE, slug, own=422, foreign=422),
    "platform:administrator": form(
        OPERATE,
        slug,
        data=lambda w: {
            "leaving": 0,
            "email": "fourth@example.org",
            "reason": "Лист міської ради",
        },
        foreign=None,
    ),
    "platform:cities_csv": read(OPERATE),
    "platform:points": read(OPERATE),
    "platform:requests": read(OPERATE),
    "platform:request": form(
        OPERATE, join_request, data=lambda w: {"state": "in_progress"}, foreign=None
    ),
    "platform:announcements": form(OPERATE, data=announcement_form),
    "platform:end_announcement": post(OPERATE, announcement, foreign=None),
    "platform:jobs": read(OPERATE),
    "platform:retry_jobs": post(OPERATE),
    "platform:delete_job": post(OPERATE, lambda w: {"job": 10**15}, foreign=None),
    "platform:journal": read(OPERATE),
    "platform:journal_csv": read(OPERATE),
    "platform:city": read(OPERATE, slug, foreign=None),
    "platform:basemap": form(
        OPERATE,
        slug,
        data=lambda w: {"basemap": "google", "reason": "Просить рада"},
        foreign=None,
    ),
    "platform:limits": form(
        OPERATE,
        slug,
        data=lambda w: {"mails_a_day": 500, "reason": "Багато листів"},
        foreign=None,
    ),
}

# The pages that anybody may open, once more and by name: a longer list is a decision.
OPEN_TO_ALL = {
    "accent",
    "api:openapi",
    "card",
    "icon_png",
    "icon_svg",
    "manifest",
    "costs:page",
    "logo",
    "accounts:reset",
    "accounts:sign_in",
    "accounts:sign_out",
    "second_factor:passkey",
    "second_factor:passkey_options",
    "map:outline",
    "map:pins",
    "photo",
    "places",
    "platform:country_points",
    "platform:join",
    "platform:joined",
    "platform:api",
    "platform:landing",
    "portal:about",
    "portal:accessibility",
    "portal:add_photo",
    "portal:ask",
    "portal:help",
    "portal:home",
    "portal:kept_photos",
    "portal:lost_link",
    "portal:privacy",
    "portal:privacy_version",
    "portal:question",
    "stripe:webhook",
}
# Reading these writes nothing, but sending them may without any right: they are forms for all.
FORMS_FOR_ALL = {
    "platform:join",
    "portal:add_photo",
    "portal:ask",
    "portal:kept_photos",
    "portal:lost_link",
    "accounts:sign_in",
    "accounts:reset",
}
