#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/config/faults.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace quern::config {

// A field in its message.
struct Place {
  google::protobuf::Message* message;
  const google::protobuf::FieldDescriptor* field;
};

// The field that a dotted path names, its blocks made where they are missing. Nullopt and a fault when there is none.
std::optional<Place> FindField(std::string_view path, google::protobuf::Message* message, Faults* faults);

// Calls `visit` with the path of every field that is no block, in the order of the .proto file.
void ForEachLeaf(
    const google::protobuf::Descriptor& type,
    const std::function<void(const std::string& path, const google::protobuf::FieldDescriptor& field)>& visit);

// "is not a field of …", with the name that was probably meant.
std::string UnknownField(const google::protobuf::Descriptor& type, std::string_view name);

}  // namespace quern::config
