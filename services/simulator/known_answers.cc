#include "services/simulator/known_answers.h"

#include "absl/strings/ascii.h"
#include "common/base/hash.h"
#include "services/simulator/latency.h"

namespace quern::simulator {
namespace {

constexpr size_t kQuestions = 1'000'000;

}  // namespace

std::string Normalised(std::string_view text) {
  std::string normalised;
  normalised.reserve(text.size());
  bool gap = false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) && static_cast<unsigned char>(c) < 0x80) {
      gap = true;
      continue;
    }
    if (gap && !normalised.empty()) normalised += ' ';
    gap = false;
    normalised += absl::ascii_tolower(c);
  }
  return normalised;
}

KnownAnswers::KnownAnswers(double knows, uint64_t seed) : knows_(knows), seed_(seed), answers_(kQuestions) {}

void KnownAnswers::Remember(std::string_view question, std::string_view answer) {
  const uint64_t key = Hash64(Normalised(question));
  absl::MutexLock lock(&mutex_);
  answers_.Put(key, std::string(answer));
}

std::string KnownAnswers::Find(std::string_view question) {
  const uint64_t key = Hash64(Normalised(question));
  absl::MutexLock lock(&mutex_);
  const std::string* answer = answers_.Find(key);
  return answer == nullptr ? std::string(kDoNotKnow) : *answer;
}

std::string KnownAnswers::Recall(std::string_view question, uint64_t sample) {
  const bool knows = UnitInterval(Hash64(Normalised(question), seed_ ^ sample)) < knows_;
  return knows ? Find(question) : std::string(kDoNotKnow);
}

}  // namespace quern::simulator
