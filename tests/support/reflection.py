"""A gRPC client that knows nothing of Quern: all it learns, it learns from the server's reflection service."""

import queue

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FIELD = descriptor_pb2.FieldDescriptorProto


def _reflection_messages():
    """grpc.reflection.v1alpha, as far as it is needed here (the public protocol's field numbers)."""
    file = descriptor_pb2.FileDescriptorProto(name="reflection.proto", package="grpc.reflection.v1alpha", syntax="proto3")

    def message(name, *fields):
        described = file.message_type.add(name=name)
        for field, number, kind, label, type_name in fields:
            described.field.add(name=field, number=number, type=kind, label=label,
                                type_name=type_name and f".grpc.reflection.v1alpha.{type_name}")

    one, many = _FIELD.LABEL_OPTIONAL, _FIELD.LABEL_REPEATED
    message("ServerReflectionRequest", ("file_containing_symbol", 4, _FIELD.TYPE_STRING, one, None),
            ("list_services", 7, _FIELD.TYPE_STRING, one, None))
    message("FileDescriptorResponse", ("file_descriptor_proto", 1, _FIELD.TYPE_BYTES, many, None))
    message("ServiceResponse", ("name", 1, _FIELD.TYPE_STRING, one, None))
    message("ListServiceResponse", ("service", 1, _FIELD.TYPE_MESSAGE, many, "ServiceResponse"))
    message("ServerReflectionResponse",
            ("file_descriptor_response", 4, _FIELD.TYPE_MESSAGE, one, "FileDescriptorResponse"),
            ("list_services_response", 6, _FIELD.TYPE_MESSAGE, one, "ListServiceResponse"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: _message_class(pool, f"grpc.reflection.v1alpha.{name}")
            for name in ("ServerReflectionRequest", "ServerReflectionResponse")}


def _message_class(pool, name):
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName(name))


class ForeignClient:
    """Lists a server's services and calls unary methods by name, with plain dictionaries built into messages."""

    def __init__(self, address):
        self._channel = grpc.insecure_channel(address)
        self._pool = descriptor_pool.DescriptorPool()
        self._messages = _reflection_messages()
        self._known = set()

    def close(self):
        self._channel.close()

    def wait_until_ready(self, seconds):
        grpc.channel_ready_future(self._channel).result(timeout=seconds)

    def _ask(self, **request):
        call = self._channel.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            request_serializer=self._messages["ServerReflectionRequest"].SerializeToString,
            response_deserializer=self._messages["ServerReflectionResponse"].FromString)
        return next(call(iter([self._messages["ServerReflectionRequest"](**request)]), timeout=10))

    def services(self):
        return sorted(service.name for service in self._ask(list_services="*").list_services_response.service)

    def _learn(self, symbol):
        """Adds the files that define `symbol` to the pool, dependencies first."""
        files = {}
        for raw in self._ask(file_containing_symbol=symbol).file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(raw)
            files[file.name] = file

        def add(name):
            if name in self._known or name not in files:
                return
            self._known.add(name)
            for dependency in files[name].dependency:
                add(dependency)
            self._pool.Add(files[name])

        for name in files:
            add(name)

    def _method(self, service, method):
        """The classes of a method's request and response."""
        self._learn(service)
        described = self._pool.FindServiceByName(service).methods_by_name[method]
        return (_message_class(self._pool, described.input_type.full_name),
                _message_class(self._pool, described.output_type.full_name))

    def call(self, service, method, fill, seconds=30):
        """Calls a unary method; `fill(request)` sets the request's fields. Returns the response message."""
        request_class, response_class = self._method(service, method)
        request = request_class()
        fill(request)
        return self._channel.unary_unary(f"/{service}/{method}", request_serializer=lambda m: m.SerializeToString(),
                                         response_deserializer=response_class.FromString)(request, timeout=seconds)

    def responses(self, service, method, fill, seconds=60):
        """Calls a method that answers with a stream; yields its messages."""
        request_class, response_class = self._method(service, method)
        request = request_class()
        fill(request)
        yield from self._channel.unary_stream(f"/{service}/{method}", request_serializer=lambda m: m.SerializeToString(),
                                              response_deserializer=response_class.FromString)(request, timeout=seconds)

    def converse(self, service, method, requests, seconds=60):
        """Calls a method of two streams. `requests(request_class, answers)` yields what to send and may read `answers`, a
        queue of the responses so far. Returns once `requests` has ended."""
        request_class, response_class = self._method(service, method)
        answers = queue.Queue()
        stream = self._channel.stream_stream(f"/{service}/{method}", request_serializer=lambda m: m.SerializeToString(),
                                             response_deserializer=response_class.FromString)
        for answer in stream(requests(request_class, answers), timeout=seconds):
            answers.put(answer)
