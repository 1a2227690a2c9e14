#include "clients/cli/command_line.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "clients/cli/arguments.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/help_text.h"
#include "clients/cli/suggestion.h"
#include "common/base/version.h"

namespace quern::cli {
namespace {

// The full name of a command: "dead-letters list"; "" for the program itself.
std::string CommandName(const CLI::App& app) {
  if (app.get_parent() == nullptr) return "";
  const std::string parent = CommandName(*app.get_parent());
  return parent.empty() ? app.get_name() : parent + " " + app.get_name();
}

// The innermost command that the words name.
const CLI::App* Named(const CLI::App* app, const std::vector<std::string>& words, size_t* used) {
  while (*used < words.size()) {
    const auto named = [&](const CLI::App* command) { return command->get_name() == words[*used]; };
    const std::vector<const CLI::App*> next = app->get_subcommands(named);
    if (next.empty()) break;
    app = next[0];
    ++*used;
  }
  return app;
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> FlagNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// Exactly one line, whatever is wrong.
int Usage(const Console& console, const CLI::App& app, const std::string& what) {
  const std::string command = CommandName(app);
  const std::string program = command.empty() ? "quern" : "quern " + command;
  *console.err << program << ": " << what << "; see " << program << " --help" << std::endl;
  return config::kExitUsage;
}

// Says why the words could not be taken apart.
int Explain(const Console& console, const CLI::App& app, const std::vector<std::string>& rest,
            const CLI::ParseError& error) {
  if (!CommandNames(app).empty()) {
    if (rest.empty()) return Usage(console, app, "a command is missing");
    const bool flag = rest[0].size() > 1 && rest[0][0] == '-';
    return Usage(console, app,
                 absl::StrCat("unknown ", flag ? "flag" : "command", " '", rest[0], "'",
                              Suggestion(rest[0], flag ? FlagNames(app) : CommandNames(app))));
  }
  const std::vector<std::string> flags = FlagNames(app);
  for (const std::string& word : rest) {
    if (word == "--") break;
    const std::string name = word.substr(0, word.find('='));
    if (name.rfind("--", 0) == 0 && std::find(flags.begin(), flags.end(), name) == flags.end()) {
      return Usage(console, app, absl::StrCat("unknown flag '", name, "'", Suggestion(name, flags)));
    }
  }
  std::string what = error.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  return Usage(console, app, what);
}

std::optional<int> AnswerHelp(const std::vector<std::string>& words, const Console& console) {
  if (words == std::vector<std::string>{"--version"}) {
    *console.out << "quern " << Version() << std::endl;
    return kExitDone;
  }
  if (words == std::vector<std::string>{"help", "--markdown"}) {
    *console.out << CommandLineReference() << std::flush;
    return kExitDone;
  }
  return std::nullopt;
}

}  // namespace

int RunCommandLine(const std::vector<std::string>& words, const Console& console) {
  if (const auto answered = AnswerHelp(words, console)) return *answered;
  const std::unique_ptr<Arguments> arguments = DeclareCommands();
  // `quern help run` is `quern run --help`.
  std::vector<std::string> asked = words;
  if (!asked.empty() && asked[0] == "help") {
    asked.erase(asked.begin());
    asked.push_back("--help");
  }
  size_t used = 0;
  const CLI::App* named = Named(arguments->app.get(), asked, &used);
  try {
    // CLI11 takes them from the back.
    arguments->app->parse(std::vector<std::string>(asked.rbegin(), asked.rend()));
  } catch (const CLI::CallForHelp&) {
    *console.out << named->help(CommandName(*named).empty() ? "" : "quern") << std::flush;
    return kExitDone;
  } catch (const CLI::ParseError& error) {
    return Explain(console, *named, {asked.begin() + static_cast<std::ptrdiff_t>(used), asked.end()}, error);
  }
  return arguments->execute(console);
}

std::string CommandLineReference() {
  const std::unique_ptr<Arguments> arguments = DeclareCommands();
  std::string text =
      "# The command line\n\nWritten by `build/bin/quern help --markdown > docs/cli.md`; a test keeps it "
      "true.\n\n```\n";
  absl::StrAppend(&text, arguments->app->help(), "```\n");
  const std::function<void(const CLI::App&)> add = [&](const CLI::App& app) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      absl::StrAppend(&text, "\n## quern ", CommandName(*command), "\n\n```\n",
                      command->help(CommandName(app).empty() ? "quern" : "quern " + CommandName(app)), "```\n");
      add(*command);
    }
  };
  add(*arguments->app);
  absl::StrAppend(&text, "\n## Exit codes\n\n```\n", kExitCodes, "```\n");
  return text;
}

}  // namespace quern::cli
