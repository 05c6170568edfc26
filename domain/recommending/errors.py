"""What is refused in a review, besides what `domain.errors` knows."""

from domain.errors import NotAllowedNow


class Changed(NotAllowedNow):
    """Somebody changed it since it was looked at."""

    def __init__(self) -> None:
        super().__init__("这份推荐刚刚有变化，请刷新后再处理。")


class NotTaken(NotAllowedNow):
    """Nobody but who has taken it may change it."""

    def __init__(self) -> None:
        super().__init__("请先领取这笔复核；领取后长时间没有操作会自动放回。")


class TakenByAnother(NotAllowedNow):
    """Another adviser has it."""

    def __init__(self) -> None:
        super().__init__("这笔复核已由其他顾问领取。")
