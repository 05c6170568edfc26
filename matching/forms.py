"""Forms of financing: most owners ask for a loan; who wants another form says so."""

import re

from domain.labels import ProductKind

# What is left of the score of a form that nobody asked for: a guarantee or an insurance brings no money by
# itself, a lease brings the thing in place of the money, and equity costs a share of the firm.
_UNASKED = {
    ProductKind.LOAN: 1.0,
    ProductKind.FACTORING: 1.0,
    ProductKind.LEASE: 0.9,
    ProductKind.GUARANTEE: 0.85,
    ProductKind.INSURANCE: 0.85,
    ProductKind.EQUITY: 0.7,
}
_NAMED = {
    ProductKind.LEASE: re.compile(r"(?<!房)租(?![金房])|回租"),
    ProductKind.GUARANTEE: re.compile(r"(?<![无免没])(?<!不[要用想找])(?<!没有)(?<!不需要)担保(?!费)|保函"),
    ProductKind.INSURANCE: re.compile(r"保险|保函"),
    ProductKind.EQUITY: re.compile(r"股权|投资人|投资机构|投资方|入股|风投|天使"),
}

# What is left of all others where a form was asked for by name.
_BESIDE = 0.85

# The order of the kinds in what `kept` returns.
KINDS = tuple(_UNASKED)


def kept(words: str) -> tuple[float, ...]:
    """For each of `KINDS` the factor that its scores keep, by the owner's own words."""
    named = {kind for kind, pattern in _NAMED.items() if pattern.search(words)}
    if named:
        return tuple(1.0 if kind in named else _UNASKED[kind] * _BESIDE for kind in KINDS)
    return tuple(_UNASKED.values())
