#include <gtest/gtest.h>

#include "tests/unit/common/llm_reply/replies.h"

namespace quern::llm {
namespace {

using Verdict = Reading::Verdict;

struct ChatRow {
  const char* name;
  std::string message;
  std::string finish;
  Verdict verdict;
  const char* reason;
  const char* text;
  const char* reasoning;
};

void ExpectRows(const std::vector<ChatRow>& rows) {
  for (const ChatRow& row : rows) {
    const Reading reading = ReadAnswered(200, Chat(row.message, row.finish));
    EXPECT_EQ(reading.verdict, row.verdict) << row.name << ": " << reading.message;
    EXPECT_EQ(reading.reason, row.reason) << row.name;
    EXPECT_EQ(reading.completion.text, row.text) << row.name;
    EXPECT_EQ(reading.completion.reasoning, row.reasoning) << row.name;
    EXPECT_EQ(reading.ambiguous, row.verdict == Verdict::kBroken) << row.name;
    EXPECT_EQ(reading.completion.usage.input, 90u) << row.name << ": it costs money whatever it is worth";
  }
}

TEST(CompletionReplyTest, ReadsContentInEveryForm) {
  ExpectRows({
      {"text", R"({"role":"assistant","content":"Hi","refusal":null})", R"("stop")", Verdict::kComplete, "", "Hi", ""},
      {"no finish_reason yet", R"({"content":"Hi"})", "null", Verdict::kComplete, "", "Hi", ""},
      {"an unknown finish_reason", R"({"content":"Hi"})", R"("eos_token")", Verdict::kComplete, "", "Hi", ""},
      {"finish_reason is a number", R"({"content":"Hi"})", "7", Verdict::kComplete, "", "Hi", ""},
      {"parts", R"({"content":[{"type":"text","text":"H"},{"type":"image_url"},{"type":"text","text":"i"}]})", "null",
       Verdict::kComplete, "", "Hi", ""},
      {"Mistral's thoughts",
       R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"Hi"}]})",
       R"("stop")", Verdict::kComplete, "", "Hi", "hm"},
      {"vLLM, DeepSeek", R"({"content":"Hi","reasoning_content":"hm"})", R"("stop")", Verdict::kComplete, "", "Hi",
       "hm"},
      {"Ollama, OpenRouter", R"({"content":"Hi","reasoning":"hm"})", R"("stop")", Verdict::kComplete, "", "Hi", "hm"},
      {"both names for one thought", R"({"content":"Hi","reasoning":"hm","reasoning_content":"hm"})", R"("stop")",
       Verdict::kComplete, "", "Hi", "hm"},
      {"text beside an empty list of tools", R"({"content":"Hi","tool_calls":[]})", R"("stop")", Verdict::kComplete, "",
       "Hi", ""},
      {"text beside a tool call", R"({"content":"Hi","tool_calls":[{"id":"1"}]})", R"("tool_calls")",
       Verdict::kComplete, "", "Hi", ""},
  });
}

TEST(CompletionReplyTest, JudgesTheFinishBeforeTheContent) {
  ExpectRows({
      {"cut", R"({"content":"Hi th"})", R"("length")", Verdict::kTruncated, "", "Hi th", ""},
      {"cut, Anthropic", R"({"content":"Hi th"})", R"("max_tokens")", Verdict::kTruncated, "", "Hi th", ""},
      {"cut, Gemini", R"({"content":"Hi th"})", R"("MAX_TOKENS")", Verdict::kTruncated, "", "Hi th", ""},
      {"cut while thinking", R"({"content":null,"reasoning_content":"hm"})", R"("length")", Verdict::kTruncated, "", "",
       "hm"},
      {"filtered", R"({"content":"Hi"})", R"("content_filter")", Verdict::kRefused, "CONTENT_FILTERED", "Hi", ""},
      {"filtered before a word", R"({"content":null})", R"("content_filter")", Verdict::kRefused, "CONTENT_FILTERED",
       "", ""},
      {"refused", R"({"content":null,"refusal":"I won't"})", R"("stop")", Verdict::kRefused, "MODEL_REFUSED", "I won't",
       ""},
      {"a tool call", R"({"content":null,"tool_calls":[{"id":"1","type":"function"}]})", R"("tool_calls")",
       Verdict::kBroken, "UNASKED_TOOL_CALL", "", ""},
      {"a function call", R"({"content":"","function_call":{"name":"f"}})", R"("function_call")", Verdict::kBroken,
       "UNASKED_TOOL_CALL", "", ""},
      {"null", R"({"content":null})", R"("stop")", Verdict::kBroken, "NULL_CONTENT", "", ""},
      {"no content", R"({"role":"assistant"})", R"("stop")", Verdict::kBroken, "NULL_CONTENT", "", ""},
      {"empty", R"({"content":""})", R"("stop")", Verdict::kBroken, "NULL_CONTENT", "", ""},
      {"thoughts alone", R"({"content":null,"reasoning":"hm"})", R"("stop")", Verdict::kBroken, "NULL_CONTENT", "",
       "hm"},
      {"no parts", R"({"content":[]})", R"("stop")", Verdict::kBroken, "NULL_CONTENT", "", ""},
      {"content is a number", R"({"content":5})", R"("stop")", Verdict::kBroken, "NULL_CONTENT", "", ""},
      {"message is null", "null", R"("stop")", Verdict::kBroken, "NULL_CONTENT", "", ""},
      {"vLLM was stopped", R"({"content":"Hi th"})", R"("abort")", Verdict::kBroken, "NOT_A_COMPLETION", "Hi th", ""},
  });
}

