#pragma once

#include "common/llm/completion.h"

namespace quern::llm {

// Moves what a model thought aloud from the front of `completion->text` to its reasoning: a leading <think> or
// <thinking> block (vLLM, SGLang, llama.cpp and Ollama without a reasoning parser), one that never closes (the reply
// was cut: no text is left), or one that never opened, because the chat template had written "<think>" (DeepSeek R1,
// QwQ).
void SplitThinking(Completion* completion);

}  // namespace quern::llm
