#include "services/verifier/model_verifier_stage.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/llm/prompt.h"
#include "services/verifier/answers_match.h"
#include "services/verifier/checks.h"
#include "services/verifier/verifier.h"
#include "services/verifier/verifier_prompts.h"

namespace quern::verifier {
namespace {

constexpr std::string_view kVerdictSchema = R"({"type":"object","properties":{"reason":{"type":"string"},
"context":{"type":"boolean"},"correct":{"type":"boolean"},"leak":{"type":"boolean"}},
"required":["reason","context","correct","leak"],"additionalProperties":false})";
constexpr std::string_view kAnswerSchema = R"({"type":"object","properties":{"answer":{"type":"string"}},
"required":["answer"],"additionalProperties":false})";

struct VerdictReply {
  bool context = false;
  bool correct = false;
  bool leak = false;
};

absl::Status ReadVerdict(const simdjson::dom::object& object, VerdictReply* reply) {
  QUERN_ASSIGN_OR_RETURN(reply->context, llm::BoolOf(object, "context"));
  QUERN_ASSIGN_OR_RETURN(reply->correct, llm::BoolOf(object, "correct"));
  QUERN_ASSIGN_OR_RETURN(reply->leak, llm::BoolOf(object, "leak"));
  return llm::StringOf(object, "reason").status();
}

absl::Status ReadAnswer(const simdjson::dom::object& object, std::string* answer) {
  QUERN_ASSIGN_OR_RETURN(*answer, llm::StringOf(object, "answer"));
  return absl::OkStatus();
}

stage::ModelTaskOptions AnswerTask(std::string_view name, std::string_view prompt, bool shows_document) {
  stage::ModelTaskOptions options;
  options.name = name;
  options.stage = v1::STAGE_NAME_VERIFIER;
  options.schema = {"quern_answer", std::string(kAnswerSchema)};
  options.prompt = prompt;
  options.variables = {"question", "max_answer_words"};
  options.required = {"question"};
  options.shows_document = shows_document;
  return options;
}

}  // namespace

struct ModelVerifierStage::Work {
  explicit Work(stage::StageInput input_in) : input(std::move(input_in)) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  void Note(std::string_view name, bool passed, std::string detail) {
    v1::Check* check = item.add_checks();
    check->set_name(std::string(name));
    check->set_passed(passed);
    check->set_detail(std::move(detail));
  }

  stage::Outcome Refuse(std::string_view reason, std::string_view message) {
    stage::Reject reject;
    reject.rejection.set_stage(v1::STAGE_NAME_VERIFIER);
    reject.rejection.set_reason(std::string(reason));
    reject.rejection.set_message(std::string(message));
    if (!reply.task().empty()) *reject.rejection.mutable_reply() = std::move(reply);
    *item.add_trace() = std::move(trace);
    reject.item = std::move(item);
    return reject;
  }

  llm::PromptTemplate::Values Values(size_t max_answer_words) const {
    return {{"question", llm::OneLine(item.question_answer().question())},
            {"answer", llm::OneLine(item.question_answer().answer())},
            {"max_answer_words", absl::StrCat(max_answer_words)}};
  }

  stage::StageInput input;
  v1::WorkItem& item = input.item;
  v1::StageTrace trace;
  v1::ModelReply reply;
};

absl::StatusOr<std::shared_ptr<ModelVerifierStage>> ModelVerifierStage::Make(
    const v1::JobSpec& spec, Options options, std::shared_ptr<const ContaminationIndex> evaluation_sets,
    llm::Hub* hub) {
  const v1::VerifierSpec& verifier = spec.verifier();
  auto made = std::shared_ptr<ModelVerifierStage>(new ModelVerifierStage(std::move(options)));
  made->evaluation_sets_ = std::move(evaluation_sets);
  made->votes_ = verifier.votes();
  made->closed_ = verifier.closed_book();
  stage::ModelTaskOptions verdict;
  verdict.name = "verdict";
  verdict.stage = v1::STAGE_NAME_VERIFIER;
  verdict.schema = {"quern_verdict", std::string(kVerdictSchema)};
  verdict.prompt = prompts::kVerdict;
  verdict.variables = {"question", "answer"};
  verdict.required = {"question", "answer"};
  QUERN_ASSIGN_OR_RETURN(made->verdict_, stage::ModelTask::Make(hub, spec, verifier.llm(), "verifier.llm", verdict));
  if (verifier.open_book().enabled()) {
    QUERN_ASSIGN_OR_RETURN(made->open_book_,
                           stage::ModelTask::Make(hub, spec, verifier.open_book().llm(), "verifier.open_book.llm",
                                                  AnswerTask("open_book", prompts::kOpenBook, true)));
  }
  if (verifier.closed_book().samples() > 0) {
    QUERN_ASSIGN_OR_RETURN(made->closed_book_,
                           stage::ModelTask::Make(hub, spec, verifier.closed_book().llm(), "verifier.closed_book.llm",
                                                  AnswerTask("closed_book", prompts::kClosedBook, false)));
  }
  return made;
}

std::vector<stage::ShownPrompt> ModelVerifierStage::Prompts(const stage::StageInput& input) const {
  const Work work(input);
  const llm::PromptTemplate::Values values = work.Values(options_.max_answer_words);
  std::vector<stage::ShownPrompt> prompts = {verdict_->Show(*input.document, values)};
  if (open_book_ != nullptr) prompts.push_back(open_book_->Show(*input.document, values));
  if (closed_book_ != nullptr) prompts.push_back(closed_book_->Show(*input.document, values));
  return prompts;
}

