#include "services/filter/profile.h"

#include <algorithm>

#include "common/text/ngrams.h"
#include "common/text/utf8.h"

namespace quern::filter {
namespace {

// English prose has a token for about five bytes; one allocation then serves most texts.
constexpr size_t kBytesPerToken = 5;

void CountMark(std::string_view mark, Profile& profile) {
  if (mark[0] == '#') profile.hash_signs += mark.size();
  if (mark.starts_with("...")) profile.ellipses += mark.size() / 3;
  if (mark.starts_with("\u2026")) profile.ellipses += mark.size() / 3;
}

void ReadTokens(uint64_t token_limit, Profile& profile) {
  profile.tokens.reserve(std::min<uint64_t>(profile.text.size() / kBytesPerToken + 16, token_limit));
  text::WordScanner scanner(profile.text);
  while (const auto token = scanner.Next()) {
    if (profile.token_count++ < token_limit) profile.tokens.push_back(*token);
    if (token->is_word) {
      ++profile.word_count;
      profile.alphabetic_words += token->has_letter;
      profile.word_characters += token->characters;
    } else {
      CountMark(profile.Text(*token), profile);
    }
  }
}

void CountDuplicate(std::string_view element, text::HashCounter& seen, Duplicates& duplicates) {
  if (seen.Add(text::HashToken(element)) == 0) return;
  ++duplicates.elements;
  duplicates.characters += text::CountCodePoints(element);
}

void ReadLines(Profile& profile) {
  profile.written_lines = text::SplitLines(profile.text);
  profile.lines = text::JoinWrappedLines(profile.text, profile.written_lines);
  text::HashCounter seen(profile.lines.size());
  for (const text::Line& line : profile.lines) CountDuplicate(profile.Text(line), seen, profile.duplicate_lines);
}

void ReadParagraphs(Profile& profile) {
  if (profile.lines.empty()) return;
  profile.paragraphs = profile.lines.back().paragraph + 1;
  text::HashCounter seen(profile.paragraphs);
  text::Line paragraph = profile.lines.front();
  for (const text::Line& line : profile.lines) {
    if (line.paragraph != paragraph.paragraph) {
      CountDuplicate(profile.Text(paragraph), seen, profile.duplicate_paragraphs);
      paragraph = line;
    }
    paragraph.end = line.end;
  }
  CountDuplicate(profile.Text(paragraph), seen, profile.duplicate_paragraphs);
}

}  // namespace

Profile MakeProfile(std::string_view text, uint64_t token_limit) {
  Profile profile;
  profile.text = text;
  profile.characters = text::CountCodePoints(text);
  profile.newlines = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  ReadTokens(token_limit, profile);
  ReadLines(profile);
  ReadParagraphs(profile);
  return profile;
}

}  // namespace quern::filter
