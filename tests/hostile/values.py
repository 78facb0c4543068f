"""What people type, and what nobody should."""

import json
from random import Random
from typing import Any

from tests import pictures
from tests.hostile.pages import Field, Form
from tests.hostile.wire import Fields, File

# A page may repeat this as text, never as an element; `PRODUCT` only when it was computed.
PROBE, PRODUCT, HEADER = "qzprobe", "60481729", "Qz-Injected"
EVIL = "evil.example"
HOSTILE: tuple[str, ...] = (
    "", " ", "\t\n", "\x00", "a\x00b", "x" * 300, "я" * 5000, "x" * 70_000, "\ud800", "a\udfffb",
    "\u202eabc\u202c", "١٢٣", "\uff11\uff12", "²", "\u09ea", "👩‍👩‍👧‍👦" * 40, "З" + "\u0301" * 500, "\ufeff", "\u2028",
    "-1", "0", "+1", "1e309", "-1e400", "1e-400", "NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "-0", "9" * 400, "0." + "0" * 400 + "1",
    "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "99999999999999999999",
    "0x10", "1_000", "1,5", "1 000,00", "1.5.5", "91", "181", "-91",
    "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-13-45T99:99", "2026-06", "9999-12", "0000-00", "\u0662\u0660\u0662\u0666-\u0660\u0665",
    "24:00", "0001-01-01T00:00", "9999-12-31T23:59", "2026-03-29T03:30", "2026-W60",
    '{"a": [1]}', "[]", "null", "true", '"', "'", "{", "[" * 5000,
    f"<{PROBE} onclick=alert(1) style=color:red>", f'"><{PROBE}>', f"'><{PROBE} onload='x'>", f"</textarea></script><{PROBE}>", f"<script>{PROBE}</script>", f"--><{PROBE}>",
    "{{7777*7777}}", "{% debug %}{{ settings.SECRET_KEY }}", "${7777*7777}", "#{7777*7777}", "<%= 7777*7777 %>",
    f"a\r\n{HEADER}: 1", f"a\n{HEADER}: 1", f"a%0d%0a{HEADER}: 1", f"qz@example.org\r\nBcc: qz@{EVIL}", f"qz@example.org\nBcc: qz@{EVIL}",
    '=HYPERLINK("http://evil.example")', "+1+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1+1",
    f"//{EVIL}", f"/\\{EVIL}", f"https://{EVIL}/", f"http:{EVIL}", f"/%5c{EVIL}", f"\\\\{EVIL}", f"///{EVIL}", f"/\t/{EVIL}", "javascript:alert(1)", "data:text/html,x",
    "../../../etc/passwd", "..\\..\\x", "%2e%2e%2f", "%00", "%s%s%n", "%(x)s", "{0}", "{x.__class__}", "\\", "\\x00", "' OR 1=1 --", "%", "_", "__class__", "*", "$(id)", "`id`",
    "a@b", "@", "a@" + "b" * 260 + ".ua", '"a b"@example.org', "a@[127.0.0.1]", "почта@приклад.укр", "a@example.org,b@example.org", "xn--", "[::1]", "http://[",
)  # fmt: skip
# Valid, in place of an empty field.
TYPED: dict[str, tuple[str, ...]] = {
    "email": ("odarka@example.org", "petro+x@example.org"),
    "number": ("1", "3", "50"),
    "date": ("2026-06-01", "2026-05-31", "2027-01-01"),
    "datetime-local": ("2026-06-01T10:00", "2090-01-01T01:00"),
    "month": ("2026-05", "2026-06"),
    "time": ("10:00",),
    "url": ("https://police.example.org/",),
    "tel": ("+380 44 123 45 67",),
    "color": ("#1f5fbf",),
    "password": ("чотири слова що не пов’язані",),
    "textarea": ("Чому біля ринку стоять машини на тротуарі?", "Патруль перевірив місце."),
    "text": ("Одарка", "біля ринку", "100", "1,5", "49.59", "000000"),
    "search": ("ринок", "1", "Одарка"),
}
FILE_NAMES = (
    "photo.jpg", "лист.pdf", "a.csv", "../../x.jpg", "a\x00.jpg", "x" * 300 + ".jpg", "", "👮.png", f"<{PROBE}>.png", "=1+1.csv", ".htaccess", "a.jpg.exe", "con.jpg", f"a%0d%0a{HEADER}: 1.pdf",
)  # fmt: skip
_GEO = {
    "type": "Polygon",
    "coordinates": [[[34.4, 49.5], [34.7, 49.5], [34.7, 49.7], [34.4, 49.5]]],
}


