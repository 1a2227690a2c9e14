#include "clients/cli/estimate.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cli/corpus_sample.h"
#include "clients/cli/estimation.h"
#include "clients/cli/estimation_text.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/reply_cache_option.h"
#include "clients/cli/run_output.h"
#include "clients/cli/sample_run.h"
#include "clients/cli/units.h"
#include "common/base/error.h"
#include "common/base/log.h"

namespace quern::cli {
namespace {

constexpr absl::Duration kShowEvery = absl::Milliseconds(200);

// A folder for what a sample's run leaves, removed at the end.
class SampleFolder {
 public:
  static absl::StatusOr<std::unique_ptr<SampleFolder>> Make() {
    std::error_code error;
    const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
    std::string pattern = (parent / "quern-estimate-XXXXXX").string();
    if (error || ::mkdtemp(pattern.data()) == nullptr) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_UNUSABLE",
                       absl::StrCat("no folder can be made in ", parent.string(), "; name another one in TMPDIR"));
    }
    return std::unique_ptr<SampleFolder>(new SampleFolder(std::move(pattern)));
  }
  ~SampleFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  explicit SampleFolder(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

bool AsksModels(const v1::JobSpec& spec) {
  return spec.filter().engine() == v1::ENGINE_LLM || spec.persona().engine() == v1::ENGINE_LLM ||
         spec.generator().engine() == v1::ENGINE_LLM || spec.verifier().engine() == v1::ENGINE_LLM;
}

// Where the reading of the corpus is: one line of a terminal, drawn over.
class ReadingDisplay {
 public:
  ReadingDisplay(const Console& console, bool shows, uint64_t bytes)
      : console_(console), shows_(shows && console.err_is_terminal), bytes_(bytes) {}
  ~ReadingDisplay() {
    if (drawn_) *console_.err << "\r\x1b[K" << std::flush;
  }

  void Show(uint64_t bytes, uint64_t documents) {
    if (!shows_ || absl::Now() - last_ < kShowEvery) return;
    last_ = absl::Now();
    drawn_ = true;
    *console_.err << "\rreading: " << Percent(std::min(bytes, bytes_), bytes_) << " of " << Bytes(bytes_) << ", "
                  << Counted(documents, "document") << "\x1b[K" << std::flush;
  }

 private:
  const Console& console_;
  const bool shows_;
  const uint64_t bytes_;
  absl::Time last_ = absl::InfinitePast();
  bool drawn_ = false;
};

class EstimateCommand {
 public:
  EstimateCommand(const EstimateOptions& options, const Console& console) : options_(options), console_(console) {}

  absl::StatusOr<int> Execute() {
    QUERN_ASSIGN_OR_RETURN(const v1::JobSpec spec, LoadSpec(options_.spec, StagesRun::kHere));
    if (!AsksModels(spec)) {
      *console_.err << "no stage of this job asks a model, so it costs nothing; see docs/models.md" << std::endl;
      return kExitDone;
    }
    currency_ = spec.budget().currency().empty() ? "USD" : spec.budget().currency();
    QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<llm::ReplyCache> replies,
                           OpenReplies(options_.reply_cache, spec, "estimate", console_));
    QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<SampleFolder> folder, SampleFolder::Make());
    InitLoggingToFile("quern", LogLevel::kInfo, folder->path() + "/quern.log");
    QUERN_ASSIGN_OR_RETURN(const CorpusSample corpus, Draw(spec, folder->path()));

    SampleOutcome outcome;
    for (const v1::Document& document : corpus.documents) outcome.documents.push_back(document.id());
    outcome.frame = corpus.frame;
    ProgressDisplay::Options display_options;
    display_options.quiet = options_.quiet;
    ProgressDisplay display(console_, display_options);
    const absl::Time began = absl::Now();
    absl::StatusOr<SampleRun> run =
        RunSample(spec, corpus.documents, folder->path(), replies, &usage_, display, console_);
    outcome.lasted = absl::Now() - began;
    QUERN_RETURN_IF_ERROR(run.status());
    if (run->job.state() == v1::JOB_STATE_PAUSED) return SayPaused(run->job);
    outcome.usages = usage_.usages();
    outcome.records = std::move(run->records);
    outcome.dead = run->job.counts().documents().dead() + run->job.counts().items().dead();
    const Estimation estimation = EstimateJob(spec, outcome);
    const EstimateReport report{corpus, outcome, estimation, currency_, spec.target_records(), replies != nullptr};
    *console_.out << (options_.json ? EstimateJson(report) : EstimateText(report)) << std::flush;
    return kExitDone;
  }

  // What was paid for nothing, for a command that ends early.
  void SayPaid() const {
    if (usage_.usages().empty()) return;
    *console_.err << "the sample took " << PaidText(SumOf(usage_.usages()), currency_) << " so far" << std::endl;
  }

 private:
  absl::StatusOr<CorpusSample> Draw(const v1::JobSpec& spec, const std::string& folder) {
    QUERN_ASSIGN_OR_RETURN(const dataset::Corpus corpus, OpenRunInputs(options_.inputs, folder));
    for (const std::string& warning : corpus.warnings) Warn(warning);
    CorpusSampleOptions sample;
    sample.size = options_.sample;
    sample.seed = spec.seed();
    sample.limit = options_.limit;
    ReadingDisplay display(console_, !options_.quiet, corpus.bytes);
    const auto show = [&display](uint64_t bytes, uint64_t documents) { display.Show(bytes, documents); };
    QUERN_ASSIGN_OR_RETURN(CorpusSample drawn, SampleCorpus(corpus, spec.input(), sample, show, console_.interrupt));
    for (const std::string& warning : drawn.warnings) Warn(warning);
    if (drawn.documents.empty()) {
      return MakeError(absl::StatusCode::kDataLoss, "NO_DOCUMENT",
                       absl::StrCat("the inputs hold no document that can be read (", drawn.unreadable,
                                    " that cannot); quern run would say why"));
    }
    return drawn;
  }

  void Warn(const std::string& warning) const { *console_.err << "quern estimate: warning: " << warning << std::endl; }

  int SayPaused(const v1::Job& job) const {
    *console_.err << "quern estimate: the sample was paused: " << Printable(job.state_reason(), 1000) << std::endl;
    SayPaid();
    return kExitPaused;
  }

  const EstimateOptions& options_;
  const Console& console_;
  std::string currency_ = "USD";
  UsageByDocument usage_;
};

}  // namespace

int Estimate(const EstimateOptions& options, const Console& console) {
  EstimateCommand command(options, console);
  const absl::StatusOr<int> code = command.Execute();
  if (code.ok()) return *code;
  command.SayPaid();
  if (console.interrupt.stop_requested() && absl::IsCancelled(code.status())) return InterruptedExitCode(console);
  return Fail(console, "estimate", code.status());
}

}  // namespace quern::cli
