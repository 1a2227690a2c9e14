#include "tests/integration/queue/support/queue_harness.h"

#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace quern::testing {

Work Advancing(int fan_out) {
  return [fan_out](v1::StageName stage, queue::Delivery delivery) {
    const size_t outputs = stage == v1::STAGE_NAME_PERSONA ? static_cast<size_t>(fan_out) : 1;
    std::vector<v1::WorkItem> items(outputs, delivery.item());
    std::move(delivery).Advance(std::move(items));
  };
}

queue::ConsumerOptions QuickOptions(v1::StageName stage, const std::string& name) {
  queue::ConsumerOptions options;
  options.stage = stage;
  options.name = name;
  options.lease = absl::Milliseconds(600);
  options.renewal = absl::Milliseconds(150);
  options.reclaim = absl::Milliseconds(200);
  return options;
}

Workers::Workers(const std::string& url, const std::string& name, Work work,
                 std::function<void(queue::ConsumerOptions&)> adjust) {
  for (int stage = v1::STAGE_NAME_FILTER; stage <= v1::STAGE_NAME_VERIFIER; ++stage) {
    queue::ConsumerOptions options = QuickOptions(static_cast<v1::StageName>(stage), name);
    if (adjust) adjust(options);
    auto consumer = queue::Consumer::Start(At(url), options, &gate_,
                                           [work, stage](std::shared_ptr<const v1::JobSpec>, queue::Delivery delivery) {
                                             work(static_cast<v1::StageName>(stage), std::move(delivery));
                                           });
    if (!consumer.ok()) {
      ADD_FAILURE() << std::string(consumer.status().message());
      std::abort();
    }
    consumers_.push_back(*std::move(consumer));
  }
}

void Workers::Drain(absl::Duration grace) {
  for (auto& consumer : consumers_) consumer->Drain(grace);
}

queue::ConsumerStats Workers::stats() const {
  queue::ConsumerStats sum;
  for (const auto& consumer : consumers_) {
    const queue::ConsumerStats one = consumer->stats();
    sum.delivered += one.delivered;
    sum.settled += one.settled;
    sum.fenced += one.fenced;
    sum.reclaimed += one.reclaimed;
    sum.retries += one.retries;
    sum.handed_back += one.handed_back;
    sum.lost += one.lost;
    sum.reconnects += one.reconnects;
    sum.held += one.held;
  }
  return sum;
}

queue::RedisOptions At(const std::string& url) {
  queue::RedisOptions options;
  options.url = url;
  options.timeout = absl::Seconds(5);
  return options;
}

std::vector<v1::IngestEntry> Documents(uint64_t first, uint64_t count) {
  std::vector<v1::IngestEntry> entries;
  for (uint64_t number = first; number < first + count; ++number) {
    v1::IngestEntry& entry = entries.emplace_back();
    entry.set_position(number);
    entry.mutable_document()->set_id(absl::StrFormat("d%d", number));
    entry.mutable_document()->set_text(absl::StrFormat("The text of document %d, which is short.", number));
  }
  return entries;
}

void ExpectReconciles(const v1::Job& job) { EXPECT_TRUE(job.counts().reconciles()) << job.counts().DebugString(); }

}  // namespace quern::testing
