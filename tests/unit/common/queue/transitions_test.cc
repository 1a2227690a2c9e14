#include "common/queue/transitions.h"

#include <gtest/gtest.h>

#include "quern/v1/queue.pb.h"

namespace quern::queue {
namespace {

Entry MakeEntry(v1::StageName stage, v1::JobSpec spec = {}) {
  auto job = std::make_shared<RunningJob>("job", "1", std::make_shared<v1::JobSpec>(std::move(spec)));
  Entry entry;
  entry.lane = std::make_shared<Lane>(job, 0, stage, std::make_shared<ServerClock>());
  entry.id = "7-1";
  entry.item.set_document_id("d");
  entry.item.set_generation(2);
  return entry;
}

template <typename Message>
Message Parse(const std::string& bytes) {
  Message message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  return message;
}

TEST(TransitionsTest, FanOutNumbersItsItemsAndKeepsTheKey) {
  std::vector<v1::WorkItem> outputs(3);
  outputs[1].set_document_id("forged");
  const Settlement settlement = MakeAdvance(MakeEntry(v1::STAGE_NAME_PERSONA), outputs);
  EXPECT_EQ(settlement.kind, Settlement::Kind::kExpand);
  ASSERT_EQ(settlement.payloads.size(), 3u);
  for (uint32_t i = 0; i < 3; ++i) {
    const auto entry = Parse<v1::QueueEntry>(settlement.payloads[i]);
    EXPECT_EQ(entry.item().document_id(), "d");
    EXPECT_EQ(entry.item().generation(), 2u);
    EXPECT_EQ(entry.item().ordinal(), i);
    EXPECT_TRUE(entry.item().expanded());
  }
}

TEST(TransitionsTest, TheVerifiersOutputIsARecord) {
  Entry entry = MakeEntry(v1::STAGE_NAME_VERIFIER);
  entry.item.set_expanded(true);
  entry.item.set_ordinal(1);
  const Settlement settlement = MakeAdvance(std::move(entry), {v1::WorkItem()});
  const auto terminal = Parse<v1::Terminal>(settlement.payloads[0]);
  EXPECT_EQ(terminal.end_case(), v1::Terminal::END_NOT_SET);
  EXPECT_EQ(terminal.item().ordinal(), 1u);
}

TEST(TransitionsTest, AWrongNumberOfOutputsIsADeadLetter) {
  for (size_t outputs : {0, 2}) {
    const Settlement settlement =
        MakeAdvance(MakeEntry(v1::STAGE_NAME_FILTER), std::vector<v1::WorkItem>(outputs, v1::WorkItem()));
    EXPECT_EQ(settlement.kind, Settlement::Kind::kEnd);
    EXPECT_EQ(Parse<v1::Terminal>(settlement.payloads[0]).death().reason(), "INVALID_OUTPUT");
  }
}

TEST(TransitionsTest, AnItemThatAWorkerHasTakenIsWholeAgainInRetriesAndDeadLetters) {
  Entry entry = MakeEntry(v1::STAGE_NAME_VERIFIER);
  entry.item.set_ordinal(1);
  entry.item.set_expanded(true);
  entry.item.set_domain("Math");
  v1::QueueEntry stored;
  *stored.mutable_item() = entry.item;
  entry.payload = stored.SerializeAsString();
  EXPECT_EQ(TakeItem(&entry).domain(), "Math");
  EXPECT_EQ(entry.item.document_id(), "d");
  EXPECT_EQ(entry.item.ordinal(), 1u);
  EXPECT_EQ(entry.item.domain(), "");

  const auto dead = Parse<v1::Terminal>(MakeDeath(entry, "BROKEN", "it is broken").payloads[0]);
  EXPECT_EQ(dead.item().SerializeAsString(), stored.item().SerializeAsString());
  v1::FailedAttempt attempt;
  attempt.set_calls(3);
  AddFailedAttempt(attempt, "BAD_REPLY", &entry);
  const auto again = Parse<v1::QueueEntry>(MakeRetry(entry, absl::Seconds(1), "BAD_REPLY", "no JSON").payloads[0]);
  EXPECT_EQ(again.item().domain(), "Math");
  ASSERT_EQ(again.item().failed_attempts_size(), 1);
  EXPECT_EQ(again.item().failed_attempts(0).calls(), 3u);
}

TEST(TransitionsTest, ARetryCountsAttemptsAndEndsWithThem) {
  v1::JobSpec spec;
  spec.mutable_queue()->set_max_attempts(2);
  Entry entry = MakeEntry(v1::STAGE_NAME_FILTER, spec);
  AddFailedAttempt({}, "BAD_REPLY", &entry);
  const Settlement again = MakeRetry(entry, absl::Seconds(5), "BAD_REPLY", "no JSON");
  EXPECT_EQ(again.kind, Settlement::Kind::kRetry);
  const auto stored = Parse<v1::QueueEntry>(again.payloads[0]);
  EXPECT_EQ(stored.attempts(), 1u);
  EXPECT_GT(stored.not_before_ms(), absl::ToUnixMillis(absl::Now()) + 4000);
  entry.attempts = stored.attempts();
  AddFailedAttempt({}, "BAD_REPLY", &entry);
  const Settlement last = MakeRetry(entry, absl::Seconds(5), "BAD_REPLY", "no JSON");
  EXPECT_EQ(last.kind, Settlement::Kind::kEnd);
  const auto terminal = Parse<v1::Terminal>(last.payloads[0]);
  EXPECT_EQ(terminal.death().reason(), "BAD_REPLY");
  EXPECT_EQ(terminal.death().attempts(), 2u);
}

TEST(TransitionsTest, AnItemKeepsItsFailedAttemptsInOrderToItsDeath) {
  v1::JobSpec spec;
  spec.mutable_queue()->set_max_attempts(2);
  Entry entry = MakeEntry(v1::STAGE_NAME_VERIFIER, spec);
  v1::FailedAttempt first;
  first.set_calls(2);
  first.set_started_ms(10);
  AddFailedAttempt(first, "BAD_REPLY", &entry);
  const auto again = Parse<v1::QueueEntry>(MakeRetry(entry, absl::Seconds(5), "BAD_REPLY", "no JSON").payloads[0]);
  ASSERT_EQ(again.item().failed_attempts_size(), 1);
  EXPECT_EQ(again.item().failed_attempts(0).stage(), v1::STAGE_NAME_VERIFIER);
  EXPECT_EQ(again.item().failed_attempts(0).reason(), "BAD_REPLY");
  EXPECT_EQ(again.item().failed_attempts(0).calls(), 2u);
  EXPECT_EQ(again.item().failed_attempts(0).started_ms(), 10);

  entry.item = again.item();
  entry.attempts = again.attempts();
  AddFailedAttempt({}, "HTTP_500", &entry);
  const auto end = Parse<v1::Terminal>(MakeRetry(entry, absl::Seconds(5), "HTTP_500", "").payloads[0]);
  ASSERT_TRUE(end.has_death());
  ASSERT_EQ(end.item().failed_attempts_size(), 2);
  EXPECT_EQ(end.item().failed_attempts(0).reason(), "BAD_REPLY");
  EXPECT_EQ(end.item().failed_attempts(1).reason(), "HTTP_500");
}

TEST(TransitionsTest, AnErrorThatNoRetryMendsCountsAsAnAttempt) {
  Entry entry = MakeEntry(v1::STAGE_NAME_FILTER);
  EXPECT_EQ(Parse<v1::Terminal>(MakeDeath(entry, "POISON", "").payloads[0]).death().attempts(), 0u);
  AddFailedAttempt({}, "PROMPT_TOO_LONG", &entry);
  EXPECT_EQ(Parse<v1::Terminal>(MakeDeath(entry, "PROMPT_TOO_LONG", "").payloads[0]).death().attempts(), 1u);
}

TEST(TransitionsTest, AHandBackLeavesTheCountAsItWas) {
  Entry entry = MakeEntry(v1::STAGE_NAME_FILTER);
  entry.deliveries = 3;
  EXPECT_EQ(MakeHandBack(std::move(entry)).deliveries, 2u);
}

}  // namespace
}  // namespace quern::queue
