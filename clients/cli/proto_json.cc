#include "clients/cli/proto_json.h"

#include <google/protobuf/util/json_util.h>

namespace quern::cli {

std::string ProtoJson(const google::protobuf::Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = indented;
  std::string json;
  // Fails only for messages that hold google.protobuf.Any of an unknown type, of which Quern has none.
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : "{}";
}

}  // namespace quern::cli
