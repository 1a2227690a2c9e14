#include "common/dataset/json_metadata.h"

#include <string>

#include "common/dataset/input_limits.h"

namespace quern::dataset {
namespace {

// From here on, not every integer is a double.
constexpr int64_t kExactIntegers = int64_t{1} << 53;

}  // namespace

bool MetadataBuilder::Count(size_t bytes) {
  bytes_ += bytes;
  ++values_;
  return values_ <= kMaxMetadataValues && bytes_ <= kMaxMetadataBytes;
}

MetadataBuilder::Result MetadataBuilder::Add(std::string_view key, simdjson::dom::element value) {
  return AddField(metadata_, key, value, 1);
}

MetadataBuilder::Result MetadataBuilder::AddField(google::protobuf::Struct* object, std::string_view key,
                                                  simdjson::dom::element value, int depth) {
  if (!Count(key.size())) return Result::kTooLarge;
  const std::string name(key);
  if (object->fields().contains(name)) return Result::kDuplicateKey;
  return Copy(value, &(*object->mutable_fields())[name], depth);
}

MetadataBuilder::Result MetadataBuilder::CopyText(std::string_view text, google::protobuf::Value* copy) {
  if (!Count(text.size())) return Result::kTooLarge;
  copy->set_string_value(text.data(), text.size());
  return Result::kAdded;
}

MetadataBuilder::Result MetadataBuilder::Copy(simdjson::dom::element value, google::protobuf::Value* copy, int depth) {
  using Type = simdjson::dom::element_type;
  const Type type = value.type();
  if (depth >= kMaxMetadataDepth && (type == Type::OBJECT || type == Type::ARRAY)) {
    return CopyText(simdjson::minify(value), copy);
  }
  switch (type) {
    case Type::OBJECT:
      copy->mutable_struct_value();
      for (const auto field : simdjson::dom::object(value)) {
        const Result result = AddField(copy->mutable_struct_value(), field.key, field.value, depth + 1);
        if (result != Result::kAdded) return result;
      }
      return Result::kAdded;
    case Type::ARRAY:
      copy->mutable_list_value();
      for (const auto element : simdjson::dom::array(value)) {
        if (!Count(0)) return Result::kTooLarge;
        const Result result = Copy(element, copy->mutable_list_value()->add_values(), depth + 1);
        if (result != Result::kAdded) return result;
      }
      return Result::kAdded;
    case Type::STRING:
      return CopyText(std::string_view(value), copy);
    case Type::INT64: {
      const auto number = int64_t(value);
      if (number > kExactIntegers || number < -kExactIntegers) return CopyText(std::to_string(number), copy);
      copy->set_number_value(static_cast<double>(number));
      return Result::kAdded;
    }
    case Type::UINT64:  // Only what no int64 holds.
      return CopyText(std::to_string(uint64_t(value)), copy);
    case Type::DOUBLE:
      saw_fraction_ = true;
      copy->set_number_value(double(value));
      return Result::kAdded;
    case Type::BOOL:
      copy->set_bool_value(bool(value));
      return Result::kAdded;
    case Type::NULL_VALUE:
      copy->set_null_value(google::protobuf::NULL_VALUE);
      return Result::kAdded;
  }
  return Result::kAdded;
}

}  // namespace quern::dataset
