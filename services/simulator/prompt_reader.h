#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quern::simulator {

// The stage that asks.
enum class PromptStage { kFilter, kPersona, kGenerator, kVerifier, kAnswer };

// "filter", "persona", "generator", "verifier", "answer".
std::string_view StageText(PromptStage stage);

// What stands in a prompt. Views into it; "" what is not there.
struct Prompt {
  PromptStage stage = PromptStage::kAnswer;
  // The eight hexadecimal digits of the lines around the document.
  std::string_view mark;
  std::string_view title;
  std::string_view document;
  // Of the task, which follows the document: the last lines that begin with "Domains:", "Persona:", "Question:" and
  // "Answer:".
  std::string_view domains;
  std::string_view persona;
  std::string_view question;
  std::string_view answer;
  // Which of the persona's questions is wanted, from 0: "Write number 1." is the first.
  size_t which = 0;

  bool has_document() const { return !mark.empty(); }
};

// Takes the prompt of a Quern stage apart. The document stands between the lines "[document 5f3a9c1e]" and "[end of
// document 5f3a9c1e]"; its first line may be "Title: ...", with an empty line after it. `schema_name` tells the stage;
// where it does not, the keys that the task names do. Reads any text: what is not found stays empty.
Prompt ReadPrompt(std::string_view task, std::string_view schema_name);

// The domain to answer with: the one that was found in the document where the prompt has it among its own ("Law;
// Finance; Other") or names none, else Other, else one of its own.
std::string DomainOf(const Prompt& prompt, const std::string& found);

}  // namespace quern::simulator
