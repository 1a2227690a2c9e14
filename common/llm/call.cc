#include "common/llm/call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"
#include "common/base/trace_context.h"
#include "common/llm/echo.h"
#include "common/llm/rendezvous.h"

namespace quern::llm {
namespace {

using Verdict = Reading::Verdict;

// How long a call waits for a replica that answers, and for one that has room.
constexpr absl::Duration kPatienceWhileDown = absl::Seconds(60);
constexpr absl::Duration kPatienceWhileFull = absl::Minutes(10);
// Calls last seconds; when some have ended, the budget may have room for another.
constexpr absl::Duration kUntilThereIsRoom = absl::Milliseconds(200);

absl::Status ErrorOfReading(const Reading& reading, absl::StatusCode code) {
  return MakeError(code, reading.reason, reading.message);
}

Failure FailureOf(Failure::Whose whose, absl::StatusCode code, const Reading& reading) {
  Failure failure(whose, ErrorOfReading(reading, code));
  failure.text = reading.completion.text;
  failure.finish_reason = reading.completion.finish_reason;
  failure.asked = reading.completion.asked;
  return failure;
}

std::string CodeOf(const HttpReply& reply) {
  switch (reply.outcome) {
    case HttpReply::Outcome::kAnswered:
      return absl::StrCat(reply.status);
    case HttpReply::Outcome::kNotSent:
      return "unreachable";
    case HttpReply::Outcome::kLost:
      return "lost";
    case HttpReply::Outcome::kTooLong:
      return "too_long";
  }
  return "";
}

// One header for each request: a span of its own. What the spec says wins.
void AddTraceparent(const TraceContext& trace, std::vector<std::string>* headers) {
  if (trace.trace_id.empty()) return;
  const std::string name = absl::StrCat(kTraceparent, ":");
  const auto is_set = [&](const std::string& header) { return absl::StartsWithIgnoreCase(header, name); };
  if (std::any_of(headers->begin(), headers->end(), is_set)) return;
  headers->push_back(absl::StrCat(name, " ", NewTraceparent(trace)));
}

// Nothing may be spent, or nobody knows.
Failure OverBudget(const absl::Status& why) {
  return Failure(absl::IsResourceExhausted(why) ? Failure::Whose::kJob : Failure::Whose::kEnvironment, why);
}

// A completion came, whole or cut.
bool Answered(const Reading& reading) {
  return reading.verdict == Verdict::kComplete || reading.verdict == Verdict::kTruncated;
}

}  // namespace

Call::Call(Client* client, const ChatRequest& request, v1::Sampling sampling)
    : client_(client),
      request_(request),
      sampling_(std::move(sampling)),
      max_tokens_(sampling_.max_tokens()),
      reasked_(!request_.correction.empty()) {}

boost::asio::awaitable<Result> Call::Run() {
  while (true) {
    const Place place = Choose();
    if (AsksInBatches(place)) {
      std::optional<Result> told = co_await TryInBatch(place);
      if (told) co_return *std::move(told);
      const bool go_on = co_await client_->hub_->sleeper().Sleep(wait_);
      if (!go_on) co_return Draining();
      continue;
    }
    std::optional<Failure> refused = co_await place.endpoint->Enter(client_->hub_->sleeper(), request_.urgency);
    if (refused) {
      const auto wait = WaitForAPlace(*refused, place);
      if (!wait) co_return *std::move(refused);
      const bool go_on = co_await client_->hub_->sleeper().Sleep(*wait);
      if (!go_on) co_return Draining();
      continue;
    }
    // Asked now: thousands may have waited for their place while others spent.
    const absl::StatusOr<bool> room = Reserve(place);
    if (!room.ok() || !*room) {
      place.endpoint->LeaveUnused();
      if (!room.ok()) co_return OverBudget(room.status());
      const bool go_on = co_await client_->hub_->sleeper().Sleep(kUntilThereIsRoom);
      if (!go_on) co_return Draining();
      continue;
    }
    // An earlier try may have been paced at another place, and corrects that account alone.
    guessed_tokens_ = 0;
    if (IsPaced(place)) {
      const bool in_time = co_await KeepPace(place);
      // It may have waited for minutes.
      const absl::Status within = in_time ? WithinBudget() : absl::OkStatus();
      if (!in_time || !within.ok()) {
        Release();
        place.endpoint->LeaveUnused();
        co_return in_time ? OverBudget(within) : Draining();
      }
    }
    const absl::Time sent = absl::Now();
    const v1::StructuredOutput structured = place.endpoint->structured();
    const HttpReply reply = co_await Send(place, structured);
    const absl::Time now = absl::Now();
    const Reading reading = Read(reply, place, now);
    // Before the place is another's, who looks at the budget first.
    Pay(reading, place);
    Release();
    place.endpoint->Leave(reading, sent, now);
    std::optional<Result> result = Judge(reading, place, structured);
    Report(reply, reading, place);
    if (result) co_return *std::move(result);
    const bool go_on = co_await client_->hub_->sleeper().Sleep(wait_);
    if (!go_on) co_return Draining();
  }
}

Call::Place Call::Choose() const {
  std::vector<Place> places;
  std::vector<Replica> replicas;
  for (const auto& model : client_->models_) {
    for (const auto& endpoint : model->replicas()) {
      places.push_back({model, endpoint});
      // Of batches the same one always: a call that was paid is found again where it was asked.
      const bool batch = AsksInBatches(places.back());
      replicas.push_back({endpoint->hash(), batch || endpoint->healthy(), batch ? 0 : endpoint->slots().load()});
    }
  }
  if (const auto chosen = ChooseReplica(request_.affinity, replicas)) return places[*chosen];
  return *std::min_element(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.endpoint->retry_at() < b.endpoint->retry_at();
  });
}

