#include <gtest/gtest.h>

#include "tests/unit/common/llm_reply/replies.h"

namespace quern::llm {
namespace {

using Verdict = Reading::Verdict;

struct RefusalRow {
  const char* name;
  int status;
  std::string body;
  Verdict verdict;
  const char* reason;
  bool ambiguous = false;
};

void ExpectRows(const std::vector<RefusalRow>& rows) {
  for (const RefusalRow& row : rows) {
    const Reading reading = ReadAnswered(row.status, row.body);
    EXPECT_EQ(reading.verdict, row.verdict) << row.name << ": " << reading.message;
    EXPECT_EQ(reading.reason, row.reason) << row.name << ": " << reading.message;
    EXPECT_EQ(reading.ambiguous, row.ambiguous) << row.name;
    EXPECT_FALSE(reading.message.empty()) << row.name;
  }
}

// An error in OpenAI's form.
std::string Error(const std::string& message, const std::string& code, const std::string& type = "x") {
  return R"({"error":{"message":")" + message + R"(","type":")" + type + R"(","param":null,"code":)" + code + "}}";
}

TEST(RefusalTest, LeavesMoneyRightsAndConfigurationToAPerson) {
  const Verdict person = Verdict::kForAPerson;
  ExpectRows({
      {"key", 401, Error("Incorrect API key provided", R"("invalid_api_key")"), person, "KEY_REFUSED"},
      {"vLLM's key", 401, R"({"error":"Unauthorized"})", person, "KEY_REFUSED"},
      {"Azure's key", 401, R"({"error":{"code":"401","message":"Access denied"}})", person, "KEY_REFUSED"},
      {"a key behind 400, xAI", 400, R"({"code":"Client","error":"Incorrect API key provided: xa***"})", person,
       "KEY_REFUSED"},
      {"money", 402, Error("Insufficient Balance", "null"), person, "QUOTA_EXHAUSTED"},
      {"OpenRouter", 402, R"({"error":{"message":"Insufficient credits","code":402}})", person, "QUOTA_EXHAUSTED"},
      {"quota", 429, Error("You exceeded your current quota, please check", R"("insufficient_quota")"), person,
       "QUOTA_EXHAUSTED"},
      {"quota by its type", 429, Error("no", "null", "insufficient_quota"), person, "QUOTA_EXHAUSTED"},
      {"hard limit", 429, Error("no", R"("billing_hard_limit_reached")"), person, "QUOTA_EXHAUSTED"},
      {"quota by its words", 429, R"({"message":"You have not enough credits left"})", person, "QUOTA_EXHAUSTED"},
      {"Anthropic's money", 400,
       R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}})",
       person, "QUOTA_EXHAUSTED"},
      {"LiteLLM's budget", 400, Error("Budget has been exceeded! Current cost: 2", R"("400")", "budget_exceeded"),
       person, "QUOTA_EXHAUSTED"},
      {"rights", 403, Error("Project does not have access", "null"), person, "NO_PERMISSION"},
      {"Cloudflare", 403, "<html><head><title>Attention Required!</title></head></html>", person, "NO_PERMISSION"},
      {"model", 404, Error("The model `x` does not exist", R"("model_not_found")"), person, "MODEL_NOT_FOUND"},
      {"vLLM's model", 404, R"({"object":"error","message":"The model `x` does not exist.","code":404})", person,
       "MODEL_NOT_FOUND"},
      {"another address, FastAPI", 404, R"({"detail":"Not Found"})", person, "MODEL_NOT_FOUND"},
      {"another address, Go", 404, "404 page not found\n", person, "MODEL_NOT_FOUND"},
      {"an address that takes no POST", 405, R"({"detail":"Method Not Allowed"})", person, "MODEL_NOT_FOUND"},
      {"LiteLLM's model", 400, Error("Invalid model name passed in model=x", R"("400")"), person, "MODEL_NOT_FOUND"},
      {"llama.cpp's router", 400, Error("model 'qwen' not found", "400"), person, "MODEL_NOT_FOUND"},
      {"a proxy", 407, "", person, "NO_PERMISSION"},
      {"moved", 301, "<html><title>301 Moved Permanently</title></html>", person, "REDIRECTED"},
      {"see there", 307, "", person, "REDIRECTED"},
  });
  EXPECT_NE(ReadAnswered(404, "").message.find("base URL"), std::string::npos);
}

