"""Topics that a city may choose from; templates of new cities use the same codes and names."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownTopic:
    """`icon`: a symbol of icons.svg without its prefix `topic-`. `is_private`: how it starts."""

    code: str
    name_uk: str
    name_en: str
    icon: str
    is_private: bool = False


CATALOGUE: tuple[KnownTopic, ...] = tuple(
    KnownTopic(*line)
    for line in (
        ("parking", "Паркування", "Parking", "parking"),
        ("traffic", "Порушення правил дорожнього руху", "Traffic violations", "car"),
        (
            "road_infra",
            "Дорожні знаки, розмітка, світлофори",
            "Road signs, marking, lights",
            "traffic-light",
        ),
        ("road_surface", "Стан доріг і тротуарів", "Roads and pavements", "road"),
        ("trade", "Стихійна торгівля", "Unregulated street trade", "stall"),
        ("noise", "Шум, порушення тиші", "Noise", "speaker"),
        (
            "public_order",
            "Громадський порядок, розпиття алкоголю",
            "Public order, public drinking",
            "people",
        ),
        ("drugs", "Наркотики, закладки, графіті з рекламою", "Drugs and drug ads", "capsule"),
        ("dogs", "Вигул собак, небезпечні тварини", "Dogs", "paw"),
        (
            "property",
            "Крадіжки, пошкодження майна, вандалізм",
            "Theft, damage, vandalism",
            "lock",
        ),
        ("fraud", "Шахрайство, інтернет-злочини", "Fraud, online crime", "mask"),
        ("patrol", "Патрулювання, маршрути", "Patrol routes", "route"),
        ("unsafe_place", "Небезпечне місце (темно, закинуто)", "Unsafe place", "bulb"),
        ("construction", "Незаконне будівництво, МАФ", "Illegal building, kiosks", "crane"),
        (
            "officer_work",
            "Робота поліції, права та обов’язки поліцейських",
            "Police work, rights",
            "badge",
        ),
        ("documents", "Документи, дозволи, довідки", "Papers and permits", "document"),
        (
            "wartime",
            "Комендантська година, перевірка документів",
            "Curfew, document checks",
            "clock",
        ),
        ("lighting", "Темні вулиці й зупинки", "Dark streets and stops", "bulb"),
        (
            "dumping",
            "Стихійні звалища, спалювання сухої трави",
            "Fly-tipping, burning of dry grass",
            "bin",
        ),
        (
            "poaching",
            "Вирубка лісу, незаконне рибальство й полювання",
            "Illegal logging, fishing and hunting",
            "forest",
        ),
        (
            "alcohol_sale",
            "Продаж алкоголю й тютюну неповнолітнім",
            "Sale of alcohol and tobacco to minors",
            "bottle",
        ),
        ("domestic", "Домашнє насильство", "Domestic violence", "shelter", True),
        ("juvenile", "Діти без нагляду, булінг", "Children, bullying", "child", True),
        ("other", "Інше", "Other", "dots"),
    )
)
BY_CODE = {topic.code: topic for topic in CATALOGUE}
OTHER_ICON = "dots"
START_PRIVATE = frozenset(topic.code for topic in CATALOGUE if topic.is_private)
# Whatever the administrator wants: who hurts somebody at home reads the map too.
ALWAYS_PRIVATE = frozenset({"domestic"})
# Every picture of the sprite that a topic may have, with the topic that it was drawn for.
ICONS = {topic.icon: topic for topic in CATALOGUE if topic.code != "lighting"}