std::optional<absl::Duration> Call::WaitForAPlace(const Failure& failure, const Place& place) {
  if (ErrorReason(failure.status) != "ENDPOINT_DOWN") return std::nullopt;
  const absl::Time now = absl::Now();
  turned_away_ = std::min(turned_away_, now);
  if (now - turned_away_ > kPatienceWhileDown) return std::nullopt;
  // Not all at the same moment: one of them is let through, and the others shall find it answered.
  const absl::Duration wait = std::max(place.endpoint->retry_at() - now, absl::ZeroDuration());
  return wait + client_->backoff_.Next(0);
}

bool Call::IsPaced(const Place& place) const {
  return client_->hub_->pacer() != nullptr && place.model->account().limited();
}

boost::asio::awaitable<bool> Call::KeepPace(const Place& place) {
  Pacer& pacer = *client_->hub_->pacer();
  const std::optional<uint64_t> tokens = co_await pacer.Enter(place.model->account(), request_.prompt_bytes());
  guessed_tokens_ = tokens.value_or(0);
  co_return tokens.has_value();
}

Ledger* Call::ledger() const { return request_.job.empty() ? nullptr : client_->hub_->ledger(); }

absl::StatusOr<bool> Call::Reserve(const Place& place) {
  if (ledger() == nullptr) return true;
  Usage usage = client_->expected_.AtMost(request_.prompt_bytes(), max_tokens_);
  // What was cut is longer than others.
  if (lengthened_) usage.output = max_tokens_;
  v1::ModelUsage most;
  most.set_input_tokens(usage.input);
  most.set_output_tokens(usage.output);
  most.set_cost(place.model->Cost(usage));
  QUERN_ASSIGN_OR_RETURN(const Ledger::Room room, ledger()->Reserve(request_.job, most));
  if (room == Ledger::Room::kReserved) reserved_ = std::move(most);
  return room != Ledger::Room::kNone;
}

absl::Status Call::WithinBudget() const {
  return ledger() == nullptr ? absl::OkStatus() : ledger()->Check(request_.job);
}

void Call::Release() {
  if (reserved_) ledger()->Release(request_.job, *reserved_);
  reserved_.reset();
}

