#include "services/simulator/simulator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/absl_view.h"
#include "common/base/hash.h"
#include "common/base/trace_context.h"
#include "services/simulator/fault_replies.h"
#include "services/simulator/fixed_answers.h"
#include "services/simulator/reply_json.h"
#include "services/simulator/rule_answers.h"

namespace quern::simulator {
namespace {

constexpr std::string_view kInvalid = "invalid_request_error";
// Stands for a seed that was not given.
constexpr uint64_t kNoSeed = 0x9E3779B97F4A7C15U;

uint64_t Combine(uint64_t a, uint64_t b) { return Hash64({reinterpret_cast<const char*>(&a), sizeof(a)}, b); }

std::unique_ptr<Answers> MakeAnswers(bool rules, KnownAnswers& known) {
  if (rules) return std::make_unique<RuleAnswers>(known);
  return std::make_unique<FixedAnswers>(known);
}

Reply NotFound() { return Reply(404, ErrorJson("Unknown request URL.", kInvalid, "unknown_url")); }

Reply TooLong(size_t limit, size_t tokens) {
  const std::string message =
      absl::StrCat("This model's maximum context length is ", limit, " tokens. However, your messages resulted in ",
                   tokens, " tokens. Please reduce the length of the messages.");
  return Reply(400, ErrorJson(message, kInvalid, "context_length_exceeded", "messages"));
}

Reply WrongFormat(std::string_view format) {
  const std::string message = absl::StrCat("Invalid parameter: 'response_format' of type '", AbslView(format),
                                           "' is not supported with this model.");
  return Reply(400, ErrorJson(message, kInvalid, "", "response_format"));
}

Reply OverRate(std::string_view what, absl::Duration wait) {
  Reply reply(429, ErrorJson(absl::StrCat("Rate limit reached for ", AbslView(what), " per minute."), what,
                             "rate_limit_exceeded"));
  const int64_t seconds = std::max<int64_t>(1, absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1))));
  reply.headers.emplace_back("Retry-After", absl::StrCat(seconds));
  return reply;
}

bool Takes(Structured structured, std::string_view format) {
  if (format.empty() || format == "text") return true;
  if (format == "json_object") return structured != Structured::kNone;
  return format == "json_schema" && structured == Structured::kJsonSchema;
}

}  // namespace

Simulator::Simulator(Options options, std::unique_ptr<Witness> witness)
    : options_(std::move(options)),
      witness_(std::move(witness)),
      known_(options_.knows, options_.seed),
      answers_(MakeAnswers(options_.rules, known_)),
      cache_(options_.prefix_cache_tokens),
      batches_(options_.batches,
               [this](std::string body) {
                 HttpQuery query;
                 // Checked when the batch came.
                 const std::string authorization = "Bearer " + options_.api_key;
                 query.authorization = authorization;
                 query.body = std::move(body);
                 return Chat(query, true);
               }),
      requests_(options_.requests_per_minute, absl::Seconds(options_.rate_window)),
      tokens_(options_.tokens_per_minute, absl::Seconds(options_.rate_window)) {}

Reply Simulator::Handle(HttpQuery query) {
  const std::string_view path = query.target.substr(0, query.target.find('?'));
  if (query.method == "GET" && path == "/health") return Reply(200, "{\"status\":\"ok\"}");
  if (query.method == "POST" && path == "/v1/chat/completions") return Chat(query, false);
  const bool models = query.method == "GET" && path == "/v1/models";
  if (!IsAuthorised(query.authorization)) return *ReplyInstead(Fault::k401, "");
  if (!models) {
    std::optional<Reply> reply = batches_.Handle(query.method, query.target, query.body);
    return reply ? *std::move(reply) : NotFound();
  }
  const std::string_view model = options_.model.empty() ? std::string_view("simulator") : options_.model;
  return Reply(200, ModelsJson(model, options_.context_tokens));
}

bool Simulator::IsAuthorised(std::string_view authorization) const {
  return options_.api_key.empty() || authorization == "Bearer " + options_.api_key;
}

Reply Simulator::Chat(HttpQuery& query, bool in_batch) {
  WitnessEntry entry;
  entry.time_ms = absl::ToUnixMillis(absl::Now());
  entry.sequence = ++sequence_;
  auto slot = std::make_unique<Slot>(in_flight_);
  // Outlives the entry, which views it.
  Call call;
  call.in_batch = entry.in_batch = in_batch;
  if (const auto trace = ParseTraceparent(query.traceparent)) entry.trace_id = trace->trace_id;
  Reply reply = Respond(query, call, entry);
  entry.status = reply.status;
  if (witness_ != nullptr) witness_->Write(entry);
  reply.slot = std::move(slot);
  return reply;
}

