"""The worker: settings, record, activities, workflows. ``python -m worker``; SIGTERM ends it once what it has begun is done."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from activities.acts import TOGETHER, Acts
from activities.finishing import Finishing
from activities.ledger import Ledger
from activities.notifications import Notifications
from activities.record import Record
from app.channels import channel_of
from app.connection import connect
from app.errors import GrantsError
from app.home import Home
from app.leave import leave, told_to_stop
from app.logs import configure
from app.settings import Settings, read_settings, unknown_variables
from app.signing import OwnKeys
from store.database import is_sqlite, left_whole, open_database, open_vault, writer_lock
from store.errors import RecordError
from store.event_log import EventLog
from store.schema import migrate
from store.vault import Vault
from workflows.grant import GrantWorkflow
from workflows.names import DEPLOYMENT, TASK_QUEUE
from workflows.organisation import OrganisationWorkflow

THREADS = 16  # activities at once: an eager one needs a free place beside those that are offered (app/servers.py)

log = structlog.get_logger()


def main() -> None:
    """Serve until told to stop, and leave with the exit code of what went wrong."""
    code = 0
    try:
        settings = read_settings()
        configure(settings.log_format)
        for name in unknown_variables():
            log.warning("setting.unknown", name=name)
        asyncio.run(serve(settings, Home.of(settings)))
    except (GrantsError, RecordError) as error:
        log.error("worker.failed", why=str(error))  # noqa: TRY400  (foreseen: its text says all)
        code = getattr(error, "exit_code", 69)
    leave(code)


async def serve(settings: Settings, home: Home) -> None:
    """Take tasks from the server over the record of this home, until told to stop."""
    told = told_to_stop()
    gc.set_threshold(2**15, 20, 50)  # a worker keeps a thousand folds, and hardly a ring among them to be looked for
    with opened(settings, home) as record, ThreadPoolExecutor(THREADS) as threads, ThreadPoolExecutor(TOGETHER) as few:
        async with worker_of(await connect(home), record, settings, home, threads, few):
            log.info("worker.serves", build=settings.build, home=str(home.path))
            await told.wait()
    log.info("worker.ended")


@contextmanager
def opened(settings: Settings, home: Home) -> Iterator[Record]:
    """The record and the vault, with their tables as this build knows them; of a SQLite file we are the one worker."""
    engine, vault = open_database(home.record_url), open_vault(home.vault_url)
    with writer_lock(home.path / "record.db") if is_sqlite(engine) else nullcontext(), left_whole(engine, vault):
        migrate(engine)
        migrate(vault)
        yield Record(EventLog(engine), Vault(vault), settings.build, OwnKeys(home.keys))


def worker_of(client: Client, record: Record, settings: Settings, home: Home, threads: ThreadPoolExecutor, few: ThreadPoolExecutor) -> Worker:
    """Every workflow and every activity, on the one task queue; acts and notices on a few threads of their own, which stay warm."""
    notices, ledger = Notifications(record, channel_of(settings), few), Ledger(record, home.path / "journals")
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[GrantWorkflow, OrganisationWorkflow],
        activities=[Acts(record, notices, few).act, record.commit, notices.send_notice, ledger.hand_over_journal, ledger.reconcile_ledger],
        interceptors=[Finishing()],
        activity_executor=threads,
        max_concurrent_activities=THREADS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=20),
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=5),
        deployment_config=WorkerDeploymentConfig(version=WorkerDeploymentVersion(DEPLOYMENT, settings.build), use_worker_versioning=False),
    )


if __name__ == "__main__":
    main()
