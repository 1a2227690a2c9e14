#include "clients/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace quern::cli {
namespace {

using ::testing::HasSubstr;

struct Answer {
  int code;
  std::string out;
  std::string err;
};

Answer Quern(const std::vector<std::string>& words) {
  std::ostringstream out, err;
  Console console;
  console.out = &out;
  console.err = &err;
  const int code = RunCommandLine(words, console);
  return {code, out.str(), err.str()};
}

// The whole of a usage error is one line that names the help.
void ExpectUsage(const Answer& answer, const std::string& part) {
  EXPECT_EQ(answer.code, 64);
  EXPECT_THAT(answer.err, HasSubstr(part));
  EXPECT_THAT(answer.err, HasSubstr("--help"));
  EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 1) << answer.err;
  EXPECT_EQ(answer.out, "");
}

TEST(CommandLineTest, AnUnknownCommandSuggestsTheOneThatWasMeant) {
  ExpectUsage(Quern({"rnu", "x"}), "unknown command 'rnu' (did you mean 'run'?)");
  ExpectUsage(Quern({"dead-letters", "redirve"}), "unknown command 'redirve' (did you mean 'redrive'?)");
}

TEST(CommandLineTest, AnUnknownFlagSuggestsTheOneThatWasMeant) {
  ExpectUsage(Quern({"run", "x", "--output", "o", "--limt", "3"}), "unknown flag '--limt' (did you mean '--limit'?)");
  ExpectUsage(Quern({"--versoin"}), "unknown flag '--versoin'");
}

TEST(CommandLineTest, WhatIsMissingIsNamed) {
  ExpectUsage(Quern({}), "a command is missing");
  ExpectUsage(Quern({"run", "x"}), "--output is required");
  ExpectUsage(Quern({"run", "--output", "o"}), "INPUT is required");
  ExpectUsage(Quern({"run", "x", "--output", "o", "--limit", "many"}),
              "--limit: expects a whole number from 1, not \"many\"");
  ExpectUsage(Quern({"run", "x", "--output", "o", "--limit", "-3"}), "-3");
}

TEST(CommandLineTest, ValuesThatCannotBeMeantAreFaultsOfUsage) {
  ExpectUsage(Quern({"run", "x", "--output", ""}), "--output: must not be empty");
  ExpectUsage(Quern({"records", "x", "--output", ""}), "--output: must not be empty");
  ExpectUsage(Quern({"run", "x", "--output", "o", "--limit", "0"}), "--limit: expects a whole number from 1");
  ExpectUsage(Quern({"submit", "x", "--job", "j", "--limit", "0"}), "--limit: expects a whole number from 1");
  ExpectUsage(Quern({"inspect", "x", "--samples", "-1"}), "--samples: expects a whole number from 0, not \"-1\"");
  ExpectUsage(Quern({"run", "x", "--output", "o", "--job", "My Job"}), "--job: expects 1 to 63 characters of a-z");
  ExpectUsage(Quern({"submit", "x", "--job", "My Job"}), "--job: expects 1 to 63 characters of a-z");
  for (const char* output : {"x.csv", "x.jsonl.gz", "x"}) {
    ExpectUsage(Quern({"import", "text", "x.txt", "--output", output}), "--output: expects a file's name that ends in");
  }
}

TEST(CommandLineTest, ABadAssignmentIsAFaultOfUsage) {
  const Answer answer = Quern({"run", "x", "--output", "o", "--set", "queue.lanes"});
  EXPECT_EQ(answer.code, 64);
  EXPECT_THAT(answer.err, HasSubstr("PATH=VALUE"));
}

TEST(CommandLineTest, HelpTeachesWithExamples) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"run", "--help"}, {"help", "run"}, {"dead-letters", "redrive", "--help"}}) {
    const Answer answer = Quern(words);
    EXPECT_EQ(answer.code, 0);
    EXPECT_THAT(answer.out, HasSubstr("Examples:"));
    EXPECT_EQ(answer.err, "");
  }
  EXPECT_THAT(Quern({"--help"}).out, HasSubstr("Start here:"));
}

TEST(CommandLineTest, AnAddressWithoutAPortIsAFaultOfUsage) {
  const Answer answer = Quern({"status", "--server", "localhost"});
  EXPECT_EQ(answer.code, 64);
  EXPECT_THAT(answer.err, HasSubstr("HOST:PORT"));
}

TEST(CommandLineTest, TheReferenceInTheDocumentsIsTheHelp) {
  std::ifstream file("docs/cli.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), CommandLineReference()) << "run: build/bin/quern help --markdown > docs/cli.md";
}

}  // namespace
}  // namespace quern::cli
