"""Started by the engine as `pulumi-language-python <address of the engine>`."""

import os
import signal
import sys
from functools import partial

from pulumi.runtime.proto import language_pb2_grpc

from offline import plugin
from offline.language_host.children import Children
from offline.language_host.host import LanguageHost


def _main() -> None:
    children = Children()

    def end(*_: object) -> None:
        children.end()
        os._exit(0)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    host = LanguageHost(sys.argv[-1], children)  # flags for tracing and logs come before the address
    plugin.serve(partial(language_pb2_grpc.add_LanguageRuntimeServicer_to_server, host))
    end()


if __name__ == "__main__":
    _main()
