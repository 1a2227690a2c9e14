#include "tests/integration/queue/support/memory_sink.h"

#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/queue/terminal_tally.h"

namespace quern::testing {
namespace {

std::string KeyOf(const v1::WorkItem& item) {
  std::string key = item.document_id();
  if (item.expanded()) key += absl::StrFormat("#%d", item.ordinal());
  if (item.generation() > 0) key += absl::StrFormat("@%d", item.generation());
  return key;
}

std::string KindOf(const v1::Terminal& terminal) {
  switch (terminal.end_case()) {
    case v1::Terminal::kRejection:
      return "rejected";
    case v1::Terminal::kDeath:
      return "dead";
    case v1::Terminal::kCancelled:
      return "cancelled";
    default:
      return "record";
  }
}

}  // namespace

MemorySink::MemorySink(queue::RedisOptions redis, std::string job, uint32_t lanes, bool wait_until_durable)
    : job_(std::move(job)),
      lanes_(lanes),
      wait_until_durable_(wait_until_durable),
      results_(redis, job_, lanes),
      clock_(redis),
      jobs_(redis),
      shards_(lanes) {}

absl::Status MemorySink::FollowRedis(uint32_t lane) {
  QUERN_ASSIGN_OR_RETURN(const uint64_t committed, results_.CommitNumber(lane));
  while (!shards_[lane].empty() && shards_[lane].back().commit > committed) {
    shards_[lane].pop_back();
    ++rollbacks_;
  }
  const uint64_t mine = shards_[lane].empty() ? 0 : shards_[lane].back().commit;
  if (mine != committed) return absl::DataLossError("the sink is behind Redis");
  return absl::OkStatus();
}

absl::StatusOr<size_t> MemorySink::StepLane(uint32_t lane, size_t limit) {
  QUERN_RETURN_IF_ERROR(FollowRedis(lane));
  int64_t until = std::numeric_limits<int64_t>::max();
  if (wait_until_durable_) {
    QUERN_ASSIGN_OR_RETURN(until, clock_.DurableUntilMs());
  }
  QUERN_ASSIGN_OR_RETURN(std::vector<queue::Result> read, results_.Read(lane, "", limit, until));
  if (read.empty()) return 0;
  const uint64_t commit = (shards_[lane].empty() ? 0 : shards_[lane].back().commit) + 1;
  Shard shard{commit, {}};
  queue::TerminalTally tally;
  for (const queue::Result& result : read) {
    tally.Add(result);
    shard.rows.push_back({KeyOf(result.terminal.item()), KindOf(result.terminal), result});
  }
  shards_[lane].push_back(std::move(shard));
  if (std::exchange(skip_commit_, false)) return read.size();
  const absl::Status committed = results_.Commit(lane, commit, tally);
  if (!committed.ok()) return committed;
  return read.size();
}

absl::StatusOr<size_t> MemorySink::Step(size_t limit) {
  size_t taken = 0;
  for (uint32_t lane = 0; lane < lanes_; ++lane) {
    QUERN_ASSIGN_OR_RETURN(const size_t of_lane, StepLane(lane, limit));
    taken += of_lane;
  }
  return taken;
}

void MemorySink::RunUntilEnded(absl::Duration longest) {
  const absl::Time deadline = absl::Now() + longest;
  while (true) {
    const auto taken = Step();
    const auto state = jobs_.TryFinish(job_);
    if (state.ok() && (*state == v1::JOB_STATE_COMPLETED || *state == v1::JOB_STATE_CANCELLED)) return;
    if (absl::Now() > deadline) {
      const auto job = jobs_.Get(job_);
      FAIL() << "the job does not end: " << (job.ok() ? job->DebugString() : std::string(job.status().message()));
    }
    if (!taken.ok() || *taken == 0) absl::SleepFor(absl::Milliseconds(5));
  }
}

std::vector<MemorySink::Row> MemorySink::Rows() const {
  std::vector<Row> rows;
  for (const auto& lane : shards_) {
    for (const Shard& shard : lane) rows.insert(rows.end(), shard.rows.begin(), shard.rows.end());
  }
  return rows;
}

std::set<std::string> MemorySink::Keys(const std::string& kind) const {
  std::set<std::string> keys, all;
  for (const Row& row : Rows()) {
    EXPECT_TRUE(all.insert(row.key).second) << "twice in the dataset: " << row.key;
    if (kind.empty() || row.kind == kind) keys.insert(row.key);
  }
  return keys;
}

std::vector<v1::DeadLetterRow> MemorySink::DeadLetters() const {
  std::vector<v1::DeadLetterRow> letters;
  for (const Row& row : Rows()) {
    if (row.kind != "dead") continue;
    const v1::Terminal& terminal = row.result.terminal;
    v1::DeadLetterRow letter;
    letter.set_document_id(terminal.item().document_id());
    letter.set_id(letter.document_id());
    if (terminal.item().expanded()) letter.set_id(absl::StrFormat("%s#%d", letter.id(), terminal.item().ordinal()));
    letter.set_stage(terminal.death().stage());
    letter.set_reason(terminal.death().reason());
    letter.set_redrivable(!terminal.death().unreadable());
    if (row.result.document != nullptr) *letter.mutable_document() = *row.result.document;
    *letter.mutable_item() = terminal.item();
    letter.set_generation(terminal.item().generation());
    letters.push_back(std::move(letter));
  }
  return letters;
}

}  // namespace quern::testing