boost::asio::awaitable<HttpReply> Call::Send(const Place& place, v1::StructuredOutput structured) const {
  const v1::ModelSpec& spec = place.model->spec();
  HttpRequest http(place.endpoint->url(), ChatBody(request_, sampling_, spec, structured, max_tokens_));
  http.headers = place.model->Headers();
  AddTraceparent(request_.trace, &http.headers);
  http.timeout = absl::Seconds(spec.timeout().seconds()) + absl::Nanoseconds(spec.timeout().nanos());
  http.connect_timeout =
      absl::Seconds(spec.connect_timeout().seconds()) + absl::Nanoseconds(spec.connect_timeout().nanos());
  http.proxy = spec.proxy();
  http.ca_file = spec.ca_file();
  return client_->hub_->http().Send(std::move(http));
}

Reading Call::Read(const HttpReply& reply, const Place& place, absl::Time now) const {
  Reading reading = ReadReply(reply, request_.prompt_bytes(), now);
  reading.completion.asked = place.model->spec().name();
  if (!reading.message.empty()) {
    reading.message = WithoutEcho(reading.message, absl::StrCat(AbslView(request_.frame_text()), request_.task));
  }
  client_->refusals_.Judge(place.endpoint->name(), now, &reading);
  if (reading.reason == "KEY_REFUSED" && !place.model->has_key()) {
    reading.message =
        absl::StrCat("no key was sent; say in the spec where it is (api_key_env or api_key_file): ", reading.message);
  }
  return reading;
}

std::optional<Result> Call::Judge(const Reading& reading, const Place& place, v1::StructuredOutput structured) {
  wait_ = absl::ZeroDuration();
  retried_.clear();
  Note(reading, place);
  switch (reading.verdict) {
    case Verdict::kComplete: {
      Completion completion = reading.completion;
      completion.cost = place.model->Cost(completion.usage);
      return completion;
    }
    case Verdict::kTruncated:
      return JudgeTruncated(reading);
    case Verdict::kOverloaded:
      return JudgeOverloaded(reading);
    case Verdict::kUnreachable:
      wait_ = client_->backoff_.Next(overloads_++);
      return AgainWithin(kPatienceWhileDown, reading);
    case Verdict::kBroken:
      return JudgeBroken(reading, place);
    case Verdict::kRefused: {
      Failure failure = FailureOf(Failure::Whose::kItem, absl::StatusCode::kInvalidArgument, reading);
      // Of a server that has not answered anybody yet it may be the configuration: the document gets another chance.
      failure.final = !reading.blames_request || client_->refusals_.HasAnswered(place.endpoint->name());
      return failure;
    }
    case Verdict::kUnsupportedParameter: {
      // Of any other field a laxer form changes nothing.
      const bool of_format = reading.parameter.empty() || reading.parameter == "response_format";
      if (request_.schema == nullptr || !of_format || !place.endpoint->LowerStructured(structured)) {
        return ForAPerson(reading, place);
      }
      retried_ = reading.reason;
      return std::nullopt;
    }
    case Verdict::kForAPerson:
      if (reading.reason == "KEY_REFUSED") place.model->KeyRefused();
      return ForAPerson(reading, place);
  }
  return std::nullopt;
}

std::optional<Result> Call::JudgeTruncated(const Reading& reading) {
  if (!lengthened_) {
    lengthened_ = true;
    max_tokens_ *= 2;
    retried_ = "TRUNCATED";
    return std::nullopt;
  }
  Reading told = reading;
  told.reason = "TRUNCATED";
  told.message = absl::StrCat("the reply was cut at ", max_tokens_, " tokens, twice sampling.max_tokens; raise it");
  return FailureOf(Failure::Whose::kItem, absl::StatusCode::kOutOfRange, told);
}

