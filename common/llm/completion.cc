#include "common/llm/completion.h"

namespace quern::llm {

Usage& Usage::operator+=(const Usage& other) {
  input += other.input;
  cached += other.cached;
  output += other.output;
  estimated |= other.estimated;
  return *this;
}

}  // namespace quern::llm
