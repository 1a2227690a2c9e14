#include "clients/cli/arguments.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/convert.h"
#include "clients/cli/dead_letters.h"
#include "clients/cli/estimate.h"
#include "clients/cli/health.h"
#include "clients/cli/help_text.h"
#include "clients/cli/import.h"
#include "clients/cli/inspect.h"
#include "clients/cli/job_commands.h"
#include "clients/cli/prompts.h"
#include "clients/cli/records.h"
#include "clients/cli/run.h"
#include "clients/cli/submit.h"
#include "clients/cli/trace.h"
#include "services/pipeline/names.h"

namespace quern::cli {
namespace {

constexpr char kDefaultServer[] = "127.0.0.1:7070";

// A command whose options live as long as the app, and what to do with them.
template <class Options>
CLI::App* AddCommand(Arguments* arguments, CLI::App* parent, const CommandHelp& help,
                     int (*command)(const Options&, const Console&), std::shared_ptr<Options> options) {
  CLI::App* app = parent->add_subcommand(help.name, help.summary);
  app->footer(help.text);
  app->callback([arguments, command, options] {
    arguments->execute = [command, options](const Console& console) { return command(*options, console); };
  });
  return app;
}

// CLI11's own names all numbers that there are.
std::string IsAmount(const std::string& text) {
  double amount = 0;
  const bool is = absl::SimpleAtod(text, &amount) && amount >= 0 && std::isfinite(amount);
  return is ? "" : "must be a number of 0 or more";
}

CLI::Validator NotEmpty() {
  return {[](const std::string& text) { return std::string(text.empty() ? "must not be empty" : ""); }, ""};
}

void AddSpec(CLI::App* app, SpecOptions* spec) {
  app->add_option("--spec", spec->file, "The job's YAML; see docs/configuration.md")->type_name("FILE");
  app->add_option("--engine", spec->engine, "extractive (rules, the default) or llm; wins over the spec")
      ->type_name("ENGINE");
  app->add_option("--set", spec->set, "Sets one field of the spec, over the file; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
}

CLI::Option* AddReplyCache(CLI::App* app, std::string* folder) {
  return app
      ->add_option("--reply-cache", *folder,
                   "Folder that keeps models' replies: what was asked before costs nothing; runs may share it")
      ->type_name("DIR")
      ->check(NotEmpty());
}

// How to speak to a server that asks for TLS or a token.
void AddAccess(CLI::App* app, Server* server) {
  const auto add = [&](const char* flag, std::string* file, const char* variable, const char* help) {
    app->add_option(flag, *file, absl::StrCat(help, "; default: $", variable))
        ->type_name("FILE")
        ->envname(variable)
        ->group("Access");
  };
  add("--ca-file", &server->ca_file, "QUERN_CA_FILE", "TLS, with a server whose certificate this CA signed");
  add("--certificate-file", &server->certificate_file, "QUERN_CERTIFICATE_FILE", "Own certificate, for mutual TLS");
  add("--key-file", &server->key_file, "QUERN_KEY_FILE", "Its key");
  add("--token-file", &server->token_file, "QUERN_TOKEN_FILE", "A token to send with each call");
  app->add_option("--server-name", server->name, "Name in the server's certificate, where it is another one")
      ->type_name("NAME")
      ->group("Access");
}

void AddServer(CLI::App* app, Server* server) {
  server->address = kDefaultServer;
  app->add_option("--server", server->address, "The pipeline's address; default: $QUERN_SERVER, else 127.0.0.1:7070")
      ->type_name("HOST:PORT")
      ->envname("QUERN_SERVER");
  AddAccess(app, server);
}

void AddJob(CLI::App* app, std::string* job) {
  app->add_option("JOB", *job, "The job's name")->required()->type_name("");
}

void AddInputs(CLI::App* app, std::vector<std::string>* inputs, const char* description) {
  app->add_option("INPUT", *inputs, description)->required()->type_name("")->expected(1, -1);
}

CLI::Validator WholeNumber(uint64_t least) {
  const auto check = [least](const std::string& text) {
    uint64_t number = 0;
    if (absl::SimpleAtoi(text, &number) && number >= least) return std::string();
    return absl::StrCat("expects a whole number from ", least, ", not \"", text, "\"");
  };
  return {check, ""};
}

CLI::Validator NameOfJob() {
  const auto check = [](const std::string& text) {
    if (pipeline::CheckJobId(text).ok()) return std::string();
    return absl::StrCat("expects 1 to 63 characters of a-z, 0-9 and \"-\" that begin with a letter, not \"", text,
                        "\"");
  };
  return {check, ""};
}

CLI::Validator NameOfJsonLines() {
  const auto check = [](const std::string& text) {
    if (absl::EndsWith(text, ".jsonl") || absl::EndsWith(text, ".jsonl.zst")) return std::string();
    return absl::StrCat("expects a file's name that ends in .jsonl or .jsonl.zst, not \"", text, "\"");
  };
  return {check, ""};
}

void AddRun(Arguments* arguments) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kRunHelp, &Run, options);
  AddInputs(app, &options->inputs, "Files, folders, or - for standard input");
  app->add_option("-o,--output", options->output, "Folder of the dataset")
      ->required()
      ->type_name("DIR")
      ->check(NotEmpty());
  AddSpec(app, &options->spec);
  app->add_option("--limit", options->limit, "Take only the first N documents")->type_name("N")->check(WholeNumber(1));
  app->add_flag("--redrive", options->redrive,
                "Send the dead letters of the run in DIR on their way again, once what killed them is mended");
  app->add_option("--job", options->job, "The job's name in the records' provenance; default: run")
      ->type_name("NAME")
      ->check(NameOfJob());
  app->add_option("--redis", options->redis, "A Redis with a database of its own, instead of a private redis-server")
      ->type_name("URL");
  AddReplyCache(app, &options->reply_cache);
  app->add_option("--listen", options->listen, "Serve gRPC too, for `quern watch` and the like")
      ->type_name("HOST:PORT");
  app->add_option("--metrics", options->metrics, "Serve Prometheus metrics; default: off")->type_name("HOST:PORT");
  app->add_flag("-q,--quiet", options->quiet, "Show no progress");
}

void AddSubmit(Arguments* arguments) {
  auto options = std::make_shared<SubmitOptions>();
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kSubmitHelp, &Submit, options);
  AddInputs(app, &options->inputs, "Files or folders");
  app->add_option("--job", options->job, "The job's name: a-z, 0-9 and -")
      ->required()
      ->type_name("NAME")
      ->check(NameOfJob());
  AddServer(app, &options->server);
  AddSpec(app, &options->spec);
  app->add_option("--limit", options->limit, "Take only the first N documents")->type_name("N")->check(WholeNumber(1));
  app->add_flag("--watch", options->watch, "Follow the job to its end");
  app->add_flag("-q,--quiet", options->quiet, "Show no progress");
}