TEST(RefusalTest, SlowsDownForLimitsAndOverload) {
  const Verdict overloaded = Verdict::kOverloaded;
  ExpectRows({
      {"OpenAI", 429, Error("Rate limit reached for m on tokens per min", R"("rate_limit_exceeded")", "tokens"),
       overloaded, "RATE_LIMITED"},
      {"Azure", 429, R"({"error":{"code":"429","message":"Requests have exceeded call rate limit"}})", overloaded,
       "RATE_LIMITED"},
      {"Azure's gateway", 429, R"({"statusCode":429,"message":"Rate limit is exceeded. Try again in 9 seconds."})",
       overloaded, "RATE_LIMITED"},
      {"nginx", 429, "<html>\r\n<head><title>429 Too Many Requests</title></head></html>", overloaded, "RATE_LIMITED"},
      {"Cloudflare", 429, "error code: 1015", overloaded, "RATE_LIMITED"},
      {"nothing said", 429, "", overloaded, "RATE_LIMITED"},
      {"Gemini's quota of a minute", 429,
       R"([{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED"}}])",
       overloaded, "RATE_LIMITED"},
      {"llama.cpp starts", 503, R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})",
       overloaded, "OVERLOADED"},
      {"Ollama's queue is full", 503, R"({"error":"server busy, please try again."})", overloaded, "OVERLOADED"},
      {"nginx has no upstream", 503, "<html><title>503 Service Temporarily Unavailable</title></html>", overloaded,
       "OVERLOADED"},
      {"Anthropic", 529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", overloaded,
       "OVERLOADED"},
      {"a page in Latin-1", 503, "<title>\xFC</title>", overloaded, "OVERLOADED"},
  });
}

TEST(RefusalTest, TellsFaultsOfTheServerThatMayCostMoney) {
  ExpectRows({
      {"", 500, R"({"error":{"message":"EngineCore encountered an issue"}})", Verdict::kBroken, "HTTP_500"},
      {"", 502, "<html><title>502 Bad Gateway</title></html>", Verdict::kBroken, "HTTP_502"},
      {"", 504, "<html><title>504 Gateway Time-out</title></html>", Verdict::kBroken, "HTTP_504", true},
      {"", 408, "", Verdict::kBroken, "HTTP_408", true},
      {"Cloudflare", 521, "error code: 521", Verdict::kBroken, "HTTP_521"},
      {"Cloudflare waited", 524, "error code: 524", Verdict::kBroken, "HTTP_524", true},
      {"", 599, "", Verdict::kBroken, "HTTP_599"},
      {"no status of HTTP", 0, "", Verdict::kBroken, "HTTP_0"},
  });
}

TEST(RefusalTest, KnowsAContextThatIsTooLong) {
  const Verdict refused = Verdict::kRefused;
  const char* reason = "CONTEXT_TOO_LONG";
  ExpectRows({
      {"OpenAI", 400, Error("no", R"("context_length_exceeded")"), refused, reason},
      {"vLLM", 400,
       R"({"object":"error","message":"This model's maximum context length is 8192 tokens.","type":"BadRequestError","code":400})",
       refused, reason},
      {"SGLang", 400,
       R"({"object":"error","message":"The input (9 tokens) is longer than the model's context length (4 tokens).","code":400})",
       refused, reason},
      {"llama.cpp", 400,
       R"({"error":{"code":400,"message":"request (4390 tokens) exceeds the available context size","type":"x"}})",
       refused, reason},
      {"older llama.cpp", 500, R"({"error":{"code":500,"message":"no","type":"exceed_context_size_error"}})", refused,
       reason},
      {"Anthropic", 400, R"({"error":{"message":"prompt is too long: 9 tokens > 4 maximum"}})", refused, reason},
      {"LiteLLM", 400, Error("litellm.ContextWindowExceededError: no", R"("400")"), refused, reason},
      {"TGI", 422, R"({"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4"})", refused,
       reason},
      {"nginx", 413, "<html><title>413 Request Entity Too Large</title></html>", refused, reason},
      {"more than a minute's tokens", 429,
       Error("Request too large for m on tokens per min", R"("rate_limit_exceeded")"), refused, reason},
  });
}

