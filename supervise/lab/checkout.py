"""Where the lab finds its configuration, and where it keeps what takes long to make."""

import os
from pathlib import Path

from supervise.lab.errors import LabError

CHECKOUT = Path(__file__).resolve().parents[2]


def configuration() -> Path:
    """The folder asterisk-conf of this checkout.

    Raises:
        LabError: the package was installed without a checkout around it.
    """
    folder = CHECKOUT / "asterisk-conf"
    if not folder.is_dir():
        raise LabError(f"the lab works in a checkout of supervise only: there is no {folder}")
    return folder


def cache_folder() -> Path:
    """The folder for what is made once: ``.cache`` in the checkout, or what SUPERVISE_CACHE names. Made if missing."""
    folder = Path(os.environ.get("SUPERVISE_CACHE") or CHECKOUT / ".cache").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
