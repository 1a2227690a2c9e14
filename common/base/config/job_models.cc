#include "common/base/config/job_models.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/config/file.h"

namespace quern::config {
namespace {

constexpr uint32_t kMaxConcurrency = 1024;
constexpr uint32_t kMaxRetries = 2;
constexpr uint32_t kMaxReplyTokens = 2048;
constexpr int64_t kTimeoutSeconds = 600;
constexpr int64_t kConnectTimeoutSeconds = 5;
constexpr uint32_t kBatchCalls = 10000;
// What OpenAI takes.
constexpr uint32_t kMostBatchCalls = 50000;
constexpr int64_t kBatchWaitSeconds = 60;
constexpr int64_t kPollSeconds = 30;
constexpr int64_t kLeastBatchMs = 100;
constexpr int64_t kMostBatchMs = int64_t{24} * 3600 * 1000;

bool IsName(const std::string& name) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == '-'; };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
}

// RFC 9110: a header's name is a token; its value has no control characters.
bool IsHeaderName(const std::string& name) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= 256 && std::all_of(name.begin(), name.end(), allowed);
}

// Headers in which servers look for secrets.
bool HoldsKey(const std::string& name) {
  constexpr std::string_view kSecret[] = {"authorization", "proxy-authorization", "cookie",
                                          "api-key",       "x-api-key",           "x-goog-api-key"};
  return std::any_of(std::begin(kSecret), std::end(kSecret), [&](std::string_view secret) {
    return absl::EqualsIgnoreCase(name, absl::string_view(secret.data(), secret.size()));
  });
}

void CheckHeaders(const std::string& path, const v1::ModelSpec& model, Faults* faults) {
  if (!model.api_key_header().empty() && !IsHeaderName(model.api_key_header())) {
    faults->Add(path + ".api_key_header", "is no header's name");
  }
  for (const auto& [name, value] : model.headers()) {
    const std::string at = absl::StrCat(path, ".headers.", name);
    const auto control = [](unsigned char c) { return c < ' ' || c == 127; };
    if (!IsHeaderName(name)) faults->Add(at, "is no header's name");
    if (std::any_of(value.begin(), value.end(), control)) faults->Add(at, "must not hold control characters");
    if (HoldsKey(name) || absl::EqualsIgnoreCase(name, model.api_key_header())) {
      faults->Add(at,
                  "holds a key, which everybody who sees the job could read: use api_key_env or api_key_file, and "
                  "api_key_header where it does not go into Authorization");
    }
  }
}

bool IsObject(const std::string& json) {
  return nlohmann::json::accept(json) && nlohmann::json::parse(json).is_object();
}

void CheckPrice(const std::string& path, const v1::Price& price, Faults* faults) {
  if (price.input() < 0) faults->Add(path + ".price.input", "must be at least 0");
  if (price.cached_input() < 0) faults->Add(path + ".price.cached_input", "must be at least 0");
  if (price.output() < 0) faults->Add(path + ".price.output", "must be at least 0");
}

void CheckBatchTime(const std::string& path, const google::protobuf::Duration& time, Faults* faults) {
  // Seconds first: a number that no duration may have must not overflow.
  const bool sane = time.seconds() >= 0 && time.seconds() <= kMostBatchMs / 1000;
  const int64_t milliseconds = sane ? time.seconds() * 1000 + time.nanos() / 1000000 : -1;
  if (milliseconds < kLeastBatchMs || milliseconds > kMostBatchMs) faults->Add(path, "must be from 0.1s to 24h");
}

void CheckBatch(const std::string& path, const v1::BatchSpec& batch, Faults* faults) {
  if (batch.max_calls() < 1 || batch.max_calls() > kMostBatchCalls) {
    faults->Add(path + ".max_calls", absl::StrCat("must be from 1 to ", kMostBatchCalls));
  }
  CheckBatchTime(path + ".max_wait", batch.max_wait(), faults);
  CheckBatchTime(path + ".poll_interval", batch.poll_interval(), faults);
}

