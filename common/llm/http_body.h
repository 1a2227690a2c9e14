#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace quern::llm {

// The body of a request, in three parts of which the one in the middle is shared: it is long and the same in many
// requests, and none of them copies it.
struct HttpBody {
  HttpBody() = default;
  // A body like any other; implicit, as most are one text.
  HttpBody(std::string text) : before(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  HttpBody(const char* text) : before(text) {}             // NOLINT(google-explicit-constructor)

  std::array<std::string_view, 3> parts() const {
    return {before, shared == nullptr ? std::string_view() : std::string_view(*shared), after};
  }
  size_t size() const { return before.size() + (shared == nullptr ? 0 : shared->size()) + after.size(); }
  // Copies nothing where all of it is in the first part.
  std::string Joined() && {
    std::string whole = std::move(before);
    if (shared != nullptr) whole.append(*shared);
    return after.empty() ? whole : whole.append(after);
  }

  std::string before;
  // Null: nothing.
  std::shared_ptr<const std::string> shared;
  std::string after;
};

}  // namespace quern::llm
