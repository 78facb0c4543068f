"""Finds each centre's point in GeoNames, or says that none can be trusted.

GeoNames knows no KATOTTG code, so a point is found by name, and a name is seldom alone: one
oblast holds up to ten settlements called «Миколаївка». The neighbours decide. Settlements whose
name is alone in their oblast in both sources are anchors, and so is every centre found; a point
belongs to the raion and the hromada of its nearest anchors. What they leave open stays open.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from provisioning.gazetteer.codifier import (
    CITY,
    HROMADA,
    OBLAST,
    RAION,
    RURAL,
    URBAN,
    Area,
    Unit,
)
from provisioning.gazetteer.points import Point, cyrillic_key, latin_key

# A further look finds what has become the neighbour of the finds before.
_PASSES = 3
# Points of one name closer than this are one place entered twice (a town and its suburb).
_SAME_PLACE_KM = 8.0
# How many neighbours vote on a point's raion, and how far their voice carries.
_VOTERS = 6
_VOICE_KM = 40.0
# A settlement this near speaks for its hromada (hromadas are 20 to 40 km across).
_OWN_KM = 15.0
# No settlement is farther from the centre of its hromada.
_REACH_KM = 35.0
# How many votes more make the choice between two points of the same raion.
_CLEAR_LEAD = 3
# A point with so many people is the town among villages of its name.
_TOWN_PEOPLE = 1000
_RANK = {CITY: 2, URBAN: 1, RURAL: 0}
# Centres that GeoNames has only by their former name or in another spelling, by KATOTTG code.
_OTHER_NAMES = {
    "UA12120130010052999": "Yurivka",
    "UA23100010010076329": "Більмак",
    "UA35040230010012861": "Новгородка",
    "UA48060270010054876": "Первомайське",
    "UA48080150010074493": "Синюхин Брід",
    "UA51020010010041603": "Андрієво-Іванівка",
    "UA51020310010075967": "Ширяево",
    "UA71020150010017266": "Катеринопіль",
    "UA14140070010098555": "Nikolske",
}


def locate(
    areas: Sequence[Area], settlements: Iterable[Unit], points: Iterable[Point]
) -> dict[str, Point]:
    """Return the point of each area's centre by the area's code; areas in doubt are absent.

    `settlements` are all of the codifier (they include the neighbours), `points` all of GeoNames.
    """
    atlas = _Atlas(areas, settlements, list(points))
    for _ in range(_PASSES):
        left = [area for area in areas if area.code not in atlas.located]
        # Collected first: the order of the areas must not decide who sees whose anchor.
        fresh = [(area, point) for area in left if (point := atlas.point_of(area))]
        claims = Counter(point for _, point in fresh)
        for area, point in fresh:
            if claims[point] == 1:
                atlas.note(area, point)
    return atlas.located


class _Atlas:
    """The two sources side by side, and what has been found so far.

    `located` holds the points of the centres by the code of their area.
    """

    def __init__(
        self, areas: Iterable[Area], settlements: Iterable[Unit], points: Sequence[Point]
    ) -> None:
        self.located: dict[str, Point] = {}
        self._areas = {area.code[:HROMADA]: area for area in areas}
        self._by_cyrillic = _index(points, cyrillic_key)
        self._by_latin = _index(points, latin_key)
        self._namesakes: dict[tuple[str, str], list[Unit]] = defaultdict(list)
        for unit in settlements:
            self._namesakes[unit.code[:OBLAST], cyrillic_key(unit.name)].append(unit)
        # The code of the settlement that an anchor speaks for.
        self._anchors: dict[Point, str] = {}
        self._find_anchors()

    def note(self, area: Area, point: Point) -> None:
        """Keep the point of an area's centre; from now on it speaks for its neighbours too."""
        self.located[area.code] = point
        self._anchors[point] = area.centre.code

    def point_of(self, area: Area) -> Point | None:
        """Return the point of the area's centre, None when there is none or a doubt remains."""
        oblast, name = area.code[:OBLAST], area.centre.name
        other = _OTHER_NAMES.get(area.centre.code, name)
        taken = set(self.located.values())
        for points in (
            self._by_cyrillic.get((oblast, cyrillic_key(name)), ()),
            self._by_latin.get((oblast, latin_key(name)), ()),
            self._by_latin.get((oblast, latin_key(other)), ()),
        ):
            point = self._choose(area, _merged(set(points) - taken))
            if point is not None:
                return point
        return None

    def _find_anchors(self) -> None:
        """Pair the names that are alone in their oblast in both sources.

        A point that two settlements claim (by a present and by a former name) anchors neither.
        """
        claims: dict[Point, list[str]] = defaultdict(list)
        for key, units in self._namesakes.items():
            points = self._by_cyrillic.get(key, [])
            if len(units) == 1 and len(points) == 1:
                claims[points[0]].append(units[0].code)
        self._anchors |= {point: codes[0] for point, codes in claims.items() if len(codes) == 1}

    def _choose(self, area: Area, points: Sequence[Point]) -> Point | None:
        """Return the one of the points that is the area's centre beyond doubt."""
        units = self._namesakes[area.code[:OBLAST], cyrillic_key(area.centre.name)]
        others = [unit for unit in units if unit.code[:HROMADA] != area.code[:HROMADA]]
        if (
            len(points) == 1
            and _is_centre(points[0], area.centre, others)
            and not self._is_among(points[0], others)
        ):
            return points[0]
        votes = {point: self._votes(point, area) for point in points}
        likely = {
            point: (own, raion)
            for point, (own, raion) in votes.items()
            if raion and (own or _is_centre(point, area.centre, self._rivals(point, area, others)))
        }
        if not likely or max(likely.values()) < max(votes.values()):
            # The neighbours speak for a point that may be another settlement.
            return None
        ranked = sorted(likely, key=lambda point: (likely[point], -point.ident), reverse=True)
        if len(ranked) == 1:
            return ranked[0]
        (own, raion), (next_own, next_raion) = likely[ranked[0]], likely[ranked[1]]
        if own > next_own or raion >= next_raion + _CLEAR_LEAD:
            return ranked[0]
        seats = [point for point in ranked if not point.population]
        return seats[0] if len(seats) == 1 else None

    def _votes(self, point: Point, area: Area) -> tuple[int, int]:
        """Return how many of the nearest anchors lie in the area itself and in its raion."""
        near = self._nearest(point)
        own = sum(code[:HROMADA] == area.code[:HROMADA] for km, code in near if km < _OWN_KM)
        raion = sum(code[:RAION] == area.code[:RAION] for km, code in near if km < _VOICE_KM)
        return own, raion

    def _is_among(self, point: Point, others: Iterable[Unit]) -> bool:
        """Say whether a neighbour lies in the raion of one of the `others`."""
        raions = {unit.code[:RAION] for unit in others}
        return any(code[:RAION] in raions for km, code in self._nearest(point) if km < _VOICE_KM)

    def _nearest(self, point: Point) -> list[tuple[float, str]]:
        """Return the distance and settlement of the nearest anchors, the nearest first."""
        return sorted(
            (point.km_to(anchor.lat, anchor.lon), code)
            for anchor, code in self._anchors.items()
            if anchor is not point
        )[:_VOTERS]

    def _rivals(self, point: Point, area: Area, others: Iterable[Unit]) -> list[Unit]:
        """Return the namesakes in the raion that the point could be instead of the centre."""
        return [
            unit
            for unit in others
            if unit.code[:RAION] == area.code[:RAION] and self._could_be(point, unit)
        ]

    def _could_be(self, point: Point, unit: Unit) -> bool:
        home = self._areas[unit.code[:HROMADA]]
        seat = self.located.get(home.code)
        if seat is None:
            return True
        return unit != home.centre and point.km_to(seat.lat, seat.lon) < _REACH_KM


def _is_centre(point: Point, centre: Unit, rivals: Sequence[Unit]) -> bool:
    """Say whether the point itself shows that it is the centre and none of the `rivals`.

    GeoNames lists places below 500 people (here with population 0) only where a council sits.
    """
    if not rivals or not point.population:
        return True
    higher = all(_RANK.get(centre.category, 2) > _RANK[rival.category] for rival in rivals)
    return higher and point.population >= _TOWN_PEOPLE


def _merged(points: Iterable[Point]) -> list[Point]:
    """Return the points with those of one place reduced to the most populous."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda point: (-point.population, point.ident)):
        if all(point.km_to(other.lat, other.lon) > _SAME_PLACE_KM for other in kept):
            kept.append(point)
    return kept


def _index(
    points: Iterable[Point], key: Callable[[str], str]
) -> dict[tuple[str, str], list[Point]]:
    """Return the points by oblast and name."""
    found: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point in points:
        for name in sorted({key(name) for name in point.names}):
            found[point.oblast, name].append(point)
    return found
