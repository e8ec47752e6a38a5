import pytest

from api.livekit.client import Dispatch, Participant, RoomView
from api.settings import WatchTimings
from api.watch.ladder import Action, Ladder
from contracts.problems import Conflict
from contracts.sessions import AgentVerdict as Verdict

USER = Participant("user-1", is_agent=False)
AGENT = Participant("agent-1", is_agent=True)
READY = Participant("agent-1", is_agent=True, ready=True)
UNTAKEN = (Dispatch("d1", jobs=0),)
TAKEN = (Dispatch("d1", jobs=1),)


def room(*people: Participant, dispatches: tuple[Dispatch, ...] | None = UNTAKEN) -> RoomView:
    return RoomView(people, dispatches)


def ladder(**timings: float) -> Ladder:
    return Ladder(WatchTimings(**timings), expires_at=600.0, jitter=lambda: 0.0)


def play(
    climb: Ladder, view: RoomView | None, start: float, end: float, step: float = 0.25
) -> list[tuple[float, Action]]:
    """Look every quarter second; what had to be done, and when. Dispatches are made at once."""
    done, now = [], start
    while now <= end:
        action = climb.step(view, now)
        if action is not Action.NONE:
            done.append((now, action))
        if action is Action.DISPATCH:
            climb.dispatched(now)
        now += step
    return done


def test_climbs_to_ready_and_measures_the_time() -> None:
    climb = ladder()
    assert climb.step(None, 0.0) is Action.NONE
    assert climb.verdict is Verdict.WAITING_FOR_USER
    assert climb.attempts == 0
    steps = [
        (10.0, room(USER), Verdict.DISPATCHED),
        (10.3, room(USER, dispatches=TAKEN), Verdict.ASSIGNED),
        (10.6, room(USER, AGENT, dispatches=TAKEN), Verdict.JOINED),
        (10.9, room(USER, READY, dispatches=TAKEN), Verdict.READY),
    ]
    for now, view, verdict in steps:
        assert climb.step(view, now) is Action.NONE
        assert climb.verdict is verdict
    assert climb.attempts == 1
    assert climb.join_seconds == pytest.approx(0.9)
    assert climb.reason is None


def test_no_worker_is_said_after_two_seconds_and_given_up_within_ten() -> None:
    climb = ladder()
    assert play(climb, room(USER), 0.0, 1.75) == []
    assert climb.verdict is Verdict.DISPATCHED
    climb.step(room(USER), 2.25)
    assert climb.verdict is Verdict.NO_WORKER
    assert not climb.gave_up
    actions = play(climb, room(USER), 2.5, 12.0)
    assert [action for _, action in actions] == [Action.DISPATCH, Action.DISPATCH]
    assert climb.attempts == 3
    assert climb.gave_up
    assert climb.verdict is Verdict.NO_WORKER
    assert climb.reason
    assert "no worker took the job" in climb.reason
    assert play(climb, room(USER), 12.0, 60.0) == [], "bounded: nothing more after giving up"


def test_a_room_without_any_dispatch_gets_one() -> None:
    climb = ladder()
    actions = play(climb, room(USER, dispatches=()), 0.0, 4.0)
    assert [action for _, action in actions] == [Action.DISPATCH]


def test_a_worker_that_never_comes_is_given_the_deadline() -> None:
    climb = ladder()
    assert play(climb, room(USER, dispatches=TAKEN), 0.0, 7.5) == []
    assert climb.verdict is Verdict.ASSIGNED
    actions = play(climb, room(USER, dispatches=TAKEN), 7.75, 40.0)
    assert len(actions) == 2
    assert (climb.verdict, climb.gave_up) == (Verdict.NEVER_JOINED, True)


def test_the_servers_own_error_is_the_reason() -> None:
    climb = ladder(redispatches=0)
    failed = (Dispatch("d1", jobs=1, error="entrypoint raised"),)
    play(climb, room(USER, dispatches=failed), 0.0, 10.0)
    assert climb.reason == "entrypoint raised"


def test_a_stuck_agent_is_recalled_before_another_is_asked_for() -> None:
    climb = ladder()
    stuck = room(USER, AGENT, dispatches=TAKEN)
    actions = play(climb, stuck, 0.0, 9.0)
    assert [action for _, action in actions] == [Action.RECALL], "never a second agent beside the first"
    assert climb.verdict is Verdict.NEVER_STARTED
    assert play(climb, room(USER, dispatches=()), 9.25, 9.25) == [(9.25, Action.DISPATCH)]


def test_a_stuck_agent_that_does_not_leave_is_given_up() -> None:
    climb = ladder()
    play(climb, room(USER, AGENT, dispatches=TAKEN), 0.0, 20.0)
    assert (climb.verdict, climb.gave_up) == (Verdict.NEVER_STARTED, True)


def test_a_late_agent_is_welcome_after_giving_up() -> None:
    climb = ladder(redispatches=0)
    play(climb, room(USER), 0.0, 5.0)
    assert climb.gave_up
    climb.step(room(USER, READY), 30.0)
    assert (climb.verdict, climb.gave_up, climb.reason) == (Verdict.READY, False, None)