boost::asio::awaitable<stage::Outcome> ModelVerifierStage::Process(stage::StageInput input) {
  if (!input.item.has_question_answer()) {
    co_return stage::Fault{stage::Fault::Of::kItem,
                           MakeError(absl::StatusCode::kInvalidArgument, "NO_PAIR",
                                     "the item has no question and answer; the generator sets them")};
  }
  Work work(std::move(input));
  work.trace = verdict_->Trace();
  if (Verdict refused = CheckByRules(&work)) co_return *std::move(refused);
  Verdict refused = co_await CheckByVerdict(&work);
  if (refused) co_return *std::move(refused);
  refused = co_await CheckOpenBook(&work);
  if (refused) co_return *std::move(refused);
  refused = co_await CheckClosedBook(&work);
  if (refused) co_return *std::move(refused);
  *work.item.add_trace() = std::move(work.trace);
  stage::Advance advance;
  advance.outputs.push_back(std::move(work.item));
  co_return advance;
}

ModelVerifierStage::Verdict ModelVerifierStage::CheckByRules(Work* work) const {
  verifier::Verdict found =
      Verify(*work->input.document, work->item.question_answer(), options_, evaluation_sets_.get());
  *work->item.mutable_question_answer() = std::move(found.pair);
  for (v1::Check& check : found.checks) *work->item.add_checks() = std::move(check);
  if (!found.passed) return work->Refuse(found.reason, found.message);
  // A model may answer in other words than the document's; where it does not, its answer's place is worth knowing.
  std::string ignored;
  CheckGrounded(*work->input.document, *work->item.mutable_question_answer(), ignored);
  return std::nullopt;
}

boost::asio::awaitable<ModelVerifierStage::Verdict> ModelVerifierStage::CheckByVerdict(Work* work) const {
  const llm::PromptTemplate::Values values = work->Values(options_.max_answer_words);
  const uint32_t majority = votes_ / 2 + 1;
  uint32_t asked = 0, context = 0, correct = 0, leaks = 0;
  const auto decided = [&](uint32_t yes) { return yes >= majority || asked - yes >= majority; };
  // No more votes than it takes.
  while (asked < votes_ && !(decided(context) && decided(correct) && decided(leaks) && asked > 0)) {
    VerdictReply reply;
    auto accept = [&reply](const simdjson::dom::object& object) { return ReadVerdict(object, &reply); };
    auto fault = co_await verdict_->Ask(work->input, values, asked, accept, &work->trace, &work->reply);
    if (fault) co_return stage::Outcome(*std::move(fault));
    ++asked;
    context += reply.context ? 1 : 0;
    correct += reply.correct ? 1 : 0;
    leaks += reply.leak ? 1 : 0;
  }
  const auto tally = [&](uint32_t yes) { return votes_ == 1 ? "" : absl::StrFormat("%d of %d votes", yes, asked); };
  work->Note("model_context", context >= majority, tally(context));
  if (context < majority) co_return work->Refuse("NO_CONTEXT", "the model finds that the question needs the document");
  work->Note("model_correct", correct >= majority, tally(correct));
  if (correct < majority)
    co_return work->Refuse("INCORRECT", "the model finds that the document does not prove the answer");
  work->Note("model_not_leaked", leaks < majority, tally(leaks));
  if (leaks >= majority) co_return work->Refuse("LEAKS", "the model finds that the question gives its answer away");
  co_return std::nullopt;
}

boost::asio::awaitable<ModelVerifierStage::Verdict> ModelVerifierStage::CheckOpenBook(Work* work) const {
  if (open_book_ == nullptr) co_return std::nullopt;
  std::string answer;
  auto accept = [&answer](const simdjson::dom::object& object) { return ReadAnswer(object, &answer); };
  const llm::PromptTemplate::Values values = work->Values(options_.max_answer_words);
  auto fault = co_await open_book_->Ask(work->input, values, 0, accept, &work->trace, &work->reply);
  if (fault) co_return stage::Outcome(*std::move(fault));
  const bool same = AnswersMatch(answer, work->item.question_answer().answer());
  work->Note("open_book", same, same ? "" : "another answer from the document");
  if (!same) co_return work->Refuse("OPEN_BOOK_DIFFERS", "asked again with the document, a model answers otherwise");
  co_return std::nullopt;
}

boost::asio::awaitable<ModelVerifierStage::Verdict> ModelVerifierStage::CheckClosedBook(Work* work) const {
  if (closed_book_ == nullptr) co_return std::nullopt;
  const llm::PromptTemplate::Values values = work->Values(options_.max_answer_words);
  uint32_t right = 0;
  for (uint32_t sample = 0; sample < closed_.samples(); ++sample) {
    std::string answer;
    auto accept = [&answer](const simdjson::dom::object& object) { return ReadAnswer(object, &answer); };
    auto fault = co_await closed_book_->Ask(work->input, values, sample, accept, &work->trace, &work->reply);
    if (fault) co_return stage::Outcome(*std::move(fault));
    right += AnswersMatch(answer, work->item.question_answer().answer()) ? 1 : 0;
  }
  const double rate = static_cast<double>(right) / closed_.samples();
  const bool kept = rate >= closed_.min_rate() && rate <= closed_.max_rate();
  work->Note("closed_book", kept, absl::StrFormat("%d of %d right", right, closed_.samples()));
  if (kept) co_return std::nullopt;
  stage::Outcome outcome =
      work->Refuse("CLOSED_BOOK_RATE", "a model knows the answer too often or too seldom without it");
  v1::Rejection& rejection = std::get<stage::Reject>(outcome).rejection;
  rejection.set_value(rate);
  rejection.set_threshold(rate < closed_.min_rate() ? closed_.min_rate() : closed_.max_rate());
  co_return outcome;
}

}  // namespace quern::verifier
