"""`run.py train`: a new NLU model, put into use without a restart."""

import argparse
import asyncio

from bot import app
from bot.commands.terminal import err, out
from bot.config import Settings
from bot.sections import PROJECT
from nlu import training
from nlu.client import RasaClient


def arguments(_: argparse.ArgumentParser) -> None:
    """None: what is trained are the NLU files of the project."""


async def run(settings: Settings, _: argparse.Namespace) -> int:
    try:
        model = await asyncio.to_thread(training.train, PROJECT)
    except training.TrainingError as error:
        err.print(f"训练失败：{error}", markup=False)
        return 1
    out.print(f"模型  {model.relative_to(PROJECT)}")
    own = app.rasa_address(settings.data_dir)
    urls = settings.nlu.urls or ([own] if own else [])
    if not urls:
        out.print("没有正在运行的 Rasa，下次启动时使用新模型。")
        return 0
    client = RasaClient(urls)
    try:
        await client.swap_model(model)
    finally:
        await client.aclose()
    out.print("新模型已投入使用。")
    return 0
