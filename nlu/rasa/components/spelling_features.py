"""How a sentence is written and how it sounds, as sparse features: runs of signs, and runs of syllables.

The sound stands against homophones: 「信用袋」 is written otherwise than 「信用贷」, and sounds the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from pypinyin import lazy_pinyin
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

_LONGEST = 200


def written(text: str) -> str:
    """Full-width and half-width alike, capitals and small letters alike."""
    return unicodedata.normalize("NFKC", text[:_LONGEST]).lower()


def sounded(text: str) -> list[str]:
    """Syllables without tones; what is no Chinese character stays, sign by sign."""
    return " ".join(lazy_pinyin(written(text), errors=" ".join)).split()


class SpellingFeatures:
    """Runs of one to four signs, and of one to three syllables, that two sentences or more have in common."""

    def __init__(self) -> None:
        self._signs = TfidfVectorizer(
            analyzer="char", preprocessor=written, ngram_range=(1, 4), min_df=2, sublinear_tf=True
        )
        self._syllables = TfidfVectorizer(
            analyzer="word",
            preprocessor=str,
            tokenizer=sounded,
            token_pattern=None,
            ngram_range=(1, 3),
            min_df=2,
            sublinear_tf=True,
        )

    def fit(self, texts: Sequence[str]) -> csr_matrix:
        """Learn which runs there are; the features of these texts."""
        return hstack([self._signs.fit_transform(texts), self._syllables.fit_transform(texts)]).tocsr()

    def of(self, texts: Sequence[str]) -> csr_matrix:
        return hstack([self._signs.transform(texts), self._syllables.transform(texts)]).tocsr()