TEST(RefusalTest, KnowsAFilterFromOtherBadRequests) {
  const Verdict refused = Verdict::kRefused;
  ExpectRows({
      {"Azure", 400,
       R"({"error":{"message":"The response was filtered","param":"prompt","code":"content_filter","status":400}})",
       refused, "CONTENT_FILTERED"},
      {"DeepSeek", 400, Error("Content Exists Risk", R"("invalid_request_error")"), refused, "CONTENT_FILTERED"},
      {"OpenRouter", 403, R"({"error":{"code":403,"message":"Your input was flagged for x"}})", refused,
       "CONTENT_FILTERED"},
      {"a bad value", 400, Error("max_tokens must be at least 1", "400"), refused, "BAD_REQUEST"},
      {"nothing said", 422, "", refused, "BAD_REQUEST"},
      {"another 4xx", 418, "short and stout", refused, "BAD_REQUEST"},
  });
}

TEST(RefusalTest, JudgesAnErrorBehindA200ByItsCode) {
  ExpectRows({
      {"quota", 200, Error("no", R"("insufficient_quota")"), Verdict::kForAPerson, "QUOTA_EXHAUSTED"},
      {"rate", 200, Error("slower", R"("rate_limit_exceeded")"), Verdict::kOverloaded, "RATE_LIMITED"},
      {"OpenRouter", 200, R"({"error":{"message":"slower","code":429}})", Verdict::kOverloaded, "RATE_LIMITED"},
      {"twice nested", 200, R"({"error":{"error":{"message":"pay","code":402},"code":402}})", Verdict::kForAPerson,
       "QUOTA_EXHAUSTED"},
      {"Anthropic", 200, R"({"type":"error","error":{"type":"overloaded_error","message":"no"}})", Verdict::kOverloaded,
       "OVERLOADED"},
      {"context", 200, R"({"error":{"code":400,"message":"maximum context length is 4"}})", Verdict::kRefused,
       "CONTEXT_TOO_LONG"},
      {"of the choice", 200, R"({"choices":[{"error":{"code":429,"message":"slower"},"message":{"content":""}}]})",
       Verdict::kOverloaded, "RATE_LIMITED"},
  });
}

struct ParameterRow {
  const char* name;
  int status;
  std::string body;
  const char* parameter;
};

