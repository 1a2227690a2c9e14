#include "services/generator/model_generator_stage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "services/generator/generator_prompts.h"

namespace quern::generator {
namespace {

constexpr std::string_view kSchema = R"({"type":"object","properties":{"question":{"type":"string"},
"answer":{"type":"string"},"quote":{"type":"string"}},
"required":["question","answer","quote"],"additionalProperties":false})";

struct QuestionReply {
  std::string question;
  std::string answer;
  std::string quote;
};

absl::Status Read(const simdjson::dom::object& object, QuestionReply* reply) {
  QUERN_ASSIGN_OR_RETURN(const std::string question, llm::StringOf(object, "question"));
  QUERN_ASSIGN_OR_RETURN(const std::string answer, llm::StringOf(object, "answer"));
  QUERN_ASSIGN_OR_RETURN(const std::string quote, llm::StringOf(object, "quote"));
  reply->question = llm::OneLine(question);
  reply->answer = llm::OneLine(answer);
  reply->quote = quote;
  if (reply->question.empty() == reply->answer.empty()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, "SCHEMA_MISMATCH",
                   "\"question\" and \"answer\" must both be given, or both be empty");
}

bool IsBoolean(const std::string& answer) {
  std::string lower = absl::AsciiStrToLower(answer);
  while (!lower.empty() && absl::ascii_ispunct(static_cast<unsigned char>(lower.back()))) lower.pop_back();
  return lower == "yes" || lower == "no" || lower == "true" || lower == "false";
}

// The pair, with the quote's place where the document holds it literally.
v1::QuestionAnswer ToPair(const QuestionReply& reply, const v1::Document& document) {
  v1::QuestionAnswer pair;
  pair.set_question(reply.question);
  pair.set_answer(reply.answer);
  if (IsBoolean(reply.answer)) pair.set_answer_type(v1::ANSWER_TYPE_BOOLEAN);
  const size_t at = reply.quote.empty() ? std::string::npos : document.text().find(reply.quote);
  if (at != std::string::npos) {
    pair.mutable_evidence_span()->set_begin(at);
    pair.mutable_evidence_span()->set_end(at + reply.quote.size());
  }
  return pair;
}

stage::Reject Refuse(std::string_view reason, std::string_view message, v1::WorkItem item, v1::ModelReply raw) {
  stage::Reject reject;
  reject.rejection.set_stage(v1::STAGE_NAME_GENERATOR);
  reject.rejection.set_reason(std::string(reason));
  reject.rejection.set_message(std::string(message));
  *reject.rejection.mutable_reply() = std::move(raw);
  reject.item = std::move(item);
  return reject;
}

}  // namespace

absl::StatusOr<std::shared_ptr<ModelGeneratorStage>> ModelGeneratorStage::Make(const v1::JobSpec& spec, llm::Hub* hub) {
  const v1::GeneratorSpec& generator = spec.generator();
  Settings settings;
  if (generator.has_max_answer_words()) settings.max_answer_words = generator.max_answer_words();
  if (generator.has_fewshots()) settings.fewshots = generator.fewshots();
  if (generator.has_max_boolean_share()) settings.max_boolean_share = generator.max_boolean_share();
  settings.questions_per_persona = std::max(generator.questions_per_persona(), 1u);
  settings.seed = spec.seed();
  Fewshots fewshots = Fewshots::Builtin();
  if (!generator.fewshot_lines().empty()) {
    QUERN_ASSIGN_OR_RETURN(fewshots, Fewshots::FromLines(generator.fewshot_lines(), {spec.persona().domains().begin(),
                                                                                     spec.persona().domains().end()}));
  }
  stage::ModelTaskOptions options;
  options.name = "question";
  options.stage = v1::STAGE_NAME_GENERATOR;
  options.schema = {"quern_question", std::string(kSchema)};
  options.prompt = prompts::kQuestion;
  options.variables = {"persona", "domain", "examples", "max_answer_words", "boolean_rule", "which_question"};
  options.required = {"persona"};
  options.more_version = absl::StrCat(
      settings.fewshots, " ", settings.max_answer_words, " ",
      generator.fewshot_lines().empty() ? std::string("builtin/1") : ContentHash(generator.fewshot_lines()));
  QUERN_ASSIGN_OR_RETURN(auto task, stage::ModelTask::Make(hub, spec, generator.llm(), "generator.llm", options));
  return std::shared_ptr<ModelGeneratorStage>(new ModelGeneratorStage(settings, std::move(fewshots), std::move(task)));
}

bool ModelGeneratorStage::MayBeBoolean(const v1::WorkItem& item) const {
  const uint64_t hash = Hash64(item.document_id(), settings_.seed + item.ordinal());
  return static_cast<double>(hash % 10000) < settings_.max_boolean_share * 10000;
}

uint32_t ModelGeneratorStage::QuestionOfPersona(const v1::WorkItem& item) const {
  return item.ordinal() % settings_.questions_per_persona;
}

// Items run apart: none knows what the others ask.
std::string ModelGeneratorStage::WhichQuestion(const v1::WorkItem& item) const {
  if (settings_.questions_per_persona == 1) return "";
  return absl::StrCat("This reader asks ", settings_.questions_per_persona,
                      " questions about different facts, the most important one first. Write number ",
                      QuestionOfPersona(item) + 1, ".\n");
}

llm::PromptTemplate::Values ModelGeneratorStage::ValuesFor(const v1::WorkItem& item) const {
  // The document's alone, so that its personas share all of the prompt but its end.
  const uint64_t seed = Hash64(item.document_id(), settings_.seed);
  return {{"examples", FewshotText(fewshots_.Draw(item.domain(), settings_.fewshots, seed))},
          {"max_answer_words", absl::StrCat(settings_.max_answer_words)},
          {"boolean_rule", MayBeBoolean(item) ? "" : "- It is not a question of yes or no.\n"},
          {"domain", item.domain()},
          {"which_question", WhichQuestion(item)},
          {"persona", llm::OneLine(item.persona().description())}};
}

std::vector<stage::ShownPrompt> ModelGeneratorStage::Prompts(const stage::StageInput& input) const {
  return {task_->Show(*input.document, ValuesFor(input.item))};
}

boost::asio::awaitable<stage::Outcome> ModelGeneratorStage::Process(stage::StageInput input) {
  v1::StageTrace trace = task_->Trace();
  const llm::PromptTemplate::Values values = ValuesFor(input.item);
  QuestionReply reply;
  v1::ModelReply raw;
  auto accept = [&reply](const simdjson::dom::object& object) { return Read(object, &reply); };
  auto fault = co_await task_->Ask(input, values, QuestionOfPersona(input.item), accept, &trace, &raw);
  if (fault) co_return *std::move(fault);
  *input.item.add_trace() = std::move(trace);
  if (reply.question.empty()) {
    co_return Refuse("NO_QUESTION", "the model finds nothing to ask for this persona", std::move(input.item),
                     std::move(raw));
  }
  *input.item.mutable_question_answer() = ToPair(reply, *input.document);
  if (IsBoolean(reply.answer) && !MayBeBoolean(input.item)) {
    co_return Refuse("BOOLEAN_ANSWER", "the answer is yes or no, of which the job wants fewer", std::move(input.item),
                     std::move(raw));
  }
  stage::Advance advance;
  advance.outputs.push_back(std::move(input.item));
  co_return advance;
}

}  // namespace quern::generator
