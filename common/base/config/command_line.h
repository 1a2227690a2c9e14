#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace quern::config {

// A flag that a program knows.
struct FlagSpec {
  // Without the dashes: "redis".
  std::string name;
  // What to write for its value in --help: "URL". Empty: a switch without a value.
  std::string value;
  std::string help;
};

// A command line, taken apart: "--name=value", "--name value", "--switch", positional words, and "--", after which all
// words are positional. A flag may be repeated. Immutable, thread-safe.
class CommandLine {
 public:
  // INVALID_ARGUMENT, reason USAGE, names all faults: unknown flags, values missing or in excess. `words` come without
  // the program's name.
  static absl::StatusOr<CommandLine> Parse(const std::vector<FlagSpec>& flags, const std::vector<std::string>& words);

  bool Has(std::string_view name) const { return values_.find(name) != values_.end(); }
  // The last value given, or `fallback`.
  std::string Value(std::string_view name, std::string_view fallback = "") const;
  // All values given, in order.
  std::vector<std::string> Values(std::string_view name) const;
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> positional_;
};

// The flags as an aligned list for --help, wrapped at 100 columns.
std::string FlagHelp(const std::vector<FlagSpec>& flags);

}  // namespace quern::config
