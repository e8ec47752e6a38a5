"""`python -m infra.bootstrap`."""

import sys

from pulumi.automation import CommandError

from infra.bootstrap.run import BootstrapError, Runner, chosen_state, next_steps
from infra.bootstrap.settings import read
from infra.engine import MissingCliError
from infra.settings import SettingsError


def main() -> int:
    """Run it; exits with 1 and a line that says why when it cannot."""
    try:
        settings, state = read(), chosen_state()
        outputs = Runner(settings, state).run()
    except (SettingsError, BootstrapError, MissingCliError) as error:
        sys.stderr.write(f"bootstrap: {error}\n")
        return 1
    except CommandError:
        # The engine has already said what is wrong, line by line.
        sys.stderr.write("bootstrap: stopped; mend what is said above and run it again, it goes on from there\n")
        return 1
    sys.stdout.write("\n".join(next_steps(settings, state, outputs)) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
