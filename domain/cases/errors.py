"""What a step of a case may be refused for, beyond the refusals of the whole business."""

from domain.errors import NotAllowedNow


class Changed(NotAllowedNow):
    """Somebody else was first: what was decided about is not what is there now."""

    def __init__(self) -> None:
        super().__init__("这件事刚刚有了变化，请刷新后再处理。")
