"""Whose session it is. A session's id opens nothing by itself."""

from api.access.caller import Caller, Kind, Scope
from api.sessions.repository import SessionRecord
from contracts.problems import Forbidden, NotFound

_GONE = "There is no such session."


def must_see(caller: Caller, record: SessionRecord | None) -> SessionRecord:
    """The session, for those in its room, those who started it, and the record readers of its tenant.

    NotFound for everybody else with credentials of their own, as if it did not exist; Forbidden for the token of
    another room, whose holder has a session and mixes them up.
    """
    if record is None:
        raise NotFound(_GONE)
    if caller.room is not None:
        if caller.room != record.room:
            raise Forbidden("The token belongs to another session.")
        return record
    own = caller.kind is not Kind.ANONYMOUS and caller.id == record.caller and caller.may(Scope.CALLS)
    if caller.sees_tenant(record.tenant) and (own or caller.may(Scope.RECORDS)):
        return record
    raise NotFound(_GONE)


def must_serve(caller: Caller, record: SessionRecord | None) -> SessionRecord:
    """The session, for the agent of its room alone."""
    if caller.kind is not Kind.AGENT:
        raise Forbidden("Only the session's agent may do that.")
    return must_see(caller, record)
