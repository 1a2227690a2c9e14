#include "common/base/config/fields.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_view.h"
#include "common/base/config/scalar.h"

namespace quern::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Levenshtein's distance.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
    }
  }
  return row.back();
}

void VisitLeaves(const Descriptor& type, const std::string& prefix,
                 const std::function<void(const std::string&, const FieldDescriptor&)>& visit) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string path = absl::StrCat(prefix, field.name());
    if (IsBlock(field) && !field.is_repeated()) {
      VisitLeaves(*field.message_type(), path + ".", visit);
    } else {
      visit(path, field);
    }
  }
}

}  // namespace

std::optional<Place> FindField(std::string_view path, google::protobuf::Message* message, Faults* faults) {
  const std::vector<std::string> names = absl::StrSplit(AbslView(path), '.');
  for (size_t i = 0;; ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(names[i]);
    if (field == nullptr) {
      faults->Add(path, UnknownField(*message->GetDescriptor(), names[i]));
      return std::nullopt;
    }
    if (i + 1 == names.size()) return Place{message, field};
    if (!IsBlock(*field) || field->is_repeated()) {
      faults->Add(path, absl::StrFormat("%s has no fields within", names[i]));
      return std::nullopt;
    }
    message = message->GetReflection()->MutableMessage(message, field);
  }
}

void ForEachLeaf(const Descriptor& type,
                 const std::function<void(const std::string& path, const FieldDescriptor& field)>& visit) {
  VisitLeaves(type, "", visit);
}

std::string UnknownField(const Descriptor& type, std::string_view name) {
  // A third of its letters wrong is still a slip of the pen.
  size_t best = std::max<size_t>(1, name.size() / 3) + 1;
  std::string_view meant;
  for (int i = 0; i < type.field_count(); ++i) {
    const size_t distance = Distance(name, type.field(i)->name());
    if (distance < best) {
      best = distance;
      meant = type.field(i)->name();
    }
  }
  if (meant.empty()) return "is unknown";
  return absl::StrFormat("is unknown; did you mean %s?", meant);
}

}  // namespace quern::config
