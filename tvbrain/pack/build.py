"""From catalogue files to a pack: read, embed, join, train, quantise, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Embedder, Progress
from tvbrain.embed.quantise import Space
from tvbrain.embed.residual import residuals
from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.item_model import train_weights
from tvbrain.learning.item_weights import ItemWeights
from tvbrain.learning.lending import lend
from tvbrain.pack import codebook
from tvbrain.pack.catalogue import Title
from tvbrain.pack.content import content_of
from tvbrain.pack.encoder import EncoderTable, train
from tvbrain.pack.load import Loaded, load_catalogue
from tvbrain.pack.merge import Merged, merge
from tvbrain.pack.phrases import held_out, phrases
from tvbrain.pack.ratings import Ratings, load_ratings
from tvbrain.pack.recall import Recall, quantisation_recall
from tvbrain.pack.showings import with_airings, with_titles_shown
from tvbrain.pack.vectors import embed_titles
from tvbrain.pack.writer import Contents, GraphOf, Vectors

ROTATION_SEED = 1
"""The rotation of every space built here; the mean is what tells spaces apart."""

Steps = Callable[[str], AbstractContextManager[Progress]]
"""Opens a progress display for one step: `with steps("embedding") as progress: …`."""


def silent(step: str) -> AbstractContextManager[Progress]:
    """A `Steps` that shows nothing."""
    return nullcontext(lambda done, total: None)


@dataclass(frozen=True, slots=True)
class Sources:
    """What a pack is built from. `previous` is every id published so far -> its canonical id; `below` gives the titles
    of the packs below by canonical id, which rows of airings alone may be of."""

    catalogues: tuple[Path, ...]
    ratings: Path | None = None
    embedder: Embedder | None = None
    cache_dir: Path | None = None
    previous: Mapping[str, str] = field(default_factory=dict)
    below: Callable[[], Mapping[str, Title]] = dict


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """The titles of a pack and what was learned about them; arrays have a row a title.

    vectors: (titles, dimension) float32 unit rows, None without an embedder.
    """

    loaded: Loaded
    merged: Merged
    vectors: NDArray[np.float32] | None
    ratings: Ratings | None
    weights: ItemWeights | None

    @property
    def titles(self) -> Sequence[Title]:
        return self.merged.titles


def gather(sources: Sources, steps: Steps = silent, *, train: bool = True) -> Catalogue:
    """Reads and joins the catalogues, embeds the titles, and trains the weights if there are ratings and `train`.

    Raises NotACatalogueError, BrokenCatalogueError, the embedder's errors, OSError.
    """
    loaded = with_titles_shown(load_catalogue(sources.catalogues), sources.previous, sources.below)
    raw = _embed("embedding rows", loaded.titles, sources, steps)
    merged = with_airings(merge(loaded.titles, raw, previous=sources.previous), loaded)
    vectors = _embed("embedding joined titles", merged.titles, sources, steps)
    ratings = load_ratings(sources.ratings, merged) if sources.ratings else None
    weights = _train(ratings, merged.titles, vectors, steps) if ratings and train else None
    return Catalogue(loaded, merged, vectors, ratings, weights)


def _train(
    ratings: Ratings,
    titles: Sequence[Title],
    vectors: NDArray[np.float32] | None,
    steps: Steps,
) -> ItemWeights:
    """Titles that hardly anybody rated are lent weights where texts say what they are like."""
    with steps("training weights") as progress:
        weights = train_weights(ratings.histories, progress=progress)
    return weights if vectors is None else lend(weights, content_of(titles, vectors))


def _embed(
    step: str, titles: Sequence[Title], sources: Sources, steps: Steps
) -> NDArray[np.float32] | None:
    if sources.embedder is None:
        return None
    with steps(step) as progress:
        return embed_titles(
            titles, sources.embedder, cache_dir=sources.cache_dir, progress=progress
        )


def base_contents(
    catalogue: Catalogue, sources: Sources, *, name: str, version: str, built_at: int
) -> tuple[Contents, Recall | None]:
    """A base pack's contents, and what quantising its vectors cost."""
    vectors, recall = None, None
    if catalogue.vectors is not None:
        space = Space.fit(catalogue.vectors, ROTATION_SEED)
        vectors = Vectors(space, space.quantise(catalogue.vectors))
        recall = quantisation_recall(catalogue.vectors, space, vectors.rows)
    ratings = catalogue.ratings
    contents = Contents(
        titles=catalogue.titles,
        name=name,
        version=version,
        built_at=built_at,
        aliases=catalogue.merged.aliases,
        retired=catalogue.merged.retired,
        popularity=None if ratings is None else ratings.popularity,
        recent=None if ratings is None else ratings.recent,
        vectors=vectors,
        weights=catalogue.weights,
        source=source_of(catalogue, sources, recall),
    )
    return contents, recall


