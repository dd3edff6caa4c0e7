"""From the codes of the C interface to names and English sentences; the only English in a slate."""

from __future__ import annotations

from tvbrain._native import lib

REASONS: dict[int, str] = {
    lib.TVB_REASON_NONE: "none",
    lib.TVB_REASON_WATCHED: "watched",
    lib.TVB_REASON_SIMILAR: "similar",
    lib.TVB_REASON_PATTERN: "pattern",
    lib.TVB_REASON_POPULAR: "popular",
    lib.TVB_REASON_NEW: "new",
    lib.TVB_REASON_DAYPART: "daypart",
    lib.TVB_REASON_EXPLORE: "explore",
    lib.TVB_REASON_CONTINUE: "continue",
    lib.TVB_REASON_NEXT_EPISODE: "next_episode",
    lib.TVB_REASON_QUERY: "query",
    lib.TVB_REASON_TASTE: "taste",
    lib.TVB_REASON_LISTED: "listed",
    lib.TVB_REASON_TRENDING: "trending",
    lib.TVB_REASON_LIVE: "live",
    lib.TVB_REASON_SOON: "soon",
    lib.TVB_REASON_GENRE: "genre",
    lib.TVB_REASON_ERA: "era",
    lib.TVB_REASON_CHOSEN: "chosen",
}

SENTENCES: dict[str, str] = {
    "none": "You might like it",
    "watched": "Because you watched {title}",
    "chosen": "Because you chose {title}",
    "similar": "Similar to {title}",
    "pattern": "What you like at this time of the week",
    "popular": "Popular",
    "new": "New",
    "daypart": "{genre} at this time of the day",
    "explore": "Something different",
    "continue": "Continue watching",
    "next_episode": "Next episode: season {season}, episode {episode}",
    "query": "Matches",
    "taste": "Fits what you like",
    "listed": "On your list",
    "trending": "Trending",
    "live": "On {channel} now",
    "soon": "Soon on {channel}",
    "genre": "Because you like {genre}",
    "era": "From the years that you like",
}

ROWS: dict[int, tuple[str, str]] = {
    lib.TVB_ROW_CONTINUE: ("continue", "Continue watching"),
    lib.TVB_ROW_BECAUSE: ("because", "Because you watched {title}"),
    lib.TVB_ROW_TOP_PICKS: ("top_picks", "Top picks"),
    lib.TVB_ROW_POPULAR: ("popular", "Popular"),
    lib.TVB_ROW_NEXT_EPISODE: ("next_episode", "Next episode"),
    lib.TVB_ROW_MY_LIST: ("my_list", "My list"),
    lib.TVB_ROW_NEW: ("new", "New for you"),
    lib.TVB_ROW_KIDS: ("kids", "Kids"),
    lib.TVB_ROW_MORE_LIKE_THIS: ("more_like_this", "More like {title}"),
    lib.TVB_ROW_TRENDING: ("trending", "Trending in your region"),
    lib.TVB_ROW_LIVE_NOW: ("live_now", "Live now"),
    lib.TVB_ROW_STARTING_SOON: ("starting_soon", "Starting soon"),
}

WHY_NOT: dict[int, str] = {
    lib.TVB_NOT_AGE: "age",
    lib.TVB_NOT_ENTITLED: "entitlement",
    lib.TVB_NOT_IN_REGION: "region",
    lib.TVB_NOT_IN_WINDOW: "window",
    lib.TVB_NOT_FINISHED: "finished",
    lib.TVB_NOT_HIDDEN: "hidden",
    lib.TVB_NOT_GENRE: "genre",
}


def sentence(
    code: str,
    *,
    title: str = "",
    genre: str = "",
    season: int = 0,
    episode: int = 0,
    channel: str = "",
) -> str:
    """The English sentence for a reason; `title` is that of its reason item."""
    return SENTENCES[code].format(
        title=title, genre=genre, season=season, episode=episode, channel=channel
    )
