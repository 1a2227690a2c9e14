#include "services/verifier/content_words.h"

#include <algorithm>
#include <utility>

#include "common/text/lexicon.h"
#include "common/text/stem.h"
#include "common/text/tokens.h"

namespace quern::verifier {
namespace {

// Calls `found` with what ContentStems has, of words for whose lower-case form `wants` is true.
template <typename Wants, typename Found>
void ForEachStem(std::string_view text, Wants wants, Found found) {
  for (const text::Token& token : text::Tokenize(text, 4096)) {
    if (token.kind == text::TokenKind::kPunct) continue;
    const std::string lower = text::LowerAscii(text::TokenText(text, token));
    if (!wants(lower)) continue;
    if (!token.all_caps && text::Lexicon::English().IsClosed(lower)) continue;
    found(token.kind == text::TokenKind::kNumber ? lower : text::StemOf(lower));
  }
}

}  // namespace

std::vector<std::string> ContentStems(std::string_view text) {
  std::vector<std::string> stems;
  ForEachStem(
      text, [](std::string_view) { return true; }, [&](std::string stem) { stems.push_back(std::move(stem)); });
  return stems;
}

std::vector<std::string> ContentStemsAmong(std::string_view text, const std::vector<std::string>& wanted) {
  std::vector<std::string> stems;
  // A stem begins as its word does.
  const auto may_match = [&](std::string_view word) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](std::string_view stem) { return stem.substr(0, 1) == word.substr(0, 1); });
  };
  ForEachStem(text, may_match, [&](std::string stem) {
    if (std::find(wanted.begin(), wanted.end(), stem) != wanted.end()) stems.push_back(std::move(stem));
  });
  return stems;
}

}  // namespace quern::verifier