void AddWatch(Arguments* arguments) {
  auto options = std::make_shared<WatchCommandOptions>();
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kWatchHelp, &Watch, options);
  AddJob(app, &options->job);
  AddServer(app, &options->server);
  app->add_flag("-q,--quiet", options->quiet, "Show only how it ended");
}

void AddJobCommands(Arguments* arguments) {
  const auto add = [&](const CommandHelp& help, int (*command)(const JobOptions&, const Console&)) {
    auto options = std::make_shared<JobOptions>();
    CLI::App* app = AddCommand(arguments, arguments->app.get(), help, command, options);
    AddServer(app, &options->server);
    return std::pair(app, options);
  };
  const auto [status, status_options] = add(kStatusHelp, &Status);
  status->add_option("JOB", status_options->job, "The job's name; all jobs when left out")->type_name("");
  status->add_flag("--json", status_options->json, "One JSON object per job");
  for (const auto& [help, command] : {std::pair(&kPauseHelp, &Pause), std::pair(&kResumeHelp, &Resume),
                                      std::pair(&kCancelHelp, &Cancel), std::pair(&kDeleteHelp, &Delete)}) {
    const auto [app, options] = add(*help, command);
    AddJob(app, &options->job);
    if (help == &kResumeHelp) {
      app->add_option("--max-cost", options->max_cost, "New cap on what its calls cost, in its currency; 0 for none")
          ->type_name("AMOUNT")
          ->check(IsAmount);
      app->add_option("--max-tokens", options->max_tokens, "New cap on its tokens; 0 for none")->type_name("N");
    }
    if (help == &kDeleteHelp) app->add_flag("--dataset", options->delete_dataset, "Remove the dataset's files as well");
  }
}

void AddRecords(Arguments* arguments) {
  auto options = std::make_shared<RecordsOptions>();
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kRecordsHelp, &Records, options);
  AddJob(app, &options->job);
  AddServer(app, &options->server);
  app->add_flag("-f,--follow", options->follow, "Wait for more until the job ends");
  app->add_option("-o,--output", options->output, "File to write; default: - for standard output")
      ->type_name("FILE")
      ->check(NotEmpty());
}

void AddDeadLetters(Arguments* arguments) {
  CLI::App* parent = arguments->app->add_subcommand(kDeadLettersHelp.name, kDeadLettersHelp.summary);
  parent->footer(kDeadLettersHelp.text);
  parent->require_subcommand(1);
  auto list = std::make_shared<DeadLettersOptions>();
  CLI::App* app = AddCommand(arguments, parent, kDeadLettersListHelp, &ListDeadLetters, list);
  AddJob(app, &list->job);
  AddServer(app, &list->server);
  app->add_option("--reason", list->reason, "Only this reason")->type_name("REASON");
  app->add_flag("--json", list->json, "JSON Lines, with documents");
  auto redrive = std::make_shared<DeadLettersOptions>();
  app = AddCommand(arguments, parent, kDeadLettersRedriveHelp, &RedriveDeadLetters, redrive);
  AddJob(app, &redrive->job);
  AddServer(app, &redrive->server);
  app->add_option("--reason", redrive->reason, "Only this reason")->type_name("REASON");
  app->add_option("--id", redrive->ids, "Only this dead letter; may be repeated")
      ->type_name("ID")
      ->allow_extra_args(false);
}

