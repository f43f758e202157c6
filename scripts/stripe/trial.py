# SPDX-License-Identifier: Apache-2.0
"""Tries what Tollgate asks of Stripe: a real Tollgate against the stand-in and against localstripe, which lose events.
trial.py PROGRAM FOLDER [CHECK…]; `first` and `second` are half of the checks each, for two processes at once.

The checks are methods of the classes in scripts/stripe/backfills.py, scripts/stripe/reconciling.py,
scripts/stripe/refetching.py, scripts/stripe/setting_up.py and scripts/stripe/stories.py, on the ground of
scripts/stripe/ground.py; histories are those of scripts/stripe/history.py. TRIAL_SEED plays one again; TRIAL_KEEP is a folder
to keep the logs in."""

import os
import pathlib
import random
import shutil
import signal
import sys
import time
import traceback

import backfills
import checks
import reconciling
import refetching
import setting_up
import stories

# They take equally long, most of it to wait.
HALVES = {
    "first": ["backfill", "routes", "interrupted", "troubles", "keys", "accounts", "unfelt", "refetch", "states", "lines",
              "thin", "connected", "at_once", "setup", "doctor", "localstripe"],
    "second": ["reconciler", "away", "refund"],
}


class Trial(backfills.Backfills, reconciling.Reconciling, refetching.Refetching, setting_up.SettingUp, stories.Stories):
    pass


def main(program, folder, *chosen):
    # Ended from outside, it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A shell starts what is in the background deaf to SIGINT, and so would be the commands that are to hear it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    seed = int(os.environ.get("TRIAL_SEED", 0)) or random.randrange(1, 10 ** 6)
    trial = Trial(program, pathlib.Path(folder), seed)
    try:
        for name in [check for name in chosen or HALVES for check in HALVES.get(name, [name])]:
            start, before = time.monotonic(), len(trial.checks.failures)
            try:
                getattr(trial, name)()
            except Exception:
                trial.expect(name, False, traceback.format_exc())
                trial.stop(*[one for one in trial.running if not trial.gap or one is not trial.gap[0]])
                if trial.gap:
                    trial.gap[0].without_faults()
            print(f"{name}: {len(trial.checks.failures) - before} failed, {time.monotonic() - start:.1f} s", flush=True)
    finally:
        trial.stop()
        if keep := os.environ.get("TRIAL_KEEP"):
            shutil.copytree(folder, keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("spool"))
    checks.end(trial.checks)


if __name__ == "__main__":
    main(*sys.argv[1:])
