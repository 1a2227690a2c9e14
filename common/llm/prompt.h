#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "quern/v1/document.pb.h"

namespace quern::llm {

// The beginning of every prompt about a document, the same to the byte in all of them: a server that caches prefixes
// reads the document once. The document stands between marks that carry a hash of its text. What could pass for the
// second mark, and role tokens (such as "<|im_start|>"), which a server could take for its own, are broken up by a
// space.
std::string DocumentFrame(const v1::Document& document);

// A stage's task, with variables written {{name}}. Immutable.
class PromptTemplate {
 public:
  // `known`: what the task may name; `required`: what it must. INVALID_ARGUMENT, reason INVALID_SPEC: an unknown or
  // missing variable, or "{{" without its end.
  static absl::StatusOr<PromptTemplate> Parse(std::string_view text, const std::vector<std::string_view>& known,
                                              const std::vector<std::string_view>& required);

  // A value stands as it is. A variable without one is empty.
  using Values = std::vector<std::pair<std::string_view, std::string>>;
  std::string Fill(const Values& values) const;
  void AppendFilled(const Values& values, std::string* out) const;

 private:
  // Literal text, then the variable after it; the last one has none.
  struct Piece {
    std::string text;
    std::string variable;
  };
  std::vector<Piece> pieces_;
};

// A value on one line: white space of any length becomes one space. For what a model wrote and another prompt quotes,
// so that it cannot add lines of its own.
std::string OneLine(std::string_view value);

}  // namespace quern::llm
