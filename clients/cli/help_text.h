#pragma once

namespace quern::cli {

// What --help teaches, command by command. docs/cli.md is made of it.
struct CommandHelp {
  const char* name;
  // One line for the list of commands.
  const char* summary;
  // What the flags do not say, and examples.
  const char* text;
};

// Column at which the descriptions of flags begin.
inline constexpr int kHelpColumn = 28;

extern const char kProgramSummary[];
extern const char kProgramHelp[];
// One line for each exit code.
extern const char kExitCodes[];

extern const CommandHelp kRunHelp;
extern const CommandHelp kInspectHelp;
extern const CommandHelp kTraceHelp;
extern const CommandHelp kConvertHelp;
extern const CommandHelp kPromptsHelp;
extern const CommandHelp kEstimateHelp;
extern const CommandHelp kImportHelp;
extern const CommandHelp kSubmitHelp;
extern const CommandHelp kWatchHelp;
extern const CommandHelp kStatusHelp;
extern const CommandHelp kPauseHelp;
extern const CommandHelp kResumeHelp;
extern const CommandHelp kCancelHelp;
extern const CommandHelp kDeleteHelp;
extern const CommandHelp kRecordsHelp;
extern const CommandHelp kDeadLettersHelp;
extern const CommandHelp kDeadLettersListHelp;
extern const CommandHelp kDeadLettersRedriveHelp;
extern const CommandHelp kHealthHelp;

}  // namespace quern::cli
