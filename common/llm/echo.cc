#include "common/llm/echo.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace quern::llm {
namespace {

constexpr size_t kShortestEcho = 24;
// The prompt is cut into pieces of this length.
constexpr size_t kPiece = kShortestEcho / 2;

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

// The bytes of `said` at which a piece of the prompt begins. An echo holds one of the pieces whole, so it begins less
// than a piece before: to look for all that is said in a long prompt would take longer than the call did.
std::vector<bool> PieceBeginnings(std::string_view said, std::string_view prompt) {
  absl::flat_hash_set<std::string_view> parts;
  for (size_t at = 0; at + kPiece <= said.size(); ++at) parts.insert(said.substr(at, kPiece));
  absl::flat_hash_set<std::string_view> shared;
  for (size_t at = 0; at + kPiece <= prompt.size(); at += kPiece) {
    const std::string_view piece = prompt.substr(at, kPiece);
    if (parts.contains(piece)) shared.insert(piece);
  }
  std::vector<bool> beginnings(said.size());
  for (size_t at = 0; at < said.size(); ++at) beginnings[at] = shared.contains(said.substr(at, kPiece));
  return beginnings;
}

}  // namespace

std::string WithoutEcho(std::string_view said, std::string_view prompt) {
  const std::vector<bool> pieces = PieceBeginnings(said, prompt);
  std::string kept;
  for (size_t at = 0; at < said.size();) {
    const auto near = pieces.begin() + static_cast<ptrdiff_t>(at);
    const auto far = near + static_cast<ptrdiff_t>(std::min(kPiece, said.size() - at));
    const bool may_echo = std::find(near, far, true) != far && !ContinuesCharacter(said, at);
    const size_t echoed = may_echo ? EchoedBytes(said.substr(at), prompt) : 0;
    if (echoed > 0) {
      kept.append("…");
      at += echoed;
    } else {
      kept.push_back(said[at++]);
    }
  }
  return kept;
}

}  // namespace quern::llm
