# SPDX-License-Identifier: Apache-2.0
"""What was expected, and how often it was not so."""

import sys


class Checks:
    def __init__(self, name):
        self.name, self.count, self.failures = name, 0, []

    def expect(self, what, holds, *seen):
        self.count += 1
        if not holds:
            text = f"{self.name}: {what}: {' '.join(repr(value)[:1000] for value in seen)}"
            if len(self.failures) < 20:
                print("✘ " + text, flush=True)
            self.failures.append(text)
        return bool(holds)

    def equal(self, what, seen, wanted):
        return self.expect(what, seen == wanted, seen, "is not", wanted)

    def told(self):
        """Prints how it went. → whether all was as expected"""
        print(f"{self.name}: {self.count} checks, {len(self.failures)} failed", flush=True)
        return not self.failures


def end(*all_checks):
    told = [checks.told() for checks in all_checks]
    sys.exit(0 if all(told) else 1)
