"""The words of claims: states, and who may lead to which."""

from domain.labels import Label


class ClaimState(Label):
    """How far a claim is; labels of at most five Han characters, for templates."""

    PREPARING = "preparing", "准备中"
    SUBMITTED = "submitted", "已提交"
    ACCEPTED = "accepted", "审核中"
    GRANTED = "granted", "已兑现"
    REFUSED = "refused", "未通过"


OVER = frozenset({ClaimState.GRANTED, ClaimState.REFUSED})
NEXT = {
    ClaimState.PREPARING: frozenset({ClaimState.SUBMITTED}),
    ClaimState.SUBMITTED: frozenset({ClaimState.ACCEPTED, ClaimState.GRANTED, ClaimState.REFUSED}),
    ClaimState.ACCEPTED: frozenset({ClaimState.GRANTED, ClaimState.REFUSED}),
    # Given back to be mended, it is handed in again.
    ClaimState.REFUSED: frozenset({ClaimState.SUBMITTED}),
    ClaimState.GRANTED: frozenset[ClaimState](),
}