void CheckModel(const std::string& path, const v1::ModelSpec& model, Faults* faults) {
  if (!IsName(model.name())) faults->Add(path + ".name", "must be 1 to 64 letters, digits, '_', '.' or '-'");
  if (model.model().empty()) faults->Add(path + ".model", "must say what the server calls the model");
  if (model.base_urls().empty()) faults->Add(path + ".base_urls", "must name a server, as http://host:8000/v1");
  for (const std::string& url : model.base_urls()) {
    const bool http = absl::StartsWith(url, "http://") || absl::StartsWith(url, "https://");
    if (!http || url.find("://") + 3 >= url.size()) {
      faults->Add(path + ".base_urls", absl::StrCat("\"", url, "\" is not an http or https URL"));
    }
    if (absl::EndsWith(absl::StripSuffix(url, "/"), "/chat/completions")) {
      faults->Add(
          path + ".base_urls",
          absl::StrCat("\"", url, "\" is the address of calls: leave out \"/chat/completions\", which is added"));
    }
  }
  if (!model.api_key_env().empty() && !model.api_key_file().empty()) {
    faults->Add(path + ".api_key_file", "api_key_env is set too; one of them is enough");
  }
  if (!model.extra_body().empty() && !IsObject(model.extra_body())) {
    faults->Add(path + ".extra_body", "must be a JSON object");
  }
  const std::string& field = model.max_tokens_field();
  if (!field.empty() && field != "max_tokens" && field != "max_completion_tokens") {
    faults->Add(path + ".max_tokens_field", "must be max_tokens or max_completion_tokens");
  }
  if (model.max_concurrency() < 1 || model.max_concurrency() > 100000) {
    faults->Add(path + ".max_concurrency", "must be from 1 to 100000");
  }
  if (model.max_retries() > 10) faults->Add(path + ".max_retries", "must be from 0 to 10");
  if (model.timeout().seconds() < 1) faults->Add(path + ".timeout", "must be at least 1s");
  if (model.has_batch()) CheckBatch(path + ".batch", model.batch(), faults);
  CheckHeaders(path, model, faults);
  CheckPrice(path, model.price(), faults);
}

void FillModel(v1::ModelSpec* model) {
  if (!model->has_max_concurrency()) model->set_max_concurrency(kMaxConcurrency);
  if (!model->has_max_retries()) model->set_max_retries(kMaxRetries);
  if (!model->has_timeout()) model->mutable_timeout()->set_seconds(kTimeoutSeconds);
  if (!model->has_connect_timeout()) model->mutable_connect_timeout()->set_seconds(kConnectTimeoutSeconds);
  if (!model->has_batch()) return;
  v1::BatchSpec* batch = model->mutable_batch();
  if (!batch->has_max_calls()) batch->set_max_calls(kBatchCalls);
  if (!batch->has_max_wait()) batch->mutable_max_wait()->set_seconds(kBatchWaitSeconds);
  if (!batch->has_poll_interval()) batch->mutable_poll_interval()->set_seconds(kPollSeconds);
}

void ResolveStage(const std::string& path, const v1::JobSpec& spec, double temperature, v1::StageModel* stage,
                  Faults* faults) {
  if (stage->models().empty()) stage->add_models(spec.models(0).name());
  for (const std::string& name : stage->models()) {
    const auto named = [&](const v1::ModelSpec& model) { return model.name() == name; };
    if (std::none_of(spec.models().begin(), spec.models().end(), named)) {
      faults->Add(path + ".models", absl::StrCat("there is no model \"", name, "\" under models"));
    }
  }
  // Which of them gets a document depends on their load: after a crash it must not be another one.
  size_t in_batches = 0;
  for (const v1::ModelSpec& model : spec.models()) {
    const bool asked = std::find(stage->models().begin(), stage->models().end(), model.name()) != stage->models().end();
    in_batches += asked && model.has_batch() ? 1 : 0;
  }
  if (in_batches > 0 && in_batches < static_cast<size_t>(stage->models_size())) {
    faults->Add(path + ".models", "some have batch and some have not: a stage's models have it all or none");
  }
  v1::Sampling* sampling = stage->mutable_sampling();
  if (!sampling->has_temperature()) sampling->set_temperature(temperature);
  if (!sampling->has_max_tokens()) sampling->set_max_tokens(kMaxReplyTokens);
  // Written so that what is no number is neither.
  if (!(sampling->temperature() >= 0 && sampling->temperature() <= 2)) {
    faults->Add(path + ".sampling.temperature", "must be from 0 to 2");
  }
  if (!(sampling->top_p() >= 0 && sampling->top_p() <= 1)) faults->Add(path + ".sampling.top_p", "must be from 0 to 1");
  if (sampling->max_tokens() < 1) faults->Add(path + ".sampling.max_tokens", "must be at least 1");
}

