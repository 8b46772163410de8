"""Which release of TokenSim is the newest: one question to the project's page."""

import re
from http import HTTPStatus
from typing import Final

from packaging.version import Version

from tokensim_gui.core import paths
from tokensim_gui.core.errors import NetworkError
from tokensim_gui.core.hub.http_client import Client, Patience
from tokensim_gui.core.job import Job

_TAG: Final = re.compile(r"/releases/tag/v?(\d{1,6}(?:\.\d{1,6}){0,3})$", re.ASCII)


def newest_release(job: Job) -> str:
    """The version of the newest release, such as ``1.2.0``; says no more than our own version.

    ``PAGE/releases/latest`` leads to ``PAGE/releases/tag/v1.2.0``
    (https://docs.github.com/en/repositories/releasing-projects-on-github/linking-to-releases).
    Nothing of the answer but those digits is used.

    Raises:
        NetworkError: The page can't be reached, or names no release.
        JobCancelled: The job was cancelled.
    """
    page = paths.homepage()
    client = Client(page, None, Patience(stall_s=5.0))
    with client.get(f"{page}/releases/latest", job, {}) as answer:
        found = _TAG.search(answer.url)
        if answer.status == HTTPStatus.OK and found is not None:
            return found[1]
    raise NetworkError(f"{client.host} names no release of TokenSim. Try again later.")


def is_newer(version: str, than: str) -> bool:
    """Whether one version, numbers with dots between them, comes after another."""
    return Version(version) > Version(than)