def test_a_rejection_ends_the_attempts() -> None:
    climb = ladder()
    climb.step(room(USER), 0.0)
    climb.rejected("model: there is no model 'x'")
    assert play(climb, room(USER), 0.25, 30.0) == []
    assert climb.verdict is Verdict.REJECTED
    assert climb.reason == "model: there is no model 'x'"
    with pytest.raises(Conflict):
        climb.retry(31.0)


def test_a_reported_failure_does_not_wait_for_the_deadline() -> None:
    climb = ladder()
    play(climb, room(USER, dispatches=TAKEN), 0.0, 1.0)
    climb.failed("the session did not start: ValueError")
    actions = play(climb, room(USER, dispatches=TAKEN), 1.25, 3.0)
    assert [action for _, action in actions] == [Action.DISPATCH]
    assert climb.reason == "the session did not start: ValueError"


def test_a_lost_agent_is_replaced_and_goes_on() -> None:
    climb = ladder()
    climb.step(room(USER), 0.0)
    climb.step(room(USER, READY), 1.0)
    assert not climb.wants_dispatches
    assert climb.step(room(USER), 20.0) is Action.NONE, "an agent that ends the call closes the room in a moment"
    assert climb.verdict is Verdict.LOST
    assert climb.step(room(USER), 21.5) is Action.DISPATCH
    assert climb.resumes
    climb.dispatched(21.5)
    climb.step(room(USER, READY), 23.0)
    assert climb.verdict is Verdict.READY
    assert climb.attempts == 2
    assert climb.join_seconds == pytest.approx(1.0), "the first join is what is measured"


def test_losing_agents_again_and_again_is_bounded() -> None:
    climb = ladder(resumes=2)
    now, replaced = 0.0, 0
    climb.step(room(USER), now)
    while not climb.gave_up and now < 200:
        now += 1
        climb.step(room(USER, READY), now)
        replaced += len(play(climb, room(USER), now + 1, now + 3))
        now += 3
    assert replaced == 2
    assert climb.verdict is Verdict.LOST


def test_nothing_is_dispatched_for_an_empty_room() -> None:
    climb = ladder()
    assert play(climb, room(dispatches=UNTAKEN), 0.0, 30.0) == []
    climb.step(room(USER, READY), 31.0)
    assert play(climb, room(), 32.0, 60.0) == [], "the user has left too"


def test_the_end_is_seen_twice_before_it_is_believed() -> None:
    climb = ladder()
    climb.step(room(USER), 0.0)
    assert climb.step(None, 1.0) is Action.NONE
    climb.step(room(USER), 1.5)
    assert climb.step(None, 2.0) is Action.NONE
    assert climb.step(None, 3.0) is Action.END
    assert climb.ended


def test_an_unused_token_ends_the_session() -> None:
    climb = ladder()
    assert climb.step(None, 600.0) is Action.NONE
    assert climb.step(None, 600.5) is Action.END
    assert climb.reason == "nobody joined while the token was valid"


def test_the_users_retry_makes_one_more_round_and_is_bounded() -> None:
    climb = ladder(redispatches=0, retries=1)
    play(climb, room(USER), 0.0, 5.0)
    assert climb.gave_up
    climb.retry(6.0)
    assert not climb.gave_up
    assert climb.interval(6.0) == 0.0
    assert [action for _, action in play(climb, room(USER), 6.0, 20.0)] == [Action.DISPATCH, Action.DISPATCH]
    assert climb.gave_up
    with pytest.raises(Conflict, match="No more attempts"):
        climb.retry(21.0)


def test_a_retry_while_all_is_well_changes_nothing() -> None:
    climb = ladder()
    climb.step(room(USER, READY), 0.0)
    climb.retry(1.0)
    assert climb.step(room(USER, READY), 1.0) is Action.NONE
    assert climb.attempts == 1


def test_a_retry_after_losing_the_agent_for_good() -> None:
    climb = ladder(resumes=0)
    climb.step(room(USER), 0.0)
    climb.step(room(USER, READY), 1.0)
    play(climb, room(USER), 2.0, 5.0)
    assert (climb.verdict, climb.gave_up) == (Verdict.LOST, True)
    climb.retry(6.0)
    assert climb.step(room(USER), 6.0) is Action.DISPATCH


def test_polling_slows_down_while_nothing_happens() -> None:
    climb = ladder()
    waiting = [climb.interval(0.0) for _ in range(12)]
    assert waiting[0] == 0.25
    assert waiting == sorted(waiting)
    assert waiting[-1] == 2.0
    climb.step(room(USER), 1.0)
    assert climb.interval(1.0) == 0.3
    climb.step(room(USER, READY), 2.0)
    assert climb.interval(2.0) == 3.0


def test_a_dispatch_that_could_not_be_made_is_tried_again() -> None:
    climb = ladder()
    play(climb, room(USER), 0.0, 3.0)
    climb.postpone(10.0)
    assert climb.step(room(USER), 10.5) is Action.NONE
    assert climb.step(room(USER), 11.0) is Action.DISPATCH