void ResolveVerifier(v1::JobSpec* spec, Faults* faults) {
  v1::VerifierSpec* verifier = spec->mutable_verifier();
  if (!verifier->has_votes()) verifier->set_votes(1);
  if (verifier->votes() % 2 == 0 || verifier->votes() > 9) faults->Add("verifier.votes", "must be odd, 1 to 9");
  // Votes of a model that always says the same are one vote.
  ResolveStage("verifier.llm", *spec, verifier->votes() > 1 ? 1 : 0, verifier->mutable_llm(), faults);
  if (verifier->open_book().enabled()) {
    ResolveStage("verifier.open_book.llm", *spec, 0, verifier->mutable_open_book()->mutable_llm(), faults);
  }
  v1::ClosedBookSpec* closed = verifier->mutable_closed_book();
  if (closed->samples() == 0) {
    verifier->clear_closed_book();
    return;
  }
  ResolveStage("verifier.closed_book.llm", *spec, 1, closed->mutable_llm(), faults);
  if (closed->samples() > 64) faults->Add("verifier.closed_book.samples", "must be from 0 to 64");
  if (!closed->has_max_rate()) closed->set_max_rate(1);
  if (closed->min_rate() < 0 || closed->max_rate() > 1 || closed->min_rate() > closed->max_rate()) {
    faults->Add("verifier.closed_book.min_rate", "the rates must be from 0 to 1, and min_rate not above max_rate");
  }
}

void ResolveGenerator(v1::JobSpec* spec, Faults* faults) {
  v1::GeneratorSpec* generator = spec->mutable_generator();
  if (!generator->has_fewshots()) generator->set_fewshots(2);
  if (generator->fewshots() > 4) faults->Add("generator.fewshots", "must be from 0 to 4");
  if (generator->max_boolean_share() < 0 || generator->max_boolean_share() > 1) {
    faults->Add("generator.max_boolean_share", "must be from 0 to 1");
  }
  ResolveStage("generator.llm", *spec, 1, generator->mutable_llm(), faults);
}

void CheckBudget(const v1::JobSpec& spec, Faults* faults) {
  if (spec.budget().max_cost() < 0) faults->Add("budget.max_cost", "must be at least 0");
  if (spec.budget().max_cost() <= 0) return;
  for (const v1::ModelSpec& model : spec.models()) {
    if (model.price().has_input() && model.price().has_output()) continue;
    faults->Add("budget.max_cost",
                absl::StrCat("needs price.input and price.output of the model \"", model.name(), "\""));
  }
}

// Calls `visit` with each stage's block and its path.
void ForEachStageModel(v1::JobSpec* spec, const std::function<void(std::string_view, v1::StageModel*)>& visit) {
  if (spec->filter().has_llm()) visit("filter.llm", spec->mutable_filter()->mutable_llm());
  if (spec->persona().has_llm()) visit("persona.llm", spec->mutable_persona()->mutable_llm());
  if (spec->generator().has_llm()) visit("generator.llm", spec->mutable_generator()->mutable_llm());
  if (!spec->has_verifier()) return;
  v1::VerifierSpec* verifier = spec->mutable_verifier();
  if (verifier->has_llm()) visit("verifier.llm", verifier->mutable_llm());
  if (verifier->open_book().has_llm()) visit("verifier.open_book.llm", verifier->mutable_open_book()->mutable_llm());
  if (verifier->closed_book().has_llm()) {
    visit("verifier.closed_book.llm", verifier->mutable_closed_book()->mutable_llm());
  }
}

