"""Which sentences say the same in nearly the same words: a test sentence must not be learned by heart.

Two measures, by length, chosen on the development set beside the training data:

- **Sentences** of more than five characters: the share of common pairs of neighbouring characters (Jaccard)
  is 0.6 or more. Figures count as one sign, since a frame with another sum is the same frame. One changed
  character in nine is found; what only shares a frame (「物流企业有没有贴息」, 「妇女创业有没有贴息」)
  lies below 0.5. Triples at 0.8 would miss a changed character within any sentence of less than twenty-nine.
- **Short ones**: the same characters but for punctuation and particles. Figures stay: in 「一年」 they are
  all that is said.

What has three characters or fewer is a word, not a sentence (「你好」, 「算了」, 「昆山」): everybody says
it, so it may stand in both, and a model that did not know it would be of no use.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

_SIGNS: Final = re.compile(r"[\W_]+")
_PARTICLES: Final = re.compile("[啊呀呢吧嘛哦喔噢哈呗啦咯哟嘞诶欸唉嗯额呃]")
_FIGURES: Final = re.compile("[0-9零〇一二两三四五六七八九十百千万亿几]+")
_LONGEST_WORD: Final = 3
_LONGEST_SHORT: Final = 5
_ALIKE: Final = 0.6


def bare(text: str) -> str:
    """Without punctuation, blanks and difference of width and case; what is nothing else stays as it is."""
    even = unicodedata.normalize("NFKC", text).casefold()
    return _SIGNS.sub("", even) or even.strip()


def core(text: str) -> str:
    """`bare` without particles, unless it is nothing else."""
    words = bare(text)
    return _PARTICLES.sub("", words) or words


def _gist(text: str) -> str:
    return _FIGURES.sub("0", core(text))


def _pairs(gist: str) -> frozenset[str]:
    return frozenset(gist[at : at + 2] for at in range(len(gist) - 1))


class Originals:
    """Sentences of which no copy is wanted elsewhere."""

    def __init__(self, texts: Iterable[str]) -> None:
        known = list(texts)
        self._cores = {core(text) for text in known}
        self._sentences = [_pairs(gist) for gist in map(_gist, known) if len(gist) > _LONGEST_SHORT]
        self._holding: dict[str, list[int]] = defaultdict(list)
        for number, pairs in enumerate(self._sentences):
            for pair in pairs:
                self._holding[pair].append(number)

    def has_copy_in(self, text: str) -> bool:
        """Whether the text says one of them over again."""
        words = core(text)
        if len(words) <= _LONGEST_WORD:
            return False
        return words in self._cores or self._likeness(_gist(text)) >= _ALIKE

    def _likeness(self, gist: str) -> float:
        """The share of common pairs with the one that is most alike; 0 for what is short."""
        if len(gist) <= _LONGEST_SHORT:
            return 0.0
        pairs = _pairs(gist)
        common = Counter(number for pair in pairs for number in self._holding.get(pair, ()))
        return max(
            (count / (len(pairs) + len(self._sentences[number]) - count) for number, count in common.items()),
            default=0.0,
        )
