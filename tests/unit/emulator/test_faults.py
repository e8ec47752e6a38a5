import pytest
from pydantic import ValidationError

from emulator.faults import Fault, FaultBook, Striker, Struck


def test_a_fault_strikes_as_often_as_it_was_ordered() -> None:
    book = FaultBook()
    book.order([Fault(route="chat", kind="status", status=429, times=2), Fault(route="speech", kind="empty")])
    assert [book.take("chat") is not None for _ in range(3)] == [True, True, False]
    assert [book.take("speech") is not None for _ in range(3)] == [True, True, True]
    assert book.take("models") is None
    book.clear()
    assert book.take("speech") is None


def test_looking_does_not_use_a_strike_up() -> None:
    book = FaultBook()
    book.order([Fault(route="realtime", kind="stall", times=1)])
    assert book.peek("realtime") == book.peek("realtime") == book.take("realtime")
    assert book.peek("realtime") is None


@pytest.mark.parametrize(
    "fault",
    [
        {"route": "chat", "kind": "status"},
        {"route": "chat", "kind": "delay", "status": 500},
        {"route": "chat", "kind": "status", "status": 200},
        {"route": "chat", "kind": "status", "status": 500, "after": 1},
        {"route": "video", "kind": "delay"},
        {"route": "chat", "kind": "delay", "seconds": -1},
        {"route": "chat", "kind": "delay", "times": 0},
    ],
)
def test_senseless_faults_are_refused(fault: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(fault)


async def test_a_break_comes_after_its_chunks() -> None:
    striker = Striker(Fault(route="chat", kind="disconnect", after=2))
    await striker.chunk()
    await striker.chunk()
    with pytest.raises(Struck) as struck:
        await striker.chunk()
    assert struck.value.kind == "disconnect"


async def test_a_delay_lets_everything_through() -> None:
    striker = Striker(Fault(route="chat", kind="delay", seconds=0))
    for _ in range(3):
        await striker.chunk()


async def test_no_fault_never_strikes() -> None:
    striker = Striker(None)
    for _ in range(3):
        await striker.chunk()
