"""Every time limit and retry of the agent, in one table; `tests/unit/agent/test_budgets.py` sums them against the
longest silence that a caller may meet.

All values are seconds unless the name says otherwise.
"""

from typing import Final

SPOKEN_DEADLINE: Final = 12.0
"""Longest a caller may wait for any sound after asking: an answer, a filler or an apology."""

MODEL_TIMEOUT: Final = 4.0
"""One request to a model provider: time to the first byte, and between bytes."""
MODEL_RETRIES: Final = 1
"""Further tries after the first, on 408, 429, 5xx and lost connections only."""
MODEL_RETRY_WAIT: Final = 0.3

REALTIME_TIMEOUT: Final = 4.0
REALTIME_RETRIES: Final = 1

SEARCH_DEADLINE: Final = 8.0
"""A whole flight search, its retry included."""
SEARCH_RETRIES: Final = 1
SEARCH_RETRY_WAIT: Final = 0.3
SEARCH_FILLER_AFTER: Final = 0.05
"""A search that runs longer is announced: only a remembered answer is quicker, and the end of speech has cost enough."""
FILLER_AFTER: Final = 0.4
"""The same of what is mostly answered at once."""
FILLER_AGAIN_AFTER: Final = 4.0
FILLERS_MAX: Final = 2

REPORT_TIMEOUT: Final = 3.0
"""One call to the API that the caller does not wait for: turns, reports, history."""

ANSWER_WATCHDOG: Final = 11.5
"""After a user's turn: no sound and no search running for this long is a failure that is said."""
QUIET_MAX: Final = 3.2
"""A question that nothing has been heard of for this long is told that it was heard; with the watch's grain, within 4 s."""
MEANWHILE_AFTER: Final = 3.0
"""Cascade: an answer of which no word has come for this long begins with that line; with the grain of the look, within 4 s."""
SOUND_GAP: Final = 3.0
"""A speech of which no sound has come for this long goes on with that line, at its beginning and in its middle; the same."""
ANSWER_RETRIES: Final = 1
"""Realtime: a response that failed is asked for again so often, before that is said."""
ANSWER_RETRY_WAIT: Final = 0.5
RESPONSE_MUTE: Final = 10.0
"""Realtime: a response of which nothing has come for this long is given up; lines are heard meanwhile."""
RESPONSE_UNMADE: Final = 2.5
"""Realtime: a reply of which the provider has not even made a response for this long is asked for again, where something must
be said: what waits to be made holds back every line."""
RETRY_SAID_AFTER: Final = 1.5
"""Realtime: a question of which nothing has been heard for this long when it is asked again is told so before."""
RATE_LIMIT_WAIT: Final = 3.0
"""Realtime: an account that may ask again within this is waited for; after that it is said that it failed."""
BARGE_IN_AFTER: Final = 0.15
"""Realtime: speech this long over the assistant's silences it, if the provider has not done so before."""
SPEECH_BEFORE_TEXT: Final = 1.0
"""What is typed waits so long for speech that began before it to end; then it is answered all the same."""
RECOGNISER_ENDS: Final = 0.02
"""Cascade: a recogniser that was told to forget may still give words for this long."""
SPEECH_SETTLES: Final = 3.0
"""Realtime: a provider that says nothing of speech for this long has not heard it."""
SOUND_LAG: Final = 0.4
"""Speech that is noticed this soon after typed words arrived was begun before them: sound takes longer than text."""
SPEECH_MIN: Final = 0.6
"""Speech at least this long is a turn that must be answered, even when nothing comes back of it."""
NO_WORDS_AFTER: Final = 1.5
"""Cascade: after speech that has ended so long ago, and of which the provider made out nothing, the user is asked again."""
PROVIDER_RESPONDS: Final = 3.0
"""Realtime: a provider that does not even say within this that it has forgotten the sound is lost."""
SPEECH_OVERTAKEN: Final = 3.0
"""Speech that was begun before something typed and is over this soon after it was overtaken by it."""
SILENCE_NOTICED: Final = 0.8
"""The end of speech is noticed within this: the silence that proves it, and the way of the sound."""
STOP_GATE: Final = 0.6
"""Realtime: longest that an answer's first frame waits for the transcript that may say "stop"."""

APOLOGY_GAP: Final = 4.0
"""The same apology is not repeated within this time."""
VOICE_RETRY_AFTER: Final = 30.0
"""After speech synthesis failed, answers stay in writing for this long."""

SHOW_TIMEOUT: Final = 8.0
"""Answer of the page to `ui.show`; LiveKit's own minimum."""

USER_AWAY: Final = 60.0
USER_GONE: Final = 180.0
"""Silence after which the assistant asks, and after which it ends the call."""
CALL_MAX: Final = 3600.0
"""Longest call; the session's own limit may be shorter."""
ENDS_SOON: Final = 60.0
"""So long before a call's limit the traveller is told."""

LAST_WORDS: Final = 0.5
"""A call that is over waits so long for the words of what was said last."""

EXPERT_TIMEOUT: Final = 14.0
"""A question in general terms to a stronger model, the models after the first included; fillers are heard meanwhile."""
OPERATOR_WAIT: Final = 30.0
"""A person who was told of a call has so long to join it; then the user is told that nobody comes."""

DRAIN: Final = 100
"""On SIGTERM; with what follows below the 120 s after which Fargate kills a task."""
HANDOVER: Final = 8.0
"""Calls that outlast the drain have so long to say so and to leave."""
HANDOVER_SAID: Final = 5.0
