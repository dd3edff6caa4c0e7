"""The invented tastes of the demo: who likes what, as rules over a title's facts."""

from __future__ import annotations

from dataclasses import dataclass, field

from tvbrain.pack.demo.titles import DemoTitle

_OFF_TASTE = 0.05
"""What an avoided genre or the wrong type, decade or country leaves of an affinity."""

_FAVOURITE_PEOPLE = 2.0


@dataclass(frozen=True, slots=True)
class Persona:
    """A taste. `genres` weighs genres (the rest count 0); `avoid` names genres that spoil a title. `years` is an
    inclusive span, `type` "movie" or "series" and `foreign` "not from these countries": a title outside keeps 5 %
    of its affinity. Titles older in rating than `max_age` are never watched. `people` are favourite directors and
    actors; their titles count double. `share` is the persona's part of the population, relative to the others.
    """

    name: str
    about: str
    genres: dict[str, float]
    avoid: frozenset[str] = frozenset()
    years: tuple[int, int] = (0, 9999)
    type: str = ""
    foreign: frozenset[str] = frozenset()
    max_age: int = 18
    people: frozenset[str] = field(default=frozenset())
    share: int = 4

    def affinity(self, title: DemoTitle) -> float:
        """How much this persona is drawn to a title: 0 never, otherwise relative to its other titles."""
        if title.age > self.max_age:
            return 0.0
        weight = sum(self.genres.get(genre, 0.0) for genre in title.genres) / len(title.genres)
        off_taste = (
            not self.avoid.isdisjoint(title.genres),
            not self.years[0] <= title.year <= self.years[1],
            self.type not in ("", title.type),
            not self.foreign.isdisjoint(title.countries),
        )
        for off in off_taste:
            if off:
                weight *= _OFF_TASTE
        if not self.people.isdisjoint(title.people):
            weight *= _FAVOURITE_PEOPLE
        return weight


_CHILDREN = frozenset({"Family"})

PERSONAS = (
    Persona(
        "heist-and-crime adult",
        "Robberies, gangsters and detectives, films as gladly as series.",
        {"Crime": 4, "Thriller": 2.5, "Mystery": 2},
        avoid=frozenset({"Family", "Documentary", "Horror"}),
        people=frozenset({"Martin Scorsese", "Michael Mann", "Guy Ritchie", "Al Pacino"}),
        share=6,
    ),
    Persona(
        "family with small children",
        "Cartoons and family films for the youngest; nothing above age 7.",
        {"Family": 4, "Animation": 3, "Music": 1, "Comedy": 1},
        max_age=7,
        share=7,
    ),
    Persona(
        "adventurous household",
        "School-age children choose: magic, space, quests and comic-book heroes up to age 13.",
        {"Fantasy": 3, "Adventure": 3, "Family": 2, "Sci-Fi": 1.5, "Animation": 1.5},
        avoid=frozenset({"Horror", "War", "Documentary"}),
        max_age=13,
        share=5,
    ),
    Persona(
        "anime teenager",
        "Japanese animation above all, then bold animated series; nothing above age 17.",
        {"Anime": 8, "Animation": 1.5, "Sci-Fi": 1, "Fantasy": 1, "Action": 0.5},
        years=(1980, 9999),
        max_age=17,
        people=frozenset({"Hayao Miyazaki", "Shinichiro Watanabe"}),
        share=4,
    ),
    Persona(
        "classic-film lover",
        "Studio-era Hollywood and the great directors up to 1969.",
        {"Drama": 2, "Romance": 2, "Mystery": 2, "Comedy": 2, "Thriller": 2, "Western": 1.5}
        | {"War": 1.5, "Music": 1.5, "Crime": 2, "Adventure": 1, "Horror": 1},
        avoid=frozenset({"Animation"}),
        years=(1900, 1969),
        type="movie",
        people=frozenset({"Alfred Hitchcock", "Billy Wilder", "Humphrey Bogart", "Cary Grant"}),
        share=4,
    ),
    Persona(
        "documentary evening",
        "Nature, true crime, music and history told with real footage.",
        {"Documentary": 8, "History": 0.8},
        people=frozenset({"David Attenborough"}),
        share=4,
    ),
    Persona(
        "science-fiction fan",
        "Space, robots, time travel and dark futures on every screen.",
        {"Sci-Fi": 5, "Mystery": 0.5, "Adventure": 0.5},
        avoid=frozenset({"Family", "Romance"}),
        people=frozenset({"Denis Villeneuve", "Ridley Scott", "Gene Roddenberry"}),
        share=5,
    ),
    Persona(
        "romantic evening",
        "Love stories, costume dramas and romantic comedies.",
        {"Romance": 5, "Comedy": 0.8, "Drama": 0.8, "Music": 0.8},
        avoid=frozenset({"Animation", "War", "Horror", "Western"}),
        years=(1980, 9999),
        people=frozenset({"Hugh Grant", "Julia Roberts", "Meg Ryan"}),
        share=5,
    ),
    Persona(
        "sitcom binger",
        "Comedy series, season after season.",
        {"Comedy": 5, "Romance": 0.5},
        avoid=_CHILDREN,
        type="series",
        share=5,
    ),
    Persona(
        "horror night",
        "Ghosts, slashers, zombies and bad dreams.",
        {"Horror": 6, "Mystery": 0.5, "Thriller": 0.8},
        people=frozenset({"John Carpenter", "Jordan Peele", "Wes Craven"}),
        share=4,
    ),
    Persona(
        "world-cinema viewer",
        "Festival films and series from outside the English-speaking countries.",
        {
            "Drama": 3,
            "Romance": 1.5,
            "Crime": 1.5,
            "Mystery": 1.5,
            "Comedy": 1,
            "History": 1,
            "Thriller": 1,
        },
        avoid=frozenset({"Animation", "Family", "Documentary", "Reality"}),
        foreign=frozenset(
            {"United States", "United Kingdom", "Canada", "Australia", "Ireland", "New Zealand"}
        ),
        people=frozenset({"Akira Kurosawa", "Federico Fellini", "Pedro Almodóvar", "Bong Joon-ho"}),
        share=4,
    ),
    Persona(
        "prestige-series adult",
        "Long, serious drama series with ambition.",
        {"Drama": 4, "Mystery": 1, "Thriller": 1, "History": 1, "Crime": 1},
        avoid=frozenset({"Family", "Animation", "Documentary"}),
        years=(1990, 9999),
        type="series",
        share=6,
    ),
    Persona(
        "action-and-superhero fan",
        "Chases, spies, explosions and capes.",
        {"Action": 5, "Adventure": 1.5, "Sci-Fi": 1, "Thriller": 1},
        avoid=frozenset({"Animation", "Family", "Documentary"}),
        years=(1975, 9999),
        people=frozenset({"Tom Cruise", "Robert Downey Jr.", "Keanu Reeves"}),
        share=6,
    ),
    Persona(
        "war, history and westerns",
        "Battles, biographies and the frontier.",
        {"War": 4, "History": 3.5, "Western": 4},
        avoid=frozenset({"Animation", "Comedy"}),
        people=frozenset({"Clint Eastwood", "John Wayne", "Sergio Leone"}),
        share=4,
    ),
    Persona(
        "light entertainment",
        "Music, sport and reality shows to unwind with.",
        {"Music": 4, "Sports": 5, "Reality": 8, "Comedy": 0.5},
        avoid=frozenset({"Animation", "Horror", "War"}),
        share=4,
    ),
)
"""Every taste of the demo's invented population."""
