#include "common/base/enum_text.h"

#include <cctype>

namespace quern {
namespace {

// The house rule for protos: the zero value is PREFIX_UNSPECIFIED.
size_t PrefixSize(const google::protobuf::EnumDescriptor& type) {
  constexpr std::string_view kZero = "UNSPECIFIED";
  return type.value(0)->name().size() - kZero.size();
}

}  // namespace

std::string EnumText(const google::protobuf::EnumDescriptor& type, int value) {
  if (value == 0) return {};
  const google::protobuf::EnumValueDescriptor* const known = type.FindValueByNumber(value);
  if (known == nullptr) return std::to_string(value);
  std::string text = known->name().substr(PrefixSize(type));
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::optional<int> EnumValue(const google::protobuf::EnumDescriptor& type, std::string_view text) {
  if (text.empty()) return 0;
  for (int i = 0; i < type.value_count(); ++i) {
    if (EnumText(type, type.value(i)->number()) == text) return type.value(i)->number();
  }
  return std::nullopt;
}

}  // namespace quern
