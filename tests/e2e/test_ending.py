"""A call that is ended from the other side: the traveller says so, and Ctrl-C does not wait for it."""

import asyncio

import numpy as np
from livekit import api
from stacks import StackFactory

from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from cli.traveller.script import Utterance, play_turn


async def test_ctrl_c_in_the_middle_of_a_call_does_not_wait_for_its_end(own_stack: StackFactory) -> None:
    async with own_stack() as stack, Traveller.call(stack.api_url) as caller:
        await caller.ready()
        processes = [child.process for child in stack.children.values()]
        # Agent and media server would each wait longer than this for the caller to leave.
        async with asyncio.timeout(8):
            await stack.aclose()
        assert all(process.returncode is not None for process in processes)


async def test_a_traveller_whose_room_is_gone_reports_it_instead_of_waiting(stack: LocalStack) -> None:
    async with Traveller.call(stack.api_url) as caller:
        await caller.ready()
        await caller.hush()
        asked = asyncio.create_task(play_turn(caller, Utterance("Find me a flight from Madrid to Berlin tomorrow")))
        server = api.LiveKitAPI(stack.livekit_url, stack.livekit_key, stack.livekit_secret)
        async with server:
            await server.room.delete_room(api.DeleteRoomRequest(room=caller.session.room_name))
        async with asyncio.timeout(8):
            reports = [
                await asked,
                await play_turn(caller, Utterance("Thanks")),
                await play_turn(caller, Utterance("Thanks", np.zeros(4_800, dtype=np.int16))),
            ]
        for report in reports:
            assert "the room is gone (ROOM_DELETED)" in (report.problem or "")