def contents() -> tuple[bytes, ...]:
    """Files of every kind, whole and broken."""
    photo = pictures.jpeg()
    png = pictures.encoded(pictures.corners(), "PNG")
    return (
        photo, png, pictures.PDF, pictures.SVG, pictures.HEIC, b"", b"\x00", b"\xff\xd8\xff", photo[: len(photo) // 2], png[:60],
        photo + pictures.HTML_TAIL, photo + pictures.ZIP_TAIL, b"%PDF-1.7" + pictures.HTML_TAIL, pictures.HTML_TAIL, pictures.png_of(60_000, 60_000), pictures.phone_photo(),
        b"GIF89a" + b"\x00" * 50, b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"PK\x03\x04" + b"\x00" * 60,
        "Назва;Вид\nНові;\n=1+1;patrol\n".encode(), "Дата;Сума;Призначення\n08.06.2026;5,00;Файл\n".encode("windows-1251"), "\ufeffa,b\n1,2\n".encode("utf-16"), b"a;b\n" * 3000, b'"' * 2000, b"\xff\xfe\x00", b"a\x00;b\n1;2\n", b"\n", b";" * 5000,
        json.dumps(_GEO).encode(), b'{"type": "Polygon", "coordinates": [[[NaN, 1e999], [1, 2]]]}', b'{"type": "Polygon", "coordinates": "x"}', b"[" * 20_000, b'{"type":"FeatureCollection","features":[{}]}', b'{"type":"Polygon","coordinates":[[]]}', b"null",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
    )  # fmt: skip


MEDIA_TYPES = (
    "image/jpeg",
    "image/png",
    "application/pdf",
    "text/csv",
    "text/html",
    "",
    "x",
    "image/svg+xml",
)


class Values:
    """Choices of one episode: the same seed, the same choices."""

    def __init__(self, random: Random, foreign: list[str]) -> None:
        self.random = random
        # Ids and tokens of the other city.
        self._foreign = foreign
        self._contents = contents()

    def text(self) -> str:
        """Hostile, or something of the other city's."""
        if self._foreign and self.random.random() < 0.15:
            return self.random.choice(self._foreign)
        return self.random.choice(HOSTILE)

    def file(self) -> File:
        choose = self.random.choice
        name = choose(FILE_NAMES) if self.random.random() < 0.4 else choose(FILE_NAMES[:3])
        return File(name, choose(self._contents), choose(MEDIA_TYPES))

    def typed(self, field: Field) -> str | File | None:
        """As its user would fill it in; None leaves it out."""
        if field.kind == "file":
            return self.file() if self.random.random() < 0.7 else File("", b"", "")
        if field.options:
            kept = field.value and self.random.random() < 0.3
            return field.value if kept else self.random.choice(field.options)
        if field.kind in {"checkbox", "radio"}:
            sent = field.checked if self.random.random() < 0.5 else self.random.random() < 0.5
            return field.value if sent else None
        if field.kind in {"hidden", "submit"} or (field.value and self.random.random() < 0.7):
            return field.value
        kind = "email" if "mail" in field.name else field.kind
        return self.random.choice(TYPED.get(kind, TYPED["text"]))

    def filled(self, form: Form) -> Fields:
        """One of its buttons pressed."""
        buttons = [field for field in form.fields if field.kind in {"submit", "image"}]
        pressed = self.random.choice(buttons) if buttons else None
        given: Fields = []
        for field in form.fields:
            if field in buttons and field is not pressed:
                continue
            value = self.typed(field)
            if value is not None:
                given.append((field.name, value))
        return given

    def spoiled(self, given: Fields) -> Fields:
        """One to three things about it changed."""
        fields = list(given)
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            if not fields:
                return [(self.random.choice(("text", "x", "id", "next")), self.text())]
            self._spoil(fields)
        return fields

    def _spoil(self, fields: Fields) -> None:
        place = self.random.randrange(len(fields))
        name, value = fields[place]
        what = self.random.random()
        if name == "csrfmiddlewaretoken" and what > 0.05:
            return
        if what < 0.66:
            fields[place] = (name, self.file() if isinstance(value, File) else self.text())
        elif what < 0.74:
            del fields[place]
        elif what < 0.82:
            fields.insert(self.random.randrange(len(fields) + 1), (name, self.text()))
        elif what < 0.87:
            fields[place] = (name, self.text() if isinstance(value, File) else self.file())
        elif what < 0.91:
            fields[place] = (
                name + self.random.choice(("\x00", "[]", "\ud800", '"\r\nX: y', "-0")),
                value,
            )
        elif what < 0.94:
            fields[:] = [(key, self.text()) for key, _ in fields]
        elif what < 0.96:
            fields[:] = []
        elif what < 0.98:
            fields.extend((f"x{number}", "1") for number in range(2000))
        else:
            fields.extend((name, "1") for _ in range(100))

    def document(self, depth: int = 0) -> Any:
        """Anything that JSON can hold."""
        what = self.random.randrange(9 if depth < 3 else 7)
        simple: list[Any] = [None, True, 0, -1, 10**400, float("nan"), 1e300]
        if what < 3:
            return self.random.choice(simple)
        if what < 7:
            return self.text()
        if what == 7:
            return [self.document(depth + 1) for _ in range(self.random.randrange(4))]
        return {self.text()[:50]: self.document(depth + 1) for _ in range(self.random.randrange(4))}
