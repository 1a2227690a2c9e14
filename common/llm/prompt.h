#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace quern::llm {

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
