"""「更多」: the rest of what was listed, three at a time."""

from handlers import policies, products
from handlers.turn import Outcome, Turn

_SHOWN = 3
_LATER = {"products": products.listed_after, "policies": policies.listed_after}


async def more(turn: Turn) -> Outcome:
    listing = turn.state.memory.listing
    if listing is None and "产品" in turn.text:
        return await products.ask_products(turn)
    if listing is None:
        return Outcome(
            "现在没有可以接着看的。想看产品就问「有什么产品适合我」，想看补贴就问「有没有贴息」。", turn.state
        )
    codes = listing.codes[listing.shown : listing.shown + _SHOWN]
    lines = await _LATER[listing.kind](turn, codes, listing.shown) if codes else []
    if not lines:
        return Outcome("刚才的都给您列完了。对哪一个感兴趣，说「第一个要什么条件」这样就行。", turn.state)
    shown = listing.shown + len(codes)
    if shown < len(listing.codes):
        lines.append(f"回复「更多」看另外{len(listing.codes) - shown}个。")
    return Outcome("\n".join(lines), turn.state, listing=listing.model_copy(update={"shown": shown}))