Reply Simulator::Respond(HttpQuery& query, Call& call, WitnessEntry& entry) {
  if (!IsAuthorised(query.authorization)) return *ReplyInstead(Fault::k401, "");
  auto request = ParseChatRequest(query.body);
  if (!request.ok()) return Reply(400, ErrorJson(StdView(request.status().message()), kInvalid));
  call.request = *std::move(request);
  Recognise(call);
  entry.stage = StageText(call.prompt.stage);
  entry.document = call.prompt.mark;
  entry.prompt_hash = call.prompt_hash;
  entry.seed = call.request.seed;
  entry.repetition = call.repetition;

  const Fault fault = options_.faults.Of(entry.sequence, UnitInterval(call.random));
  std::optional<Reply> reply = ReplyInstead(fault, call.request.model);
  if (!reply) {
    if (std::optional<Reply> refusal = Refusal(call)) return *std::move(refusal);
    reply = Complete(call, fault, entry);
  }
  entry.fault = FaultName(fault);
  reply->delay = options_.latency.Draw(Combine(call.random, options_.seed));
  return *std::move(reply);
}

void Simulator::Recognise(Call& call) {
  call.prompt = ReadPrompt(call.request.task(), call.request.schema_name);
  call.prompt_hash = Hash64(call.request.prompt);
  const uint64_t seed = call.request.seed ? static_cast<uint64_t>(*call.request.seed) : kNoSeed;
  const uint64_t asked = Combine(call.prompt_hash, seed);
  {
    absl::MutexLock lock(&mutex_);
    call.repetition = repetitions_[asked]++;
  }
  call.sample = Combine(call.request.seed ? seed : call.repetition, options_.seed);
  // Of the repetition even where the request brings a seed: whoever asks again after a fault gets another chance.
  call.random = Combine(Combine(asked, call.repetition), options_.seed);
}

std::optional<Reply> Simulator::Refusal(const Call& call) {
  const ChatRequest& request = call.request;
  if (!options_.model.empty() && request.model != options_.model) return ReplyInstead(Fault::k404, request.model);
  if (!Takes(options_.structured, request.response_format)) return WrongFormat(request.response_format);
  const size_t tokens = TokensOf(request.prompt.size());
  if (options_.context_tokens > 0 && tokens > options_.context_tokens) return TooLong(options_.context_tokens, tokens);
  if (call.in_batch) return std::nullopt;
  // This call has its slot already.
  if (options_.max_concurrency > 0 && in_flight_ > options_.max_concurrency) return ReplyInstead(Fault::k503, "");
  return OverLimit(call);
}

std::optional<Reply> Simulator::OverLimit(const Call& call) {
  const double tokens = static_cast<double>(TokensOf(call.request.prompt.size()));
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  const absl::Duration for_requests = requests_.Wait(1, now);
  const absl::Duration for_tokens = tokens_.Wait(tokens, now);
  if (for_requests > absl::ZeroDuration()) return OverRate("requests", for_requests);
  if (for_tokens > absl::ZeroDuration()) return OverRate("tokens", for_tokens);
  if (!requests_.unlimited()) requests_.Take(1);
  if (!tokens_.unlimited()) tokens_.Take(tokens);
  return std::nullopt;
}

Reply Simulator::Complete(const Call& call, Fault fault, WitnessEntry& entry) {
  nlohmann::ordered_json answer = answers_->Make(call.prompt, call.sample);
  SpoilAnswer(fault, answer);
  CompletionBody completion;
  completion.id = call.random;
  completion.created = entry.time_ms / 1000;
  completion.model = call.request.model;
  completion.content = answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  SpoilCompletion(fault, completion);
  const uint64_t longest = call.request.max_tokens.value_or(0);
  if (longest > 0 && TokensOf(completion.content.size()) > longest) {
    CutText(completion.content, longest * kBytesPerToken);
    completion.finish_reason = "length";
  }
  completion.input_tokens = entry.input_tokens = TokensOf(call.request.prompt.size());
  completion.cached_tokens = entry.cached_tokens = cache_.Use(call.request.prompt);
  completion.output_tokens = entry.output_tokens = TokensOf(completion.content.size() + completion.reasoning.size());
  {
    absl::MutexLock lock(&mutex_);
    if (!tokens_.unlimited()) tokens_.Take(static_cast<double>(completion.output_tokens));
  }
  Reply reply(200, CompletionJson(completion));
  SpoilReply(fault, reply);
  return reply;
}

}  // namespace quern::simulator