GRAPH_FROM = 15_000
"""Titles from which a pack has a graph, if nobody says otherwise: with fewer a scan costs less (docs/adr/0010)."""


def with_graph(contents: Contents, wanted: bool | None, threads: int) -> Contents:
    """The contents with or without a graph over their vectors, by their number where nobody says.

    Raises InvalidArgumentError where one is wanted and there are no vectors.
    """
    if wanted and contents.vectors is None:
        raise InvalidArgumentError("a graph belongs to a pack with vectors")
    by_number = contents.vectors is not None and len(contents.titles) >= GRAPH_FROM
    if wanted or (wanted is None and by_number):
        return replace(contents, graph=GraphOf(threads=threads))
    return contents


CODEBOOK_FROM = 1024
"""Titles with vectors from which a base pack has a codebook, if nobody says otherwise."""


def with_codebook(contents: Contents, wanted: bool | None) -> Contents:
    """The contents with or without what patterns are told by when sets speak with each other (docs/sync.md).

    Raises InvalidArgumentError where one is wanted and there are too few vectors.
    """
    vectors = contents.vectors
    by_number = vectors is not None and len(contents.titles) >= CODEBOOK_FROM
    if wanted is False or (wanted is None and not by_number):
        return contents
    made = None if vectors is None else codebook.train(vectors.rows)
    if made is None:
        raise InvalidArgumentError(f"a codebook needs {codebook.ENTRIES} titles with vectors")
    return replace(contents, codebook=made)


def with_residuals(contents: Contents, vectors: NDArray[np.float32] | None) -> Contents:
    """The contents with what quantising left out of `vectors` (titles, dimension), for a second look.

    Raises InvalidArgumentError without vectors.
    """
    if contents.vectors is None or vectors is None:
        raise InvalidArgumentError("residuals belong to a pack with vectors")
    kept = residuals(contents.vectors.space, vectors, contents.vectors.rows)
    return replace(contents, vectors=replace(contents.vectors, residuals=kept))


ENCODER_PHRASES = 150_000
"""Texts that an encoder is taught with, if nobody says otherwise; each is one run of the model."""


def teach_encoder(
    titles: Sequence[Title],
    space: Space,
    embedder: Embedder,
    rows: int,
    steps: Steps = silent,
    *,
    count: int = ENCODER_PHRASES,
) -> EncoderTable:
    """A static encoder of at most `rows` rows for the titles in `space`, taught with at most `count` phrases.

    The same for the same input and model.

    Raises InvalidArgumentError for a catalogue without texts, NotInstalledError without scipy.
    """
    texts = phrases(titles, count)
    with steps("embedding phrases for the encoder") as progress:
        targets = space.rotation.apply(embedder.embed(texts, progress))
    taught = [title for title in titles if not held_out(title)]
    with steps("teaching the encoder") as progress:
        return train(taught, texts, targets, rows=rows, progress=progress)


def source_of(
    catalogue: Catalogue, sources: Sources, recall: Recall | None = None
) -> dict[str, object]:
    """`SRCE`: files by their names without folders, so that it does not matter where they lay."""
    source: dict[str, object] = {
        "files": [
            {
                "file": Path(file.file).name,
                "format": file.format,
                "titles": file.titles,
                "broken": file.broken,
            }
            for file in catalogue.loaded.files
        ],
        "joined_pairs": dict(catalogue.merged.by_rule()),
    }
    if sources.embedder is not None:
        source["embedder"] = sources.embedder.name
    if recall is not None:
        source["recall"] = {"value": recall.value, "k": recall.k, "queries": recall.queries}
    if catalogue.ratings is not None and sources.ratings is not None:
        source["ratings"] = {
            "file": sources.ratings.name,
            "joined": catalogue.ratings.joined,
            "unjoined": catalogue.ratings.unjoined,
        }
    return source
