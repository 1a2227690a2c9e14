#include "common/llm/echo.h"

#include <algorithm>

namespace quern::llm {
namespace {

constexpr size_t kShortestEcho = 24;

bool ContinuesCharacter(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

// How many bytes at the beginning of `said` stand in the prompt; 0 for fewer than an echo's.
size_t EchoedBytes(std::string_view said, std::string_view prompt) {
  if (said.size() < kShortestEcho) return 0;
  const size_t at = prompt.find(said.substr(0, kShortestEcho));
  if (at == std::string_view::npos) return 0;
  const size_t most = std::min(said.size(), prompt.size() - at);
  size_t bytes = kShortestEcho;
  while (bytes < most && said[bytes] == prompt[at + bytes]) ++bytes;
  while (ContinuesCharacter(said, bytes)) --bytes;
  return bytes;
}

}  // namespace

std::string WithoutEcho(std::string_view said, std::string_view prompt) {
  std::string kept;
  while (!said.empty()) {
    const size_t echoed = ContinuesCharacter(said, 0) ? 0 : EchoedBytes(said, prompt);
    if (echoed > 0) {
      kept.append("…");
      said.remove_prefix(echoed);
    } else {
      kept.push_back(said.front());
      said.remove_prefix(1);
    }
  }
  return kept;
}

}  // namespace quern::llm
