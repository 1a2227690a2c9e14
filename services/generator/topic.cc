#include "services/generator/topic.h"

#include <cctype>

#include "services/generator/definition.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/topic_kind.h"
#include "services/generator/topic_title.h"

namespace quern::generator {
namespace {

bool IsArticle(const Sentence& sentence, size_t at) {
  return sentence.At(at, "a") || sentence.At(at, "an") || sentence.At(at, "the");
}

// One past the bracket that opens at `at`, else `at`.
size_t SkipBrackets(const Sentence& sentence, size_t at) {
  if (sentence[at].text != "(") return at;
  while (at < sentence.size() && sentence[at].text != ")") ++at;
  return at + 1;
}

// The end of a name at `at` that the title shortens: "Charles Robert Darwin" under the title "Charles Darwin"; `at`
// when it does not.
size_t FullNameEnd(const Topic& topic, const Sentence& sentence, size_t at) {
  if (topic.words.size() < 2) return at;
  const size_t end = NameEnd(sentence, at);
  if (end <= at + topic.words.size() || sentence[end - 1].lower != topic.words.back()) return at;
  for (size_t i = at; i < end; ++i) {
    if (sentence[i].lower == topic.words.front()) return end;
  }
  return at;
}

void NameFromInitials(Topic& topic) {
  if (topic.words.size() < 3 || !topic.proper) return;
  for (const std::string& word : topic.words) {
    const uint32_t classes = text::Lexicon::English().Classes(word);
    if ((classes & (text::kPreposition | text::kConjunction | text::kDeterminer)) == 0) {
      topic.initials += static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
    }
  }
  if (topic.initials.size() < 3) topic.initials.clear();
}

// "(DNA)": an abbreviation in brackets of its own.
std::string ShortFormAt(const Sentence& sentence, size_t at) {
  const bool short_form = sentence[at].text == "(" && sentence[at + 1].token.all_caps && sentence[at + 2].text == ")";
  return short_form ? std::string(sentence[at + 1].text) : std::string();
}

// "the bridge" stands for the Golden Gate Bridge, "the battle" for the Battle of Hastings.
void AddNounOfName(Topic& topic) {
  if (topic.words.size() < 2 || topic.person) return;
  const std::string& noun = topic.words[1] == "of" ? topic.words.front() : topic.words.back();
  const uint32_t classes = text::Lexicon::English().Classes(noun);
  if ((classes & text::kNoun) != 0 && (classes & text::kClosed) == 0) topic.nouns.push_back(noun);
}

// True when the sentence has a subject of its own, which "is" or "was" follows: "The Gambia is a country".
bool HasSubject(const Sentence& sentence) {
  for (size_t at = 1; at < sentence.Stop(); ++at) {
    const Word& word = sentence[at];
    if (word.IsPunct() || word.Is(text::kRelative)) return false;
    if (word.Is(text::kAuxiliary | text::kModal) && word.lower != "being" && word.lower != "been") return true;
  }
  return false;
}

void SetMention(Topic& topic, const Sentence& sentence, size_t from, size_t to) {
  topic.mention = sentence.Bytes(from, to);
  topic.mention_text = sentence.Text(from, to);
  topic.mention_sentence = sentence.Bytes();
}

// Reads kind, person and short form from the first sentence when it says "NAME is a ..." or, for a headword, "A ...".
void ReadFirstSentence(const std::vector<Sentence>& sentences, Topic& topic) {
  if (sentences.empty() || sentences.front().index() > 1 || topic.words.empty()) return;
  const Sentence& first = sentences.front();
  size_t at = IsArticle(first, 0) && topic.words.front() != first[0].lower ? 1 : 0;
  size_t end = TopicEnd(topic, first, at);
  if (end == at) end = FullNameEnd(topic, first, at);
  if (end > at) {
    SetMention(topic, first, at, end);
    if (std::string form = ShortFormAt(first, end); !form.empty()) topic.initials = std::move(form);
    at = SkipBrackets(first, end);
    if (!first.At(at, "is") && !first.At(at, "was")) return;
    ++at;
  } else {
    topic.headword = first.index() == 0 && IsArticle(first, 0) && !HasSubject(first);
    at = 0;
    if (!topic.headword) return;
  }
  if (!IsArticle(first, at)) return;
  Kind kind = KindAt(first, at + 1);
  topic.person = kind.person && topic.proper;
  if (!kind.noun.empty() && !topic.person) topic.nouns.push_back(kind.noun);
  topic.kind = std::move(kind.name);
}

// Counts how the document's own sentences name the topic.
void ReadUse(const std::vector<Sentence>& sentences, Topic& topic) {
  size_t with = 0;
  size_t without = 0;
  for (const Sentence& sentence : sentences) {
    for (size_t at = 0; at < sentence.size(); ++at) {
      bool here = true;
      for (size_t i = 0; i < topic.words.size() && here; ++i) here = sentence.At(at + i, topic.words[i]);
      if (!here) continue;
      const size_t end = at + topic.words.size();
      if (topic.mention.end() == 0 && NameEnd(sentence, at) <= end) {
        SetMention(topic, sentence, at, end);
      }
      // Inside a longer name or compound it tells nothing.
      const Word& next = sentence[end];
      const bool noun = next.Is(text::kNoun) || next.token.capitalised || next.IsNumber();
      if (noun && !next.Is(text::kClosed)) continue;
      if (at > 1 && sentence[at - 1].token.capitalised && !sentence[at - 1].Is(text::kClosed)) continue;
      if (at > 0 && sentence.At(at - 1, "the")) {
        ++with;
      } else if (at == 0 || sentence[at - 1].Is(text::kPreposition | text::kConjunction | text::kVerb) ||
                 sentence[at - 1].text == ",") {
        ++without;
      }
    }
  }
  if (with + without > 0) topic.article = with > without ? Article::kThe : Article::kNone;
}

// The topic that the first sentence names: "The Foo Bar is a ..." or "Foo Bar (FB) ...".
void NameFromFirstSentence(const Sentence& first, Topic& topic) {
  const size_t end = NameEnd(first, 0);
  const bool defines = (first.At(end, "is") || first.At(end, "was")) && IsArticle(first, end + 1);
  if (end == 0 || (!defines && first[end].text != "(")) return;
  const size_t begin = first.At(0, "the") ? 1 : 0;
  topic.name = first.Text(begin, end);
  topic.words.clear();
  topic.initials.clear();
  for (size_t at = begin; at < end; ++at) topic.words.push_back(first[at].lower);
  topic.proper = true;
}

// False when the first sentence defines another name and no sentence holds the title: the title is a file's or a
// heading.
bool IsTitleUsed(const Topic& topic, const std::vector<Sentence>& sentences) {
  if (sentences.empty() || sentences.front().index() > 0 || topic.words.empty()) return true;
  const Sentence& first = sentences.front();
  const size_t end = NameEnd(first, 0);
  const bool defines = end > 0 && (first.At(end, "is") || first.At(end, "was")) && IsArticle(first, end + 1);
  if (!defines) return true;
  for (const Sentence& sentence : sentences) {
    for (size_t at = 0; at < sentence.size(); ++at) {
      if (TopicEnd(topic, sentence, at) > at || FullNameEnd(topic, sentence, at) > at) return true;
    }
  }
  return false;
}

bool IsTopicWord(const Topic& topic, const Sentence& sentence, size_t at) {
  if (!topic.initials.empty() && sentence[at].text == topic.initials) return true;
  if (topic.surname.empty() || sentence[at].text != topic.surname) return false;
  const bool longer = (at > 0 && sentence[at - 1].token.capitalised && !sentence[at - 1].Is(text::kClosed)) ||
                      sentence[at + 1].token.capitalised;
  return !longer;
}

}  // namespace

size_t TopicEnd(const Topic& topic, const Sentence& sentence, size_t at) {
  if (topic.words.empty()) return at;
  for (size_t i = 0; i < topic.words.size(); ++i) {
    if (!sentence.At(at + i, topic.words[i])) return IsTopicWord(topic, sentence, at) ? at + 1 : at;
  }
  return at + topic.words.size();
}

Topic FindTopic(const v1::Document& document, const std::vector<Sentence>& sentences) {
  Topic topic;
  const std::string_view title = NamePart(document.title());
  std::vector<std::string> words = WordsOf(title);
  if (IsName(words)) {
    topic.name = text::CollapseSpaces(title);
    topic.words = std::move(words);
    topic.proper = IsProper(topic.name, topic.words, sentences);
    if (!topic.proper) topic.name[0] = text::LowerAscii(topic.name.substr(0, 1))[0];
  } else if (!sentences.empty() && sentences.front().index() == 0) {
    NameFromFirstSentence(sentences.front(), topic);
  }
  NameFromInitials(topic);
  if (!IsTitleUsed(topic, sentences)) {
    NameFromFirstSentence(sentences.front(), topic);
    NameFromInitials(topic);
  }
  if (std::string form = LeadingShortForm(document.text()); !form.empty()) topic.initials = std::move(form);
  topic.defined = !topic.words.empty() && Defines(topic.name, DefinitionOf(document.text()));
  ReadFirstSentence(sentences, topic);
  AddNounOfName(topic);
  ReadUse(sentences, topic);
  if (topic.person && topic.words.size() >= 2) {
    const size_t last = topic.name.rfind(' ');
    if (last != std::string::npos) topic.surname = topic.name.substr(last + 1);
  }
  return topic;
}

}  // namespace quern::generator
