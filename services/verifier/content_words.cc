#include "services/verifier/content_words.h"

#include "common/text/lexicon.h"
#include "common/text/stem.h"
#include "common/text/tokens.h"

namespace quern::verifier {

std::vector<std::string> ContentStems(std::string_view text) {
  std::vector<std::string> stems;
  for (const text::Token& token : text::Tokenize(text, 4096)) {
    if (token.kind == text::TokenKind::kPunct) continue;
    const std::string_view written = text::TokenText(text, token);
    const std::string lower = text::LowerAscii(written);
    if (!token.all_caps && text::Lexicon::English().IsClosed(lower)) continue;
    stems.push_back(token.kind == text::TokenKind::kNumber ? lower : text::StemOf(lower));
  }
  return stems;
}

}  // namespace quern::verifier
