#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/base/config/faults.h"
#include "google/protobuf/message.h"

namespace quern::config {

// Maps YAML onto protobuf messages after the rules of protobuf's JSON mapping, with the names of the .proto file, and
// with three additions: durations and fields that count bytes (max_shard_bytes) carry units ("30s", "64MiB"), and an
// enum's value may leave out its prefix, in any case ("extractive" for ENGINE_EXTRACTIVE). Every fault is collected,
// not only the first one.

// Told the path of each field that was set.
using OnSet = std::function<void(const std::string& path)>;

// Merges a YAML document into `message`; fields that it does not name stay. An empty document sets nothing.
void MergeYaml(std::string_view yaml, google::protobuf::Message* message, Faults* faults, const OnSet& on_set = {});

// Sets the field at `path` ("redis.url") from text as a person types it on a command line. Lists and maps are written
// in YAML's flow style: [a, b].
void SetField(std::string_view path, std::string_view value, google::protobuf::Message* message, Faults* faults);

}  // namespace quern::config
