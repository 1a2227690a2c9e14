#pragma once

#include <optional>
#include <string_view>

#include "google/protobuf/descriptor.h"

namespace quern::dataset {

// The value that EnumText wrote as `text`; nothing when the type has none of that name.
std::optional<int> EnumValue(const google::protobuf::EnumDescriptor& type, std::string_view text);

}  // namespace quern::dataset
