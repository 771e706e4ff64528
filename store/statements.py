"""What the event log asks of either database, each statement made once: to make one anew costs more than to run it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, literal, select, text, union_all

from store import tables
from store.listing import CLOCKS, MOST_AT_ONCE, starting_with

HEAD = select(tables.stream).where(tables.stream.c.stream_id == bindparam("stream"))
EVENTS = select(tables.event).where(tables.event.c.stream_id == bindparam("stream"))
IN_ORDER = EVENTS.where(tables.event.c.version > bindparam("after")).order_by(tables.event.c.version)
PAGE = IN_ORDER.limit(MOST_AT_ONCE)
AT = EVENTS.where(tables.event.c.version == bindparam("version"))
BY_COMMAND = EVENTS.where(tables.event.c.command_id == bindparam("command")).order_by(tables.event.c.version)
NAMING = (
    select(tables.event)
    .where(tables.event.c.command_id.in_(bindparam("commands", expanding=True)) & tables.event.c.stream_id.in_(bindparam("streams", expanding=True)))
    .order_by(tables.event.c.log_index)
)
"""More than is asked for where one id stands on several streams: whoever asks leaves out the others."""
TAIL = select(tables.event).where(tables.event.c.log_index > bindparam("after")).order_by(tables.event.c.log_index).limit(bindparam("most"))
NAMED = (
    select(tables.event.c.log_index, tables.event.c.stream_id, tables.event.c.command_id)
    .where(tables.event.c.log_index > bindparam("after"))
    .order_by(tables.event.c.log_index)
    .limit(MOST_AT_ONCE)
)
COMMAND = select(tables.command).where((tables.command.c.stream_id == bindparam("stream")) & (tables.command.c.command_id == bindparam("command")))
SIZE = select(tables.log_head.c.size)
_IN_VIEW = tables.stream.c.stream_id.in_([bindparam("stream"), bindparam("organisation")])
_FIRST = COMMAND.with_only_columns(tables.command.c.digest).scalar_subquery()
GLANCE = {
    dialect: select(now, tables.log_head.c.size, _FIRST, tables.stream).select_from(tables.log_head.outerjoin(tables.stream, _IN_VIEW))
    for dialect, now in CLOCKS.items()
}
_MINE = HEAD.with_for_update().cte("mine")
_THEIRS = select(tables.stream).where(tables.stream.c.stream_id == bindparam("organisation")).with_for_update(read=True).cte("theirs")
LOCKED = union_all(select(_MINE), select(_THEIRS))
"""The head of a stream, locked against other writers, and then that of the organisation, locked against a change."""
NEW_STREAM = text("INSERT INTO stream (stream_id, version, hash) VALUES (:stream, :version, :hash) ON CONFLICT DO NOTHING")
CLAIM = text("INSERT INTO claimed (clock, key, stream_id, version) VALUES (:clock, :key, :stream, :version) ON CONFLICT DO NOTHING")


@cache
def of_types(types: frozenset[str]) -> Select[Any]:
    """The events of these types on a stream above a version, in order; at most so many."""
    return IN_ORDER.where(_one_of(types)).limit(bindparam("most"))


@cache
def last(types: frozenset[str]) -> Select[Any]:
    """The newest event of one of these types on a stream."""
    return EVENTS.where(_one_of(types)).order_by(tables.event.c.version.desc()).limit(1)


def _one_of(types: Iterable[str]) -> ColumnElement[bool]:
    """Each type as a value of its own: a list in one place is written out anew whenever it is asked."""
    return tables.event.c.type.in_([literal(each) for each in sorted(types)])


@cache
def streams(prefix: str) -> Select[tuple[str]]:
    """The ids of the streams that begin so, in order."""
    return select(tables.stream.c.stream_id).where(starting_with(tables.stream.c.stream_id, prefix)).order_by(tables.stream.c.stream_id)