TEST(CompletionReplyTest, SplitsThoughtsFromTheText) {
  ExpectRows({
      {"think", R"({"content":"<think>\nhm\n</think>\n\nHi"})", R"("stop")", Verdict::kComplete, "", "Hi", "hm"},
      {"blanks before", R"({"content":"\n<think>hm</think>Hi"})", R"("stop")", Verdict::kComplete, "", "Hi", "hm"},
      {"empty thought, Qwen", R"({"content":"<think>\n\n</think>\n\nHi"})", R"("stop")", Verdict::kComplete, "", "Hi",
       ""},
      {"thinking", R"({"content":"<thinking>hm</thinking>Hi"})", R"("stop")", Verdict::kComplete, "", "Hi", "hm"},
      {"never opened", R"({"content":"hm\n</think>\n\nHi"})", R"("stop")", Verdict::kComplete, "", "Hi", "hm"},
      {"never opened, then JSON", R"({"content":"hm</think>{\"a\":1}"})", R"("stop")", Verdict::kComplete, "",
       "{\"a\":1}", "hm"},
      {"never closed, cut", R"({"content":"<think>hm, let"})", R"("length")", Verdict::kTruncated, "", "", "hm, let"},
      {"never closed", R"({"content":"<think>hm"})", R"("stop")", Verdict::kBroken, "NULL_CONTENT", "", "hm"},
      {"nothing behind", R"({"content":"<think>hm</think>\n"})", R"("stop")", Verdict::kBroken, "NULL_CONTENT", "",
       "hm"},
      {"JSON that quotes the tag", R"({"content":"{\"a\":\"x\\n</think>\\ny\"}"})", R"("stop")", Verdict::kComplete, "",
       R"({"a":"x\n</think>\ny"})", ""},
      {"a text about the tag", R"({"content":"R1 writes </think> before its answer."})", R"("stop")",
       Verdict::kComplete, "", "R1 writes </think> before its answer.", ""},
      {"a text with a block inside", R"({"content":"So: <think>\nhm\n</think>\nis it"})", R"("stop")",
       Verdict::kComplete, "", "So: <think>\nhm\n</think>\nis it", ""},
  });
}

TEST(CompletionReplyTest, KeepsWhatTheServerSaysOfItself) {
  const Completion completion = ReadAnswered(200, Chat(R"({"content":"Hi"})")).completion;
  EXPECT_EQ(completion.model, "m-1");
  EXPECT_EQ(completion.finish_reason, "stop");
  EXPECT_EQ(ReadAnswered(200, Chat(R"({"content":"x"})", '"' + std::string(5000, 'r') + '"')).completion.finish_reason,
            std::string(64, 'r'))
      << "a metric's label stays short";
}

struct UsageRow {
  const char* name;
  std::string usage;
  uint64_t input, cached, output;
  bool estimated;
};

TEST(CompletionReplyTest, CountsTokensInEveryForm) {
  // The prompt has 401 bytes: 101 tokens when guessed. The reply has 6: 2.
  const UsageRow rows[] = {
      {"OpenAI", R"({"prompt_tokens":90,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":64}})", 90, 64,
       7, false},
      {"vLLM without details", R"({"prompt_tokens":90,"completion_tokens":7,"prompt_tokens_details":null})", 90, 0, 7,
       false},
      {"DeepSeek", R"({"prompt_tokens":90,"completion_tokens":7,"prompt_cache_hit_tokens":64})", 90, 64, 7, false},
      {"Moonshot", R"({"prompt_tokens":90,"completion_tokens":7,"cached_tokens":64})", 90, 64, 7, false},
      {"Anthropic", R"({"input_tokens":90,"output_tokens":7})", 90, 0, 7, false},
      {"fractions", R"({"prompt_tokens":90.0,"completion_tokens":7.0})", 90, 0, 7, false},
      {"total", R"({"prompt_tokens":90,"total_tokens":97})", 90, 0, 7, false},
      {"more cached than sent", R"({"prompt_tokens":90,"completion_tokens":7,"cached_tokens":1000})", 90, 90, 7, false},
      {"none", "null", 101, 0, 2, true},
      {"empty", "{}", 101, 0, 2, true},
      {"a list", "[]", 101, 0, 2, true},
      {"half", R"({"prompt_tokens":90})", 90, 0, 2, true},
      {"negative", R"({"prompt_tokens":-90,"completion_tokens":-1,"cached_tokens":-5})", 101, 0, 2, true},
      {"absurd", R"({"prompt_tokens":1e300,"completion_tokens":1099511627777})", 101, 0, 2, true},
      {"text", R"({"prompt_tokens":"90","completion_tokens":7})", 101, 0, 7, true},
      {"Ollama's 0 for a cached prompt", R"({"prompt_tokens":0,"completion_tokens":7})", 101, 0, 7, true},
  };
  for (const UsageRow& row : rows) {
    const std::string body = Chat(R"({"content":"Hi!","reasoning":"Hm."})", R"("stop")", row.usage);
    const Reading reading = ReadReply(Answered(200, body), 401, kReplyTime);
    ASSERT_EQ(reading.verdict, Verdict::kComplete) << row.name;
    const Usage& usage = reading.completion.usage;
    EXPECT_EQ(usage.input, row.input) << row.name;
    EXPECT_EQ(usage.cached, row.cached) << row.name;
    EXPECT_EQ(usage.output, row.output) << row.name;
    EXPECT_EQ(usage.estimated, row.estimated) << row.name;
  }
}

}  // namespace
}  // namespace quern::llm
