"""The hostile run's own checks: each kind of fault, planted in a view, is noticed; a good page is not."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import Client
from django.urls import path

from bezpechne.accounts import access
from bezpechne.kernel import faults
from community.questions.actions import moderating
from community.questions.models import Question
from tenants.models import City
from tests.factories import Maker, inside
from tests.hostile.checks import faults_of, faults_of_letter
from tests.hostile.pages import Page
from tests.hostile.people import Person
from tests.hostile.policy import violations
from tests.hostile.walk import Walk
from tests.hostile.wire import Reply, Wire, send

Answer = Callable[[HttpRequest], HttpResponse]
HOST = "poltava.bezpechne.test"


def html(body: str, **headers: str) -> Answer:
    return lambda request: HttpResponse(f"<!doctype html>{body}", headers=headers)


def redirect(target: str) -> Answer:
    def answer(request: HttpRequest) -> HttpResponse:
        response = HttpResponseRedirect("/")
        response["Location"] = target
        return response

    return answer


def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("a planted fault")


def database(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")
    return HttpResponse()


def without_policy(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("<p>")
    response._csp_exempt = True  # type: ignore[attr-defined] # django-csp reads it
    return response


def kept_with_cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("<p>", headers={"Cache-Control": "public, max-age=300"})
    response.set_cookie("session", "abc")
    return response


def archive(request: HttpRequest) -> HttpResponse:
    from io import BytesIO  # noqa: PLC0415 - this view alone
    from zipfile import ZIP_DEFLATED, ZipFile  # noqa: PLC0415 - same

    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        made.writestr("sheet.xml", "<c>qz-ternopil-public-1-</c>")
    return HttpResponse(out.getvalue(), content_type="application/zip")


def in_header(request: HttpRequest) -> HttpResponse:
    return HttpResponse("", headers={"X-Name": "qz-poltava-resident-5-"})


def made_up(request: HttpRequest) -> HttpResponse:
    return HttpResponse("", headers={"Qz-Injected": "1"})


FAULTY: dict[str, tuple[str, Answer]] = {
    "raised": ("server error", broken),
    "database": ("server error", database),
    "unavailable": ("server error", lambda request: HttpResponse(status=503)),
    "no-policy": ("policy", without_policy),
    "script": ("policy", html("<script>let a = 1</script>")),
    "foreign-script": ("policy", html('<script src="https://cdn.example/a.js"></script>')),
    "style": ("policy", html("<style>p {}</style>")),
    "style-attribute": ("policy", html('<p style="color: red">')),
    "handler": ("policy", html('<p onclick="a()">')),
    "javascript": ("policy", html('<a href="java\tscript:a()">')),
    "image": ("policy", html('<img src="https://evil.example/a.png">')),
    "image-set": ("policy", html('<img src="/a.png" srcset="/a.png 1x, //evil.example/a.png 2x">')),
    "stylesheet": ("policy", html('<link rel="stylesheet" href="//evil.example/a.css">')),
    "form": ("policy", html('<form action="https://evil.example/"></form>')),
    "frame": ("policy", html('<iframe src="/"></iframe>')),
    "base": ("policy", html('<base href="/">')),
    "markup": ("policy", html("<p><qzprobe>")),
    "template": ("template", html("60481729")),
    "made-up": ("header", made_up),
    "other-city": ("leak", html("QZ-ternopil-public-1-")),
    "resident": ("leak", html("qz-poltava-resident-5-@example.org")),
    "unpublished": ("leak", html("qz-poltava-text-5-")),
    "never-published": ("leak", html("qz-poltava-private-5-")),
    "archive": ("leak", archive),
    "in-header": ("leak", in_header),
    "away": ("redirect", redirect("https://evil.example/")),
    "away-by-slashes": ("redirect", redirect("//evil.example/")),
    "away-by-backslash": ("redirect", redirect("/\\evil.example/")),
    "away-to-a-city": ("redirect", redirect("http://ternopil.bezpechne.test/")),
    "kept-with-name": (
        "cache",
        html("qz-poltava-resident-5-", **{"Cache-Control": "public, max-age=300"}),
    ),
}
GOOD: dict[str, Answer] = {
    "good": html(
        '<form action="/a/" method="post"><input name="a" value="&lt;qzprobe onclick=1&gt;"></form>'
        '<a href="https://www.openstreetmap.org/">map</a><img src="data:image/png;base64,AA">'
        '<img src="https://tile.openstreetmap.org/1/1/1.png"><script src="/static/a.js"></script>'
        '<script type="application/json">{}</script> qz-poltava-public-5-'
    ),
    "back": redirect("/account/sign-in/?next=/desk/"),
    "platform": redirect("http://bezpechne.test/"),
    "missing": lambda request: HttpResponse(status=404),
    # The product itself keeps caches away from an answer with a cookie.
    "kept-with-cookie": kept_with_cookie,
}


@pytest.fixture
def visitor(alpha: City, settings: Any) -> Person:
    """At a city whose site is made of planted faults."""
    urls = ModuleType("planted")
    answers = {**{name: answer for name, (_, answer) in FAULTY.items()}, **GOOD}
    urls.urlpatterns = [  # type: ignore[attr-defined] # a URL conf is a module
        path(f"{name}/", access.public(before_launch=True)(answer))
        for name, answer in answers.items()
    ]
    urls.handler500 = faults.server_error  # type: ignore[attr-defined] # same
    settings.ROOT_URLCONF = urls
    client = Client(headers={"host": HOST}, raise_request_exception=False)
    return Person("visitor", alpha, client, cities=frozenset({"poltava"}))


def asked(person: Person, where: str) -> list[str]:
    wire = Wire("GET", f"/{where}/", headers={"HTTP_HOST": person.host})
    return [kind for kind, _ in faults_of(person, wire, send(person.client, wire))]


@pytest.mark.parametrize("name", FAULTY)
def test_a_planted_fault_is_noticed(visitor: Person, name: str) -> None:
    assert FAULTY[name][0] in asked(visitor, name)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_answer_is_none(visitor: Person, name: str) -> None:
    assert asked(visitor, name) == []


def test_a_private_page_that_caches_may_keep_is_noticed(visitor: Person) -> None:
    view = access.by_link()(html("<p>"))
    bare = [("Content-Type", "text/html"), ("Content-Security-Policy", "default-src 'none'")]
    wire = Wire("GET", "/x/")
    for more, expected in ([], ["cache"]), ([("Cache-Control", "private, no-store")], []):
        reply = Reply(200, [*bare, *more], b"<p>", 0, view=view)
        assert [kind for kind, _ in faults_of(visitor, wire, reply)] == expected


def test_a_cookie_that_caches_may_keep_is_noticed(visitor: Person) -> None:
    headers = [("Cache-Control", "public, max-age=300"), ("Set-Cookie", "session=abc; Path=/")]
    reply = Reply(200, headers, b"", 0)
    assert [kind for kind, _ in faults_of(visitor, Wire("GET", "/"), reply)] == ["cache"]


def test_a_text_is_no_leak_once_the_desk_has_published_it(
    alpha: City, beta: City, visitor: Person, make: Maker
) -> None:
    question = make(alpha).question("published")
    words = f"qz-poltava-text-{question.pk}-"
    reply = Reply(200, [], words.encode(), 0)

    def kinds() -> list[str]:
        return [kind for kind, _ in faults_of(visitor, Wire("GET", "/"), reply)]

    # What the resident wrote is not what the desk published.
    assert kinds() == ["leak"]
    with inside(alpha):
        Question.objects.filter(pk=question.pk).update(public_text=words)
        assert kinds() == []
        moderating.hide(by=make(alpha).moderator.actor, question=question, reason="Прізвище")
        assert kinds() == ["leak"]


def test_a_line_break_in_a_header_is_noticed(visitor: Person) -> None:
    reply = Reply(200, [("X-Name", "a\r\nX: b")], b"", 0)
    assert faults_of(visitor, Wire("GET", "/"), reply) == [("header", "a line break in X-Name")]


def test_own_words_that_come_back_are_no_leak(visitor: Person) -> None:
    reply = Reply(200, [], b"qz-ternopil-public-1-", 0)
    wire = Wire("POST", "/", b"text=qz-ternopil-public-1-")
    assert faults_of(visitor, wire, reply) == []


def test_what_only_the_commit_would_refuse_is_noticed(alpha: City, make: Maker) -> None:
    """Everything runs inside one transaction, whose end never comes."""
    unit = make(alpha).routing().unit
    with inside(alpha), connection.cursor() as cursor:
        cursor.execute("DELETE FROM answers_unit WHERE id = %s", [unit.pk])
        with pytest.raises(Exception, match="violates foreign key"):
            Walk._committed()


def test_letters_are_read_too() -> None:
    own = EmailMessage("Subject", "qz-poltava-resident-1-", to=["odarka@example.org"])
    assert list(faults_of_letter(own, "city_poltava")) == []
    other = EmailMessage("qz-ternopil-unit-1-", "…", to=["odarka@example.org"])
    assert [kind for kind, _ in faults_of_letter(other, "city_poltava")] == ["leak"]
    copied = EmailMessage("Subject", "…", to=["a@example.org"], headers={"Qz-Injected": "1"})
    assert [kind for kind, _ in faults_of_letter(copied, "city_poltava")] == ["letter"]


def test_a_policy_that_allows_something_is_believed() -> None:
    page = Page('<p style="color: red"><img src="https://a.tile.example/1.png">')
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src https://*.tile.example"
    assert list(violations(page, policy, "http://poltava.bezpechne.test/")) == []
    assert len(list(violations(page, "default-src 'none'", "http://poltava.bezpechne.test/"))) == 2
