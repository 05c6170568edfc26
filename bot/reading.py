"""What a message means, and who answers it: found out before any transaction opens.

Words are for the dialogue, typed, tapped or spoken. What means nothing to it (a picture, a place that was
not asked for) gets a sentence of its own, and the question that stands once more.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from bot.masking import masked
from bot.transcription.errors import NotConfigured, NotHeard, TooLong, TranscriptionFailed
from bot.wechat import messages
from bot.wechat.messages import Incoming, VoiceMessage
from domain.errors import Refusal
from domain.regions import region_name
from handlers import dialogue
from handlers.registry import TOPICS
from handlers.turn import Field, Outcome, Turn
from nlu.places import place_of_address
from nlu.understanding import Understanding

Understand = Callable[[str], Awaitable[Understanding]]
Listen = Callable[[VoiceMessage], Awaitable[str]]

_PAPERS = "身份证、征信报告这类材料请不要发在聊天里，需要时会告诉您怎么交。"
_UNREADABLE: Mapping[type[Incoming], str] = {
    messages.ImageMessage: f"图片收到了，不过我看不了图，也不会存下来，要点请打字告诉我。{_PAPERS}",
    messages.VideoMessage: f"视频收到了，不过我看不了，也不会存下来，要点请打字告诉我。{_PAPERS}",
    messages.LinkMessage: "链接我打不开，麻烦您把要点打字告诉我。",
}
_FILE = f"文件收到了，不过我打不开，也不会存下来，要点请打字告诉我。{_PAPERS}"
_NO_PLACE = "位置收到了，不过看不出是哪个区县。麻烦您打字说一下城市和区县，比如「昆山」「合肥包河区」。"
_PLEASE_TYPE = "麻烦您打字告诉我，一两句大白话就行。"
_UNHEARD: Mapping[type[TranscriptionFailed], str] = {
    NotConfigured: f"不好意思，语音我还听不了，{_PLEASE_TYPE}",
    NotHeard: "不好意思，这条语音我没听清。麻烦您再说一遍，或者打字告诉我。",
    TooLong: "不好意思，这条语音太长，我听不全。麻烦您分成几段说，或者打字告诉我。",
}
_CANNOT_HEAR = f"不好意思，语音这会儿我听不了，{_PLEASE_TYPE}"
# So that the answer below stays in sight; what counts is said there again.
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood, and who answers within the unit of work."""

    understanding: Understanding
    answer: Callable[[Turn], Awaitable[Outcome]] = dialogue.respond


class Reader:
    """`listen` writes down what is said in a voice message."""

    def __init__(self, understand: Understand, listen: Listen) -> None:
        self._understand = understand
        self._listen = listen

    async def read(self, incoming: Incoming) -> Reading | None:
        """None where there is nothing to answer."""
        match incoming:
            case messages.TextMessage(menu_id=None, text=text):
                return Reading(await self._understand(text))
            case messages.TextMessage(menu_id=str(key)) | messages.ClickEvent(key=key):
                return Reading(Understanding.of_button(key))
            case messages.VoiceMessage():
                return await self._heard(incoming)
            case messages.LocationMessage(label=label):
                return _located(label)
            case messages.UnknownIncoming(kind="file"):
                return _beside(_FILE)
            case _:
                sentence = _UNREADABLE.get(type(incoming))
                return _beside(sentence) if sentence else None

    async def _heard(self, voice: VoiceMessage) -> Reading:
        try:
            words = voice.recognition or await self._listen(voice)
        except TranscriptionFailed as failure:
            return _beside(_UNHEARD.get(type(failure), _CANNOT_HEAR))
        return Reading(await self._understand(words), partial(_aloud, words))


async def deaf(_: VoiceMessage) -> str:
    """Listens for nobody: no provider is configured."""
    raise NotConfigured("no provider of transcription")


async def _aloud(words: str, turn: Turn) -> Outcome:
    """What was heard stands above the answer, so that the owner sees a mistake and can say so."""
    # The answer is kept for a while, as it was given: figures that belong to people are not.
    shown = masked(words)
    shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
    line = f"听到的是：「{shown}」"
    try:
        outcome = await dialogue.respond(turn)
    except Refusal as refusal:
        raise Refusal(f"{line}\n{refusal.sentence}") from refusal
    return replace(outcome, reply=f"{line}\n{outcome.reply}")


def _located(label: str) -> Reading:
    place = place_of_address(label)
    if place is None:
        return _beside(_NO_PLACE)
    understanding = Understanding.of_place(label[place.start : place.end], str(place.value))
    return Reading(understanding, partial(_at_place, str(place.value)))


async def _at_place(region: str, turn: Turn) -> Outcome:
    """Where the place is asked for, it is the answer; else it is said what was understood."""
    if turn.state.topic == "financing" and turn.state.asking is Field.REGION:
        return await dialogue.respond(turn)
    name = region_name(region)
    use = (
        f"企业也在那里的话，回一句「企业在{name}」，我就记下。"
        if turn.state.topic == "financing"
        else "想了解当地的贷款和补贴，直接告诉我要多少钱、做什么用，比如「想贷80万买设备」。"
    )
    return await _with_question(f"看到您发的位置了，在{name}。{use}", turn)


def _beside(sentence: str) -> Reading:
    return Reading(Understanding.unread(""), partial(_with_question, sentence))


async def _with_question(sentence: str, turn: Turn) -> Outcome:
    """The sentence, and below it what an open topic asks; the conversation stays where it is."""
    topic = TOPICS[turn.state.topic] if turn.state.topic else None
    prompt = await topic.prompt(turn) if topic else None
    if prompt is None or not prompt.reply:
        return Outcome(sentence, turn.state)
    # A number means a line of the last choices; others must not be shown.
    picks = prompt.choices if prompt.choices == turn.state.memory.choices else ()
    return Outcome(f"{sentence}\n\n{prompt.reply}", turn.state, choices=picks)
