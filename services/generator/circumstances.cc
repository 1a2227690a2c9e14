#include "services/generator/circumstances.h"

#include "services/generator/agent.h"
#include "services/generator/event_verbs.h"
#include "services/generator/noun_phrase.h"

namespace quern::generator {

Circumstances ReadClause(const Sentence& sentence, size_t at, size_t end) {
  Circumstances found;
  for (; at < end; ++at) {
    if (found.agent == 0 && sentence.At(at, "by")) {
      const size_t name = SkipRole(sentence, at + 1);
      const size_t agent_end = AgentEnd(sentence, name);
      if (agent_end > name) {
        found.by = at;
        found.agent = name;
        found.agent_end = agent_end;
        at = agent_end - 1;
        continue;
      }
    }
    if (!found.when) found.when = ParseWhen(sentence, at);
    if (found.when && found.when->end > at && found.when->begin <= at) at = found.when->end - 1;
  }
  return found;
}

size_t EventEnd(const Sentence& sentence, size_t at) {
  const size_t end = sentence.ClauseEnd(at);
  for (; at < end; ++at) {
    if (sentence[at].Is(text::kRelative | text::kAuxiliary | text::kModal) && !sentence[at].token.capitalised)
      return at;
    if (sentence.At(at, "and") || sentence.At(at, "but") || sentence.At(at, "or")) {
      if (!sentence[at + 1].token.capitalised && !sentence[at + 1].IsNumber()) return at;
    }
    if (sentence.At(at, "after") || sentence.At(at, "before") || sentence.At(at, "while") || sentence.At(at, "because"))
      return at;
  }
  return end;
}

bool EndsWhole(const Sentence& sentence, size_t verb, size_t at) {
  if (at >= sentence.Stop()) return true;
  const Word& word = sentence[at];
  if (word.Is(text::kRelative | text::kAuxiliary | text::kModal) && !word.token.capitalised) return false;
  const Word& before = sentence[at - 1];
  const bool named = before.token.capitalised || before.IsNumber() || before.Is(text::kNoun);
  const bool adjective = !named || (before.Is(text::kAdjective) && !before.token.capitalised);
  if (word.lower == "and" || word.lower == "or" || word.lower == "but") {
    return !adjective && (!PastBase(sentence, at + 1).empty() || sentence[at + 1].Is(text::kAuxiliary));
  }
  if (word.text == "," && at > verb + 1) {
    const Word& next = sentence[at + 1];
    const bool list = next.token.capitalised || next.Is(text::kAdjective) || next.Is(text::kNoun);
    return !adjective && (!list || next.Is(text::kClosed) || !PastBase(sentence, at + 1).empty());
  }
  return true;
}

}  // namespace quern::generator
