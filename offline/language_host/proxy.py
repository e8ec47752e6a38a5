"""Stands before a policy pack until the engine has said which stack it is for.

The engine starts a pack first and configures it afterwards; `pulumi_policy` reads the stack's configuration from its
environment when it starts. So the engine is given this proxy, and the pack is started when the configuration is here.
Source: sdk/policy_proxy.go of Pulumi 3.250, which the real language host uses.
"""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as LateError
from functools import partial

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2

from offline.plugin import OPTIONS, listen

SECONDS = 60.0
"""How long a pack may take to start."""

CALL_SECONDS = 300.0
"""How long a pack may think about a stack; the engine sets no limit."""

Configuration = analyzer_pb2.AnalyzerStackConfigureRequest
_Handler = Callable[[bytes, grpc.ServicerContext], bytes]


class PackError(Exception):
    """The policy pack did not start; the message says why."""


class Proxy(grpc.GenericRpcHandler):
    """An analyzer that passes calls on to another, as bytes."""

    def __init__(self) -> None:
        self.configuration: Future[Configuration | None] = Future()
        """What the engine has said; None when it asks something without having said it (`pulumi policy publish`)."""
        self._pack: Future[grpc.Channel] = Future()
        self._server, self.port = listen(lambda server: server.add_generic_rpc_handlers((self,)))

    def attach(self, port: int) -> None:
        """The pack listens there. It is told the configuration, too: stack tags come only so."""
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS)
        configuration = self.configuration.result()
        if configuration is not None:
            try:
                _call(channel, "/pulumirpc.Analyzer/ConfigureStack", configuration.SerializeToString(), SECONDS)
            except grpc.RpcError as error:
                if not _unimplemented(error):  # older packs know no such call
                    self.fail("the policy pack refused the stack's configuration")
                    return
        with contextlib.suppress(InvalidStateError):  # it has been closed meanwhile
            self._pack.set_result(channel)

    def fail(self, message: str) -> None:
        """There will be no pack."""
        with contextlib.suppress(InvalidStateError):  # there was one, or it is known to be missing
            self._pack.set_exception(PackError(message))

    def close(self) -> None:
        """End; calls that still wait fail."""
        self.fail("the policy pack has ended")
        self._configured(None)
        self._server.stop(None)
        if self._pack.exception() is None:
            self._pack.result().close()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """The handler of a call, whatever its name."""
        path = str(handler_call_details.method)
        own: dict[str, _Handler] = {"Handshake": self._shake_hands, "ConfigureStack": self._configure}
        handler = own.get(path.rpartition("/")[2]) or partial(self._pass_on, path)
        return grpc.unary_unary_rpc_method_handler(handler)

    def _shake_hands(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        del request, context
        return analyzer_pb2.AnalyzerHandshakeResponse().SerializeToString()

    def _configure(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        del context
        self._configured(Configuration.FromString(request))
        return analyzer_pb2.AnalyzerStackConfigureResponse().SerializeToString()

    def _configured(self, configuration: Configuration | None) -> None:
        with contextlib.suppress(InvalidStateError):  # only the first counts
            self.configuration.set_result(configuration)

    def _pass_on(self, path: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        if path.endswith("/Cancel") and not self._pack.done():
            return Empty().SerializeToString()
        self._configured(None)
        try:
            return _call(self._pack.result(SECONDS), path, request, CALL_SECONDS)
        except (PackError, LateError) as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error) or f"no policy pack after {SECONDS:.0f} s")
        except grpc.RpcError as error:
            if not isinstance(error, grpc.Call):
                raise
            context.abort(error.code(), error.details() or "")
        raise AssertionError  # `abort` raises


def _call(channel: grpc.Channel, path: str, request: bytes, seconds: float) -> bytes:
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(path)
    return call(request, timeout=seconds)


def _unimplemented(error: grpc.RpcError) -> bool:
    return isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.UNIMPLEMENTED