void AddHealth(Arguments* arguments) {
  auto options = std::make_shared<HealthOptions>();
  options->server.address = kDefaultServer;
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kHealthHelp, &Health, options);
  app->add_option("ADDRESS", options->server.address,
                  "HOST:PORT of the process; default: 127.0.0.1:7070, the pipeline's")
      ->type_name("");
  AddAccess(app, &options->server);
}

void AddImport(Arguments* arguments) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kImportHelp, &Import, options);
  app->add_option("KIND", options->kind, "html, text or dict")->required()->type_name("");
  AddInputs(app, &options->inputs, "Files or folders");
  app->add_option("-o,--output", options->output, "JSON Lines to write, .jsonl or .jsonl.zst")
      ->required()
      ->type_name("FILE")
      ->check(NameOfJsonLines());
  app->add_option("--prefix", options->prefix, "Put before every document's id, to tell corpora apart")
      ->type_name("TEXT");
}

void AddConvert(Arguments* arguments) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kConvertHelp, &Convert, options);
  app->add_option("FILE", options->input, "A file as `quern run` takes it")->required()->type_name("");
  app->add_option("--line", options->line, "Of JSON Lines: the document at this line; default: 1")
      ->type_name("N")
      ->check(WholeNumber(1));
  CLI::Option* server =
      app->add_option("--server", options->server.address, "Ask this pipeline; default: convert in this process")
          ->type_name("HOST:PORT");
  AddAccess(app, &options->server);
  AddSpec(app, &options->spec);
  // A pipeline's stages have the cache of their own configuration.
  AddReplyCache(app, &options->reply_cache)->excludes(server);
  app->add_flag("--json", options->json, "The whole trace as JSON");
}

void AddEstimate(Arguments* arguments) {
  auto options = std::make_shared<EstimateOptions>();
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kEstimateHelp, &Estimate, options);
  AddInputs(app, &options->inputs, "Files, folders, or - for standard input");
  AddSpec(app, &options->spec);
  app->add_option("--sample", options->sample, "Documents to draw and to work off; default: 500")
      ->type_name("N")
      ->check(WholeNumber(2));
  app->add_option("--limit", options->limit, "Estimate for the first N documents, as `quern run --limit` takes them")
      ->type_name("N")
      ->check(WholeNumber(1));
  AddReplyCache(app, &options->reply_cache);
  app->add_flag("--json", options->json, "One JSON object");
  app->add_flag("-q,--quiet", options->quiet, "Show no progress");
}

void AddPrompts(Arguments* arguments) {
  auto options = std::make_shared<PromptsOptions>();
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kPromptsHelp, &Prompts, options);
  app->add_option("FILE", options->input, "A file as `quern run` takes it")->required()->type_name("");
  app->add_option("--line", options->line, "Of JSON Lines: the document at this line; default: 1")
      ->type_name("N")
      ->check(WholeNumber(1));
  AddSpec(app, &options->spec);
}

void AddInspect(Arguments* arguments) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kInspectHelp, &Inspect, options);
  app->add_option("DIR", options->dir, "The dataset's folder")->required()->type_name("");
  app->add_flag("--json", options->json, "One JSON object");
  app->add_option("--samples", options->samples, "Records to show; default: 5")->type_name("N")->check(WholeNumber(0));
}

void AddTrace(Arguments* arguments) {
  auto options = std::make_shared<TraceOptions>();
  CLI::App* app = AddCommand(arguments, arguments->app.get(), kTraceHelp, &Trace, options);
  app->add_option("ID", options->id, "The document's id, or \"ID#N\" of one of its records, rejections or dead letters")
      ->required()
      ->type_name("")
      ->check(NotEmpty());
  CLI::Option* output =
      app->add_option("-o,--output", options->output, "Folder of a dataset")->type_name("DIR")->check(NotEmpty());
  app->add_option("--job", options->job, "A job of the server")
      ->type_name("NAME")
      ->check(NameOfJob())
      ->excludes(output);
  AddServer(app, &options->server);
  app->add_flag("--json", options->json, "One JSON object");
}

}  // namespace

std::unique_ptr<Arguments> DeclareCommands() {
  auto arguments = std::make_unique<Arguments>();
  arguments->app = std::make_unique<CLI::App>(kProgramSummary, "quern");
  CLI::App* app = arguments->app.get();
  app->footer(kProgramHelp);
  app->require_subcommand(1);
  app->get_formatter()->column_width(kHelpColumn);
  // Unknown words are answered by us, with what may have been meant.
  app->allow_extras(false);
  AddRun(arguments.get());
  AddInspect(arguments.get());
  AddTrace(arguments.get());
  AddConvert(arguments.get());
  AddPrompts(arguments.get());
  AddEstimate(arguments.get());
  AddImport(arguments.get());
  AddSubmit(arguments.get());
  AddWatch(arguments.get());
  AddJobCommands(arguments.get());
  AddRecords(arguments.get());
  AddDeadLetters(arguments.get());
  AddHealth(arguments.get());
  return arguments;
}

}  // namespace quern::cli
