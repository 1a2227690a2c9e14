#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string_view>

#include "google/protobuf/struct.pb.h"

namespace quern::dataset {

// Copies JSON values into a google.protobuf.Struct under the limits of input_limits.h. One for each document.
// Not thread-safe.
class MetadataBuilder {
 public:
  enum class Result { kAdded, kDuplicateKey, kTooLarge };

  explicit MetadataBuilder(google::protobuf::Struct* metadata) : metadata_(metadata) {}

  // Adds one top-level field. Integers beyond 2^53 become strings of their digits, values below kMaxMetadataDepth
  // strings of their JSON.
  Result Add(std::string_view key, simdjson::dom::element value);

  // True when a fraction was added: a double may have changed it, which only the line's text can tell (QuoteNumbers).
  bool saw_fraction() const { return saw_fraction_; }

 private:
  Result AddField(google::protobuf::Struct* object, std::string_view key, simdjson::dom::element value, int depth);
  Result Copy(simdjson::dom::element value, google::protobuf::Value* copy, int depth);
  Result CopyText(std::string_view text, google::protobuf::Value* copy);
  bool Count(size_t bytes);

  google::protobuf::Struct* const metadata_;
  size_t values_ = 0;
  size_t bytes_ = 0;
  bool saw_fraction_ = false;
};

}  // namespace quern::dataset
