#include "services/verifier/verifier.h"

#include <functional>
#include <utility>

#include "services/verifier/checks.h"

namespace quern::verifier {
namespace {

struct NamedCheck {
  std::string_view name;
  std::string_view reason;
  std::string_view message;
  std::function<bool(std::string&)> run;
};

// Rules of grammar and grounding fit questions that rules made; of a model's they would turn away good ones, and
// another model judges those. What the rules for self-containment say of texts is all that is left of them then.
bool RunsFor(bool model_judges, std::string_view check) {
  const bool of_rules =
      check == "grounded" || check == "self_contained" || check == "well_formed" || check == "unambiguous";
  return model_judges ? !of_rules : check != kNamesNoText;
}

}  // namespace

Verdict Verify(const v1::Document& document, const v1::QuestionAnswer& pair, const Options& options,
               const ContaminationIndex* evaluation_sets) {
  Verdict verdict;
  verdict.pair = pair;
  v1::QuestionAnswer& checked = verdict.pair;
  const NamedCheck checks[] = {
      {"grounded", "NOT_GROUNDED", "the answer does not stand in the document",
       [&](std::string& detail) { return CheckGrounded(document, checked, detail); }},
      {"answer_typed", "ANSWER_UNTYPED", "the answer holds no word and no number",
       [&](std::string& detail) { return CheckAnswerTyped(checked, detail); }},
      {"not_leaked", "ANSWER_LEAKED", "the question gives its answer away",
       [&](std::string& detail) { return CheckNotLeaked(checked, options.max_leaked_share, detail); }},
      {kNamesNoText, "MENTIONS_TEXT", "the question speaks of a text that its reader does not have",
       [&](std::string& detail) { return CheckNamesNoText(checked, detail); }},
      {"self_contained", "NOT_SELF_CONTAINED", "the question needs the document to be understood",
       [&](std::string& detail) { return CheckSelfContained(checked, detail); }},
      {"well_formed", "ILL_FORMED", "the question is no well-formed question",
       [&](std::string& detail) { return CheckWellFormed(checked, detail); }},
      {"length", "BAD_LENGTH", "question or answer is too short or too long",
       [&](std::string& detail) { return CheckLength(checked, options, detail); }},
      {"unambiguous", "AMBIGUOUS", "the document holds another value that fits the question",
       [&](std::string& detail) { return CheckUnambiguous(document, checked, detail); }},
      {kDecontaminated, "CONTAMINATED", "the question stands in an evaluation set",
       [&](std::string& detail) { return CheckDecontaminated(checked, *evaluation_sets, detail); }},
  };
  for (const NamedCheck& named : checks) {
    if (options.Skips(named.name) || !RunsFor(options.model_judges, named.name)) continue;
    if (evaluation_sets == nullptr && named.name == kDecontaminated) continue;
    v1::Check& check = verdict.checks.emplace_back();
    check.set_name(std::string(named.name));
    std::string detail;
    check.set_passed(named.run(detail));
    check.set_detail(std::move(detail));
    if (!check.passed()) {
      verdict.reason = named.reason;
      verdict.message = std::string(named.message) + (check.detail().empty() ? "" : ": " + check.detail());
      return verdict;
    }
  }
  verdict.passed = true;
  return verdict;
}

const std::vector<std::string_view>& CheckNames() {
  static const std::vector<std::string_view> names = {"grounded",   "answer_typed",   "not_leaked",
                                                      kNamesNoText, "self_contained", "well_formed",
                                                      "length",     "unambiguous",    kDecontaminated};
  return names;
}

}  // namespace quern::verifier
