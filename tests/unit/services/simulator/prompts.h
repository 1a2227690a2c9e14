#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace quern::simulator {

inline constexpr char kBoron[] =
    "Boron is a chemical element. Boron was discovered by Louis Joseph Gay-Lussac in 1808. The atomic weight of boron "
    "is 10.811.";

// A prompt as Quern's stages word them: a document, then a task.
inline std::string PromptOf(const std::string& document, const std::string& task, const std::string& title = "Boron") {
  return "You read documents.\n[document 5f3a9c1e]\n" + (title.empty() ? "" : "Title: " + title + "\n\n") + document +
         "\n[end of document 5f3a9c1e]\n" + task;
}

// The body of a request for it; `schema` may be "".
inline nlohmann::json BodyOf(const std::string& prompt, const std::string& schema) {
  nlohmann::json body = {{"model", "m"}, {"messages", {{{"role", "user"}, {"content", prompt}}}}};
  if (!schema.empty()) {
    body["response_format"] = {{"type", "json_schema"}, {"json_schema", {{"name", schema}}}};
  }
  return body;
}

}  // namespace quern::simulator