TEST(RefusalTest, NamesTheParameterThatIsNotTaken) {
  const ParameterRow rows[] = {
      {"OpenAI", 400,
       R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}})",
       "max_tokens"},
      {"OpenAI, a value", 400,
       R"({"error":{"message":"Unsupported value: 'temperature' does not support 0.2","param":"temperature","code":"unsupported_value"}})",
       "temperature"},
      {"OpenAI, no param", 400, Error("Unrecognized request argument supplied: chat_template_kwargs", "null"),
       "chat_template_kwargs"},
      {"OpenAI, a form", 400,
       Error("Invalid parameter: 'response_format' of type 'json_schema' is not supported", "null"), "response_format"},
      {"a schema", 400, R"({"error":{"message":"Invalid schema","param":"response_format.json_schema"}})",
       "response_format"},
      {"DeepSeek", 400, Error("This response_format type is unavailable now", R"("invalid_request_error")"),
       "response_format"},
      {"Groq", 400, Error("This model does not support response format `json_schema`", "null"), "response_format"},
      {"vLLM", 400,
       R"({"object":"error","message":"The provided JSON schema contains features not supported by xgrammar."})",
       "response_format"},
      {"vLLM, older", 400,
       R"({"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'top_a'), 'msg': 'Extra inputs are not permitted', 'input': 'seed'}]","code":400})",
       "top_a"},
      {"Mistral", 422,
       R"({"object":"Error","message":{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted","input":5}]}})",
       "seed"},
      {"FastAPI", 422,
       R"({"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]})",
       "seed"},
      {"a gateway", 400, R"({"detail":"Unsupported parameter: response_format"})", "response_format"},
      {"a server in Go", 400, R"({"error":"json: unknown field \"top_k\""})", "top_k"},
      {"LiteLLM", 400, Error("litellm.UnsupportedParamsError: x does not support parameters: ['seed']", R"("400")"),
       "seed"},
      {"no name", 400, Error("Unknown parameter", "null"), ""},
      {"a param that is a status", 400, R"({"error":{"message":"Extra inputs are not permitted","param":"400"}})", ""},
  };
  for (const ParameterRow& row : rows) {
    const Reading reading = ReadAnswered(row.status, row.body);
    EXPECT_EQ(reading.verdict, Verdict::kUnsupportedParameter) << row.name << ": " << reading.message;
    EXPECT_EQ(reading.reason, "PARAMETER_UNSUPPORTED") << row.name;
    EXPECT_EQ(reading.parameter, row.parameter) << row.name << ": " << reading.message;
  }
  const Reading needed = ReadAnswered(
      422, R"({"detail":[{"type":"extra_forbidden","loc":["body","messages",0,"name"],"msg":"Extra inputs"}]})");
  EXPECT_EQ(needed.reason, "BAD_REQUEST") << "no request goes without messages";
}

TEST(RefusalTest, ShortensWhatTheServerSaysAndNeverRepeatsThePrompt) {
  const Reading cut = ReadAnswered(400, Error(std::string(299, 'm') + "ü and more", "null"));
  EXPECT_EQ(cut.message.substr(cut.message.find(": ") + 2), std::string(299, 'm')) << "cut between two characters";
  const Reading lines = ReadAnswered(400, R"({"error":"a\nb\u0007c\u001b[31m"})");
  EXPECT_EQ(lines.message.substr(lines.message.find(": ") + 2), "a b c [31m");
  for (const char* body : {
           R"({"detail":[{"type":"string_type","loc":["body","messages"],"msg":"Input should be","input":"SECRET"}]})",
           R"({"message":"[{'type': 'x', 'msg': 'Input should be', 'input': 'SECRET'}]"})",
           R"({"error":{"message":"1 error\nfoo\n  Bad [type=x, input_value='SECRET', input_type=str]"}})",
           R"({"error":{"message":"bad"},"request":{"messages":"SECRET"}})",
           R"({"messages":[{"content":"SECRET"}]})",
           R"({"error":{"message":"bad","messages":"SECRET)",
       }) {
    const Reading reading = ReadAnswered(400, body);
    EXPECT_EQ(reading.reason, "BAD_REQUEST") << body;
    EXPECT_EQ(reading.message.find("SECRET"), std::string::npos) << reading.message;
  }
  EXPECT_NE(ReadAnswered(502, "<html>\n<TITLE>502 Bad Gateway</TITLE>").message.find("502 Bad Gateway"),
            std::string::npos);
}

TEST(RefusalTest, NeverRepeatsTheKey) {
  const Reading reading =
      ReadAnswered(401, Error("Invalid key: sk-proj_aB3x.9Zq7-secret, see https://x.y/keys", "null"));
  EXPECT_EQ(reading.message, "the server refuses the API key: Invalid key: ***, see https://x.y/keys");
}

}  // namespace
}  // namespace quern::llm
