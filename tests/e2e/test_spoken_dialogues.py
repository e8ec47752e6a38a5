"""A slice of `make dialogues`: scripted conversations by the travellers' clips, graded on tools, screen and spoken facts."""

import asyncio

from cli.stack.local import LocalStack
from contracts.dispatch import Pipeline
from tools.dialogues.holding import hold
from tools.dialogues.script import dialogues

SLICE = (("fr", "number four"), ("it", "number four"), ("zh", "in the morning, the second one"))


async def test_scripted_conversations_are_held_as_scripted(stack: LocalStack) -> None:
    chosen = [one for one in dialogues() if (one.language, one.script.name) in SLICE]
    assert {one.pipeline for one in chosen} == {Pipeline.CASCADE, Pipeline.REALTIME}
    grades = await asyncio.gather(*(hold(stack, one) for one in chosen))
    assert [(grade.wrong, grade.wrong_facts) for grade in grades] == [([], [])] * len(SLICE)
    assert all(grade.facts for grade in grades)