// Moves a file's content from the field that names it to the one that holds it.
void InlineFile(const std::string& folder, const std::string& path, std::string* file, std::string* text,
                Faults* faults) {
  if (file->empty()) return;
  if (!text->empty()) {
    faults->Add(path, "is given twice, as a file and as text");
    return;
  }
  const std::string at = (std::filesystem::path(folder) / *file).string();
  absl::StatusOr<std::string> content = ReadSmallFile(at);
  if (!content.ok()) {
    faults->Add(path, std::string(content.status().message()));
    file->clear();
    return;
  }
  *text = *std::move(content);
  file->clear();
}

}  // namespace

void ResolveModels(v1::JobSpec* spec, Faults* faults) {
  std::set<std::string> names;
  for (int i = 0; i < spec->models_size(); ++i) {
    FillModel(spec->mutable_models(i));
    const std::string path = absl::StrCat("models[", i, "]");
    CheckModel(path, spec->models(i), faults);
    if (!names.insert(spec->models(i).name()).second) faults->Add(path + ".name", "is the name of another model, too");
  }
  CheckBudget(*spec, faults);
  const bool asks = spec->filter().engine() == v1::ENGINE_LLM || spec->persona().engine() == v1::ENGINE_LLM ||
                    spec->generator().engine() == v1::ENGINE_LLM || spec->verifier().engine() == v1::ENGINE_LLM;
  if (asks && spec->models().empty()) {
    faults->Add("models", "the engine llm needs a model: describe one here");
    return;
  }
  if (asks && !spec->has_reply_cache()) spec->set_reply_cache(true);
  if (spec->filter().engine() == v1::ENGINE_LLM) {
    ResolveStage("filter.llm", *spec, 0, spec->mutable_filter()->mutable_llm(), faults);
  }
  if (spec->persona().engine() == v1::ENGINE_LLM) {
    ResolveStage("persona.llm", *spec, 0, spec->mutable_persona()->mutable_llm(), faults);
  }
  if (spec->generator().engine() == v1::ENGINE_LLM) ResolveGenerator(spec, faults);
  if (spec->verifier().engine() == v1::ENGINE_LLM) ResolveVerifier(spec, faults);
  ForEachStageModel(spec, [&](std::string_view path, v1::StageModel* stage) {
    // Their content was put in place where the spec was read; a server has no business with its clients' files.
    if (!stage->prompt_file().empty()) {
      faults->Add(std::string(path) + ".prompt_file", "must be read by the client: send its text as prompt");
    }
  });
  if (!spec->generator().fewshot_file().empty()) {
    faults->Add("generator.fewshot_file", "must be read by the client: send its text as fewshot_lines");
  }
}

void ClearAccess(v1::ModelSpec* model) {
  // Elsewhere nobody would find the batches that are paid.
  if (!model->has_batch()) model->clear_base_urls();
  model->clear_api_key_env();
  model->clear_api_key_file();
  model->clear_max_concurrency();
  model->clear_requests_per_minute();
  model->clear_tokens_per_minute();
  model->clear_price();
  model->clear_structured_output();
  model->clear_timeout();
  model->clear_connect_timeout();
  model->clear_max_retries();
  model->clear_proxy();
  model->clear_ca_file();
  model->clear_max_tokens_field();
  model->clear_headers();
  model->clear_api_key_header();
}

void InlineFiles(const std::string& folder, v1::JobSpec* spec, Faults* faults) {
  ForEachStageModel(spec, [&](std::string_view path, v1::StageModel* stage) {
    InlineFile(folder, std::string(path) + ".prompt_file", stage->mutable_prompt_file(), stage->mutable_prompt(),
               faults);
  });
  v1::GeneratorSpec* generator = spec->has_generator() ? spec->mutable_generator() : nullptr;
  if (generator != nullptr) {
    InlineFile(folder, "generator.fewshot_file", generator->mutable_fewshot_file(), generator->mutable_fewshot_lines(),
               faults);
  }
}

}  // namespace quern::config
