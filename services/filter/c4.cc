#include "services/filter/c4.h"

#include <algorithm>
#include <array>
#include <span>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/absl_view.h"
#include "services/filter/c4_sentences.h"
#include "services/filter/code.h"
#include "services/filter/line_marks.h"

namespace quern::filter {
namespace {

using Tokens = std::span<const text::WordToken>;

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return absl::StartsWithIgnoreCase(AbslView(text), AbslView(prefix));
}

// Whether `text` begins with the words of `phrase`, without case and with any white space between them.
bool BeginsWithPhrase(std::string_view text, std::string_view phrase) {
  while (!phrase.empty()) {
    const std::string_view word = phrase.substr(0, phrase.find(' '));
    if (!StartsWithIgnoringCase(text, word)) return false;
    text.remove_prefix(word.size());
    phrase.remove_prefix(std::min(word.size() + 1, phrase.size()));
    if (phrase.empty()) return true;
    const size_t spaces = std::find_if_not(text.begin(), text.end(), absl::ascii_isspace) - text.begin();
    if (spaces == 0) return false;
    text.remove_prefix(spaces);
  }
  return true;
}

// The phrases that the line and document rules look for. C4's code names them.
constexpr std::array<std::string_view, 6> kPolicyPhrases = {"terms of use", "privacy policy", "cookie policy",
                                                            "uses cookies", "use of cookies", "use cookies"};

// What is known of one logical line.
struct LineFacts {
  uint32_t words = 0;
  bool javascript = false;
  bool policy = false;
  bool lorem_ipsum = false;
};

void LookForPhrases(std::string_view from_word, size_t word_bytes, LineFacts& facts) {
  const char first = static_cast<char>(from_word.front() | 0x20);
  if (first == 'j' && word_bytes >= 10) facts.javascript |= StartsWithIgnoringCase(from_word, "javascript");
  if (first == 'l' && word_bytes == 5) facts.lorem_ipsum |= BeginsWithPhrase(from_word, "lorem ipsum");
  if ((first == 'u' && word_bytes <= 4) || ((first == 't' || first == 'p' || first == 'c') && word_bytes >= 5)) {
    facts.policy |= std::any_of(kPolicyPhrases.begin(), kPolicyPhrases.end(), [&](std::string_view phrase) {
      return (phrase.front() == first) && BeginsWithPhrase(from_word, phrase);
    });
  }
}

LineFacts ReadLine(const Profile& profile, Tokens tokens) {
  LineFacts facts;
  for (const text::WordToken& token : tokens) {
    if (!token.is_word) continue;
    ++facts.words;
    LookForPhrases(profile.text.substr(token.begin), token.end - token.begin, facts);
  }
  return facts;
}

bool HasWordOver(std::string_view line, size_t characters) {
  if (line.size() <= characters) return false;
  size_t length = 0;
  for (const char c : line) {
    if (absl::ascii_isspace(c)) {
      length = 0;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && ++length > characters) {
      return true;
    }
  }
  return false;
}

// Decides once, when first asked, whether the document is code.
class CodeQuestion {
 public:
  CodeQuestion(const Profile& profile, double min_code_lines) : profile_(profile), min_code_lines_(min_code_lines) {}

  bool Answer() {
    if (!answer_) answer_ = IsCode(profile_, min_code_lines_);
    return *answer_;
  }

 private:
  const Profile& profile_;
  double min_code_lines_;
  std::optional<bool> answer_;
};

bool LineCounts(std::string_view line, const LineFacts& facts, const C4Thresholds& thresholds, CodeQuestion& code) {
  if (facts.words < thresholds.min_words_per_line) return false;
  if (thresholds.drop_policy_lines && facts.policy) return false;
  if (thresholds.drop_javascript_lines && facts.javascript && !code.Answer()) return false;
  if (thresholds.require_terminal_mark && (!EndsInTerminalMark(line) || EndsInEllipsis(line))) return false;
  return !HasWordOver(line, thresholds.max_word_characters);
}

}  // namespace

std::optional<Finding> CheckC4(const Profile& profile, const C4Thresholds& thresholds) {
  CodeQuestion code(profile, thresholds.min_code_lines);
  if (thresholds.reject_curly_bracket && profile.text.find('{') != std::string_view::npos && !code.Answer()) {
    const auto brackets = std::count(profile.text.begin(), profile.text.end(), '{');
    return Finding{"C4_CURLY_BRACKET", "curly brackets outside code", static_cast<double>(brackets), 0};
  }
  uint64_t sentences = 0;
  auto token = profile.tokens.begin();
  for (const text::Line& line : profile.lines) {
    const auto first = token;
    while (token != profile.tokens.end() && token->begin < line.end) ++token;
    const Tokens tokens(first, token);
    const LineFacts facts = ReadLine(profile, tokens);
    if (thresholds.reject_lorem_ipsum && facts.lorem_ipsum)
      return Finding{"C4_LOREM_IPSUM", "lines of filler text", 1, 0};
    if (LineCounts(profile.Text(line), facts, thresholds, code)) sentences += CountSentences(profile.text, tokens);
  }
  return AtLeast(thresholds.min_sentences, static_cast<double>(sentences), "C4_SENTENCES",
                 "number of sentences in lines that count");
}

}  // namespace quern::filter
