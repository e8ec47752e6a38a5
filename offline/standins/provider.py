"""The plugin's side of the engine's protocol, the same for every stand-in."""

from functools import partial
from typing import NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from offline import plugin
from offline.standins import changes, naming, needs
from offline.standins.check import Failure, check, table
from offline.standins.cloud import Birth, Cloud, RefusedError
from offline.standins.schema import Schema, UnknownTypeError, load
from offline.standins.values import UNKNOWN, Properties, decode, encode
from offline.standins.world import AlreadyExistsError, Thing, World


def _token(urn: str) -> str:
    """The resource type in a URN: `urn:pulumi:stack::project::parent$type::name`."""
    return urn.split("::")[2].rpartition("$")[2]


def _abort(context: grpc.ServicerContext, message: str) -> NoReturn:
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
    raise AssertionError  # `abort` raises


def _may(type_: str, operation: needs.Operation, context: grpc.ServicerContext) -> None:
    """End the call as AWS does when the role that runs the engine may not do what the provider asks for."""
    # Each create and update ends with a look at what was made.
    for step in dict.fromkeys((operation, *(("read",) if operation in {"create", "update"} else ()))):
        message = needs.refused(type_, step)
        if message:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, message)


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    """A provider plugin over a pretended cloud."""

    def __init__(self, cloud: Cloud, world: World) -> None:
        self._cloud = cloud
        self._world = world

    def _schema(self, type_: str, context: grpc.ServicerContext) -> Schema:
        try:
            return load(self._cloud.package, type_)
        except UnknownTypeError as error:
            _abort(context, f"stand-in for {self._cloud.plugin}: {error}")

    # The methods' names are the protocol's.

    def Handshake(  # noqa: N802
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Secrets are not accepted: the engine unwraps them, and marks what comes back at the same paths."""
        del request, context
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        """The version of the SDK that the checks come from."""
        del request, context
        return plugin_pb2.PluginInfo(version=self._cloud.version)

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Nothing here takes long enough to be cancelled."""
        del request, context
        return Empty()

    def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """The provider's own settings, as strictly as a resource's."""
        schema = self._schema(f"pulumi:providers:{self._cloud.plugin}", context)
        news = decode(request.news)
        settings = self._cloud.settings(schema, news)
        failures = check(schema, {}, {key: value for key, value in settings.items() if key != "version"})
        return provider_pb2.CheckResponse(
            inputs=request.news,
            failures=_told(failures),
        )

    def DiffConfig(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """A provider's settings change in place."""
        del context
        found = changes.compare("", decode(request.old_inputs), decode(request.news))
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some if found else none, diffs=[item.path for item in found])

    def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Take the settings; a wrong account is refused here, as by the real provider."""
        schema = self._schema(f"pulumi:providers:{self._cloud.plugin}", context)
        try:
            self._cloud.configure(self._cloud.settings(schema, decode(request.args)))
        except RefusedError as error:
            _abort(context, str(error))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Validate inputs, add default tags and a physical name."""
        type_ = _token(request.urn)
        schema = self._schema(type_, context)
        news = decode(request.news)
        failures = check(schema, table("allowed").get(type_, {}), news)
        if failures:
            return provider_pb2.CheckResponse(inputs=request.news, failures=_told(failures))
        # How often the URN was created is in the seed, so that a replacement does not collide with what it replaces.
        birth = Birth(type_, request.urn, self._world.births(request.urn), self._cloud.prepare(schema, news))
        how = naming.rule(type_, schema)
        named = naming.name(how, birth.seed, birth.logical, decode(request.olds), birth.inputs)
        return provider_pb2.CheckResponse(inputs=encode(named))

    def Diff(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Field by field; replacement where the cloud forces it."""
        type_ = _token(request.urn)
        schema = self._schema(type_, context)
        old_inputs, news, olds = _with_marks(request.old_inputs), _with_marks(request.news), decode(request.olds)
        found = changes.compare(type_, old_inputs, news)
        for name, value in self._cloud.content(type_, news).items():
            if value != olds.get(name):
                found.append(changes.Change(name, "update", changes.forces_replacement(type_, name)))
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        replaces = [item.path for item in found if item.replaces]
        return provider_pb2.DiffResponse(
            changes=some if found else none,
            replaces=replaces,
            diffs=sorted({item.path.split(".")[0].split("[")[0] for item in found}),
            detailedDiff={item.path: _detail(item) for item in found},
            hasDetailedDiff=bool(found),
            deleteBeforeReplace=bool(replaces) and naming.collides(type_, schema, old_inputs, news),
        )

    def Create(  # noqa: N802
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        """Bring a resource into the world; in a preview, what only the cloud can tell is unknown."""
        type_ = _token(request.urn)
        schema = self._schema(type_, context)
        inputs = decode(request.properties)
        if request.preview:
            unknown = dict.fromkeys(self._cloud.computed(type_, schema, inputs), UNKNOWN)
            return provider_pb2.CreateResponse(properties=encode({**unknown, **inputs}))
        _may(type_, "create", context)
        birth = Birth(type_, request.urn, self._world.births(request.urn), inputs)
        try:
            identifier, outputs = self._cloud.create(birth, schema, self._world)
        except RefusedError as error:
            _abort(context, str(error))
        how = naming.rule(type_, schema)
        unique = str(inputs.get(how.property, "")) if how and self._cloud.unique(type_) else ""
        try:
            address = self._cloud.address(type_, identifier, outputs)
            self._world.create(Thing(type_, address, request.urn, unique, inputs, outputs))
        except AlreadyExistsError as error:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, str(error))
        return provider_pb2.CreateResponse(id=identifier, properties=encode(outputs))

    def Update(  # noqa: N802
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        """Change a resource in place: new inputs, what the cloud computed stays."""
        type_ = _token(request.urn)
        schema = self._schema(type_, context)
        news, olds, old_inputs = decode(request.news), decode(request.olds), decode(request.old_inputs)
        stays = {name: value for name, value in olds.items() if name not in old_inputs or name in news}
        outputs = {**stays, **news, **self._cloud.content(type_, news), **self._cloud.tags(schema, news)}
        if not request.preview:
            _may(type_, "update", context)
            address = self._cloud.address(type_, request.id, outputs)
            self._world.update(type_, address, request.urn, news, outputs)
        return provider_pb2.UpdateResponse(properties=encode(outputs))

    def Read(  # noqa: N802
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        """What the world has; a resource that it does not have is answered with no id, so refresh drops it."""
        type_ = _token(request.urn)
        _may(type_, "read", context)
        thing = self._world.find(type_, self._cloud.address(type_, request.id, decode(request.properties)))
        if thing is None:
            if self._world.complete:
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
        marks = {name: value for name, value in _with_marks(request.inputs).items() if name.startswith("__")}
        return provider_pb2.ReadResponse(
            id=request.id, properties=encode(thing.outputs), inputs=encode({**thing.inputs, **marks})
        )

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Remove a resource from the world, unless the cloud would protect it; `skipDestroy` leaves it there."""
        type_, properties = _token(request.urn), decode(request.properties)
        if properties.get("skipDestroy") is True:
            return Empty()
        _may(type_, "delete", context)
        try:
            self._cloud.may_delete(type_, properties)
        except RefusedError as error:
            _abort(context, str(error))
        self._world.delete(type_, self._cloud.address(type_, request.id, properties), request.urn)
        return Empty()

    def Invoke(  # noqa: N802
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        """A data source; one that the stand-in does not know is an error that names it."""
        try:
            answer = self._cloud.invoke(request.tok, decode(request.args), self._world)
        except RefusedError as error:
            _abort(context, str(error))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(answer))  # the field's name is a keyword of Python
        return response


def _told(failures: list[Failure]) -> list[provider_pb2.CheckFailure]:
    """Failures as messages. The path is in the text: of a failure with a path, the engine shows the value, secret or not."""
    return [provider_pb2.CheckFailure(reason=f"{item.path} {item.reason}") for item in failures]


def _with_marks(struct: Struct) -> Properties:
    """Properties with the bridge's own marks, which `decode` drops."""
    marks = struct.fields.get(naming.DEFAULTS)
    values = [item.string_value for item in marks.list_value.values] if marks else []
    return {**decode(struct), naming.DEFAULTS: list(values)}


def _detail(change: changes.Change) -> provider_pb2.PropertyDiff:
    name = change.kind.upper() + ("_REPLACE" if change.replaces else "")
    return provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.Value(name), inputDiff=True)


def serve(cloud: Cloud) -> None:
    """Serve until the engine ends or is gone."""
    servicer = StandIn(cloud, World.of_environment())
    plugin.serve(partial(provider_pb2_grpc.add_ResourceProviderServicer_to_server, servicer))
