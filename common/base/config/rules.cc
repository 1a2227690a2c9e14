#include "common/base/config/rules.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/config/fields.h"
#include "common/base/config/scalar.h"
#include "common/base/config/units.h"

namespace quern::config {
namespace {

// A bound in the field's own units.
std::string BoundText(double bound, const google::protobuf::FieldDescriptor& field) {
  if (field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
    return DurationText(absl::Seconds(bound));
  }
  if (HoldsBytes(field)) return BytesText(static_cast<uint64_t>(bound));
  return absl::StrCat(bound);
}

void CheckBounds(const FieldRule& rule, const Place& place, Faults* faults) {
  const auto value = NumericValue(*place.message, *place.field);
  if (!value || (*value >= rule.min && *value <= rule.max)) return;
  const std::string text = ScalarText(*place.message, *place.field);
  if (std::isinf(rule.max)) {
    faults->Add(rule.path, absl::StrFormat("must be at least %s, not %s", BoundText(rule.min, *place.field), text));
  } else {
    faults->Add(rule.path, absl::StrFormat("must be from %s to %s, not %s", BoundText(rule.min, *place.field),
                                           BoundText(rule.max, *place.field), text));
  }
}

}  // namespace

void ApplyRules(const std::vector<FieldRule>& rules, google::protobuf::Message* message, Faults* faults,
                const OnSet& on_default) {
  for (const FieldRule& rule : rules) {
    const auto place = FindField(rule.path, message, faults);
    if (!place) continue;
    if (place->message->GetReflection()->HasField(*place->message, place->field)) {
      CheckBounds(rule, *place, faults);
    } else if (!rule.default_value.empty()) {
      SetField(rule.path, rule.default_value, message, faults);
      if (on_default) on_default(rule.path);
    }
  }
}

}  // namespace quern::config
