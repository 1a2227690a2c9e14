#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace quern::cli {

// A message as JSON with the field names of the .proto files, on one line or indented. Fields that have their default
// value are left out. (Rows of a dataset have a form of their own: common/dataset/row_json.h.)
std::string ProtoJson(const google::protobuf::Message& message, bool indented = false);

}  // namespace quern::cli
