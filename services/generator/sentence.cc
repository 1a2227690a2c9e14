#include "services/generator/sentence.h"

namespace quern::generator {
namespace {

// Longer sentences are no single fact; the rest of a longer one is not looked at.
constexpr size_t kMaxTokens = 120;

uint32_t ClassesOf(const text::Token& token, std::string_view written, const std::string& lower) {
  if (token.kind != text::TokenKind::kWord) return 0;
  const text::Lexicon& lexicon = text::Lexicon::English();
  uint32_t classes = lexicon.Classes(lower);
  if (token.capitalised) {
    classes &= ~static_cast<uint32_t>(text::kMonth);
    classes |= lexicon.Classes(written) & (text::kPersonName | text::kPlaceName | text::kCountryName | text::kMonth);
  }
  return classes;
}

}  // namespace

const Word Sentence::kNowhere{{0, 0, text::TokenKind::kPunct, false, false, false}, {}, {}, 0};

Sentence::Sentence(std::string_view document, uint32_t begin, uint32_t end, size_t index)
    : document_(document), begin_(begin), end_(end), index_(index), evidence_begin_(begin) {
  const std::string_view source = document.substr(begin, end - begin);
  for (text::Token token : text::Tokenize(source, kMaxTokens)) {
    const std::string_view written = text::TokenText(source, token);
    std::string lower = text::LowerAscii(written);
    const uint32_t classes = ClassesOf(token, written, lower);
    token.begin += begin;
    token.end += begin;
    words_.push_back({token, written, std::move(lower), classes});
  }
  JoinAddresses();
}

// Makes "<", "ann", "@", "example.org", ">" one mark.
void Sentence::JoinAddresses() {
  for (size_t open = 0; open < words_.size(); ++open) {
    if (words_[open].text != "<") continue;
    size_t close = open + 1;
    while (close < words_.size() && words_[close].text != ">") ++close;
    if (close == words_.size()) return;
    Word& word = words_[open];
    word.token.end = words_[close].token.end;
    word.text = document_.substr(word.token.begin, word.token.end - word.token.begin);
    word.lower = text::LowerAscii(word.text);
    words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(open) + 1,
                 words_.begin() + static_cast<std::ptrdiff_t>(close) + 1);
  }
}

bool Sentence::Phrase(size_t at, std::string_view phrase) const {
  while (true) {
    const size_t space = phrase.find(' ');
    if (!At(at, phrase.substr(0, space))) return false;
    if (space == std::string_view::npos) return true;
    phrase.remove_prefix(space + 1);
    ++at;
  }
}

bool Sentence::IsRegnalI(size_t at) const {
  if (at == 0 || (*this)[at].text != "I") return false;
  const Word& name = (*this)[at - 1];
  const Word& next = (*this)[at + 1];
  return name.token.capitalised && !name.Is(text::kClosed) &&
         (next.IsPunct() || next.Is(text::kPreposition | text::kConjunction) || next.lower == "was");
}

std::string Sentence::Text(size_t from, size_t to) const {
  if (from >= to || to > words_.size()) return "";
  const uint32_t begin = words_[from].token.begin;
  return text::CollapseSpaces(document_.substr(begin, words_[to - 1].token.end - begin));
}

v1::Span Sentence::Bytes(size_t from, size_t to) const {
  v1::Span span;
  if (from >= to || to > words_.size()) return span;
  span.set_begin(words_[from].token.begin);
  span.set_end(words_[to - 1].token.end);
  return span;
}

v1::Span Sentence::Bytes() const {
  v1::Span span;
  span.set_begin(begin_);
  span.set_end(end_);
  return span;
}

v1::Span Sentence::Evidence() const {
  v1::Span span;
  span.set_begin(evidence_begin_);
  span.set_end(end_);
  return span;
}

size_t Sentence::Stop() const {
  return !words_.empty() && words_.back().text == "." ? words_.size() - 1 : words_.size();
}

size_t Sentence::ClauseEnd(size_t from) const {
  const size_t stop = Stop();
  for (size_t at = from; at < stop; ++at) {
    const std::string_view mark = words_[at].text;
    if (mark == "," || mark == ";" || mark == ":" || mark == "(" || mark == ")" || mark == "[" ||
        mark == "\xE2\x80\x93" || mark == "\xE2\x80\x94" || mark == "-") {
      return at;
    }
  }
  return stop;
}

}  // namespace quern::generator
