"""An evening in Python: open, watch, show a home screen, say why.

python evening.py [PACK [DATA_DIR]]      the demo pack and a new directory, if left out
"""

import sys
import tempfile
from pathlib import Path

from tvbrain import Brain, ViewContext, ViewingEvent


def main(pack: str | None, data_dir: str) -> None:
    with Brain.open(data_dir, pack=pack) as brain:
        best = brain.recommend(ViewContext(k=3))
        for pick in best:
            brain.observe(ViewingEvent(kind="complete", item=pick.item, slate_id=best.slate_id))
        for row in brain.rows(ViewContext(k=5)).rows:
            sys.stdout.write(f"{row.title}\n")
            for pick in row.items:
                year = brain.item(pick.item).year
                sys.stdout.write(f"    {pick.title} ({year})  {pick.reason}\n")
        why = brain.explain(brain.recommend()[0].item)
        sys.stdout.write(f"{why.item}: {why.terms}\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        given = sys.argv[1:]
        main(given[0] if given else None, given[1] if given[1:] else str(Path(scratch, "tv")))