std::optional<Result> Call::JudgeOverloaded(const Reading& reading) {
  const absl::Duration asked = reading.retry_after.value_or(absl::ZeroDuration());
  if (asked > kLongestRetryAfter) {
    Reading told = reading;
    absl::StrAppend(&told.message, " (it asks to wait ", absl::FormatDuration(asked), ")");
    return FailureOf(Failure::Whose::kJob, absl::StatusCode::kFailedPrecondition, told);
  }
  wait_ = asked + client_->backoff_.Next(overloads_++);
  return AgainWithin(kPatienceWhileFull, reading);
}

std::optional<Result> Call::AgainWithin(absl::Duration patience, const Reading& reading) {
  turned_away_ = std::min(turned_away_, absl::Now());
  if (absl::Now() - turned_away_ > patience) {
    return FailureOf(Failure::Whose::kEnvironment, absl::StatusCode::kUnavailable, reading);
  }
  retried_ = reading.reason;
  return std::nullopt;
}

Failure Call::ForAPerson(const Reading& reading, const Place& place) {
  Reading told = reading;
  told.message = absl::StrCat(place.endpoint->name(), ": ", reading.message);
  return FailureOf(Failure::Whose::kJob, absl::StatusCode::kFailedPrecondition, told);
}

std::optional<Result> Call::JudgeBroken(const Reading& reading, const Place& place) {
  if (++breaks_ <= place.model->spec().max_retries()) {
    wait_ = client_->backoff_.Next(breaks_ - 1);
    retried_ = reading.reason;
    return std::nullopt;
  }
  // A server that answers nobody is not this item's fault.
  const bool down = !place.endpoint->healthy();
  return FailureOf(down ? Failure::Whose::kEnvironment : Failure::Whose::kItem, absl::StatusCode::kUnavailable,
                   reading);
}

void Call::Note(const Reading& reading, const Place& place) {
  const Usage& usage = reading.completion.usage;
  spent_.calls += Answered(reading) ? 1 : 0;
  spent_.usage += usage;
  spent_.cost += place.model->Cost(usage);
}

void Call::Pay(const Reading& reading, const Place& place) const {
  if (Answered(reading)) client_->expected_.Learn(request_.prompt_bytes(), reading.completion.usage);
  if (ledger() == nullptr) return;
  const Usage& usage = reading.completion.usage;
  v1::ModelUsage spent;
  spent.set_calls(Answered(reading) ? 1 : 0);
  spent.set_ambiguous_calls(reading.ambiguous ? 1 : 0);
  spent.set_input_tokens(usage.input);
  spent.set_cached_tokens(usage.cached);
  spent.set_output_tokens(usage.output);
  spent.set_cost(place.model->Cost(usage));
  ledger()->Add(request_.job, request_.stage, place.model->spec().name(), spent);
}

void Call::Report(const HttpReply& reply, const Reading& reading, const Place& place) {
  const Usage& usage = reading.completion.usage;
  const double cost = place.model->Cost(usage);
  if (guessed_tokens_ > 0 && !usage.estimated && usage.input > 0) {
    client_->hub_->pacer()->Learn(place.model->account(), request_.prompt_bytes(), guessed_tokens_, usage);
  }
  if (client_->hub_->observer() != nullptr) {
    CallReport report;
    report.stage = request_.stage;
    report.model = place.model->spec().name();
    report.document = request_.affinity;
    report.code = CodeOf(reply);
    report.duration = reply.duration;
    report.usage = usage;
    report.cost = cost;
    report.finish_reason = reading.completion.finish_reason;
    report.retried = retried_;
    report.ambiguous = reading.ambiguous;
    report.answered = Answered(reading);
    client_->hub_->observer()->Observe(report);
  }
  if (ledger() == nullptr || accounted_) return;
  const uint64_t retries = (retried_.empty() ? 0 : 1) + (std::exchange(reasked_, false) ? 1 : 0);
  if (retries == 0) return;
  v1::ModelUsage spent;
  spent.set_retries(retries);
  ledger()->Add(request_.job, request_.stage, place.model->spec().name(), spent);
}

}  // namespace quern::llm
