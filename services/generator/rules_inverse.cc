#include "services/generator/agent.h"
#include "services/generator/event_verbs.h"
#include "services/generator/frame.h"
#include "services/generator/modifiers.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"

namespace quern::generator {
namespace {

// The event at `participle`, read for both anchors that make its object unique: "by NAME" and a year.
struct AnchoredEvent {
  size_t agent = 0;
  size_t agent_end = 0;
  std::optional<When> when;
};

std::optional<AnchoredEvent> ReadAnchors(const Sentence& sentence, size_t participle, size_t end) {
  AnchoredEvent event;
  for (size_t at = participle + 1; at < end; ++at) {
    if (sentence[at].Is(text::kRelative | text::kAuxiliary | text::kModal)) break;
    if (event.agent == 0 && sentence.At(at, "by")) {
      event.agent = SkipRole(sentence, at + 1);
      event.agent_end = AgentEnd(sentence, event.agent);
      if (event.agent_end == event.agent) return std::nullopt;
      at = event.agent_end - 1;
      continue;
    }
    if (!event.when) event.when = ParseWhen(sentence, at);
  }
  if (event.agent == 0 || !event.when) return std::nullopt;
  return event;
}

// "Which programming language was created by Ann Lee in 1975?": the topic's name is the answer.
void AskWhich(const Topic& topic, const Sentence& sentence, size_t participle, size_t end,
              std::vector<Candidate>& out) {
  if (!IsMakingVerb(PastBase(sentence, participle))) return;
  const std::optional<AnchoredEvent> event = ReadAnchors(sentence, participle, end);
  if (!event) return;
  AppendTopicCandidate(topic, sentence,
                       "Which " + topic.kind + " was " + text::LowerAscii(sentence[participle].text) + " by " +
                           sentence.Text(event->agent, event->agent_end) + " " +
                           sentence.Text(event->when->begin, event->when->end) + "?",
                       "inverse", 0.77, out);
}

}  // namespace

void AskInverses(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  if (topic.kind.empty() || topic.person || !topic.proper) return;
  if (const std::optional<size_t> article = PredicateAt(topic, sentence)) {
    for (const Modifier& modifier : FindModifiers(sentence, *article)) {
      AskWhich(topic, sentence, modifier.participle, modifier.end, out);
    }
    return;
  }
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject || !subject->topic) return;
  const size_t copula = subject->end;
  if (!sentence.At(copula, "was")) return;
  const size_t participle =
      sentence.At(copula + 1, "first") || sentence.At(copula + 1, "originally") ? copula + 2 : copula + 1;
  AskWhich(topic, sentence, participle, sentence.ClauseEnd(participle), out);
}

}  // namespace quern::generator
