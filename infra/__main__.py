"""Entry of the Pulumi program."""

from infra.program import main

main()
