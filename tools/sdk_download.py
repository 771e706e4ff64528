"""Let the Temporal SDK download its development server into a folder: ``python -m tools.sdk_download FOLDER VERSION``."""

from __future__ import annotations

import asyncio
import os
import sys

from temporalio.testing import WorkflowEnvironment


async def download(folder: str, version: str) -> None:
    """The SDK downloads only what it then starts, so it is started and stopped once."""
    environment = await WorkflowEnvironment.start_local(download_dest_dir=folder, dev_server_download_version=version)
    await environment.shutdown()


if __name__ == "__main__":
    try:
        asyncio.run(download(*sys.argv[1:3]))
        code = 0
    except RuntimeError as error:
        sys.stdout.write(f"{error}\n")
        code = 1
    sys.stdout.flush()
    os._exit(code)  # the SDK's runtime can abort the interpreter while it ends
