#include "common/base/config/spec_difference.h"

#include <google/protobuf/util/message_differencer.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/config/job_spec.h"

namespace quern::config {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using FieldPath = std::vector<MessageDifferencer::SpecificField>;

constexpr size_t kMostNamed = 5;

std::string PathText(const FieldPath& path) {
  std::string text;
  for (const MessageDifferencer::SpecificField& step : path) {
    absl::StrAppend(&text, text.empty() ? "" : ".", step.field->name());
    // Only one of the two has it where an element was added or removed.
    const int index = step.index >= 0 ? step.index : step.new_index;
    if (step.field->is_repeated() && index >= 0) absl::StrAppend(&text, "[", index, "]");
  }
  return text;
}

class FieldNames : public MessageDifferencer::Reporter {
 public:
  void ReportAdded(const Message&, const Message&, const FieldPath& path) override { names_.push_back(PathText(path)); }
  void ReportDeleted(const Message&, const Message&, const FieldPath& path) override {
    names_.push_back(PathText(path));
  }
  // Of a message that holds what differs it is told after its fields.
  void ReportModified(const Message&, const Message&, const FieldPath& path) override {
    const bool holds_others = path.back().field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
    if (!holds_others) names_.push_back(PathText(path));
  }

  std::string Text() const {
    if (names_.size() <= kMostNamed) return absl::StrJoin(names_, ", ");
    return absl::StrCat(absl::StrJoin(names_.begin(), names_.begin() + kMostNamed, ", "), " and ",
                        names_.size() - kMostNamed, " more");
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace

std::string SpecDifference(const v1::JobSpec& one, const v1::JobSpec& other) {
  FieldNames names;
  MessageDifferencer differencer;
  differencer.ReportDifferencesTo(&names);
  differencer.Compare(SpecIdentity(one), SpecIdentity(other));
  return names.Text();
}

}  // namespace quern::config
