#include "clients/cli/conversion_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/console.h"
#include "clients/cli/units.h"

namespace quern::cli {
namespace {

constexpr size_t kTextBytes = 300;

std::string RejectionText(const v1::Rejection& rejection) {
  std::string text = absl::StrCat("rejected: ", rejection.reason());
  if (rejection.has_value() && rejection.has_threshold()) {
    absl::StrAppendFormat(&text, " (measured %g, threshold %g)", rejection.value(), rejection.threshold());
  }
  if (!rejection.message().empty()) absl::StrAppend(&text, ": ", Printable(rejection.message(), kTextBytes));
  return text + "\n";
}

std::string ChecksText(const v1::VerifyQuestionResponse& verifier) {
  std::string text;
  for (const v1::Check& check : verifier.checks()) {
    absl::StrAppendFormat(&text, "      %s %s%s\n", check.passed() ? "passed" : "FAILED", check.name(),
                          check.detail().empty() ? "" : ": " + Printable(check.detail(), kTextBytes));
  }
  return text;
}

std::string ItemText(const v1::ConvertedItem& item, int ordinal) {
  std::string text = absl::StrFormat("  %d. %s\n", ordinal + 1, Printable(item.persona().description(), kTextBytes));
  if (item.generator().has_rejection()) {
    return absl::StrCat(text, "    generator  ", RejectionText(item.generator().rejection()));
  }
  const v1::QuestionAnswer& pair = item.generator().question_answer();
  absl::StrAppend(&text, "    question   ", Printable(pair.question(), kTextBytes), "\n    answer     ",
                  Printable(pair.answer(), kTextBytes), "\n");
  if (!pair.rule().empty()) absl::StrAppend(&text, "    rule       ", pair.rule(), "\n");
  if (!item.has_verifier()) return text;
  absl::StrAppend(&text, "    verifier   ",
                  item.verifier().has_rejection() ? RejectionText(item.verifier().rejection()) : "passed: a record\n",
                  ChecksText(item.verifier()));
  return text;
}

}  // namespace

std::string ConversionText(const v1::ConvertDocumentResponse& response) {
  const v1::Document& document = response.document();
  std::string text = absl::StrCat("document ", Printable(document.id(), kTextBytes),
                                  document.title().empty() ? "" : " · " + Printable(document.title(), kTextBytes),
                                  " · ", Bytes(document.text().size()), "\n");
  if (response.filter().has_rejection()) {
    return absl::StrCat(text, "filter   ", RejectionText(response.filter().rejection()));
  }
  absl::StrAppendFormat(&text, "filter   kept: language %s, score %.2f\n", response.filter().kept().language(),
                        response.filter().kept().language_score());
  if (response.persona().has_rejection()) {
    return absl::StrCat(text, "persona  ", RejectionText(response.persona().rejection()));
  }
  absl::StrAppend(&text, "persona  domain ", Printable(response.persona().assignment().domain(), kTextBytes), "\n");
  for (int i = 0; i < response.items_size(); ++i) absl::StrAppend(&text, ItemText(response.items(i), i));
  return text;
}

}  // namespace quern::cli
