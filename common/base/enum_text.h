#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"

namespace quern {

// Enums as people and the dataset's files read them. Pure functions.

// "filter" for STAGE_NAME_FILTER, "" for zero.
std::string EnumText(const google::protobuf::EnumDescriptor& type, int value);

// The value that EnumText wrote as `text`; nothing when the type has none of that name.
std::optional<int> EnumValue(const google::protobuf::EnumDescriptor& type, std::string_view text);

}  // namespace quern
