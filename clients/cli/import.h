#pragma once

#include <string>
#include <vector>

#include "clients/cli/console.h"

namespace quern::cli {

// `quern import`.
struct ImportOptions {
  // "html", "text" or "dict".
  std::string kind;
  std::vector<std::string> inputs;
  // What every id begins with.
  std::string prefix;
  // The file to write; one that ends in ".zst" is compressed. It is not written when no document comes out.
  std::string output;
};

// Turns files of other forms into JSON Lines as `run` takes them. Returns the exit code.
int Import(const ImportOptions& options, const Console& console);

}  // namespace quern::cli
