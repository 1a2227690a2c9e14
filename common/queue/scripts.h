#pragma once

#include "common/queue/redis.h"
#include "common/queue/script_sources.h"

// The Lua scripts of folder scripts/, each of which lists its keys, arguments and result on top.
namespace quern::queue {

inline constexpr Script kBatchClaim{"batch_claim", source::kBatchClaim};
inline constexpr Script kBatchHold{"batch_hold", source::kBatchHold};
inline constexpr Script kBatchSent{"batch_sent", source::kBatchSent};
inline constexpr Script kBatchSettle{"batch_settle", source::kBatchSettle};
inline constexpr Script kCommit{"commit", source::kCommit};
inline constexpr Script kFinish{"finish", source::kFinish};
inline constexpr Script kFinishLane{"finish_lane", source::kFinishLane};
inline constexpr Script kIngest{"ingest", source::kIngest};
inline constexpr Script kJobCreate{"job_create", source::kJobCreate};
inline constexpr Script kJobSet{"job_set", source::kJobSet};
inline constexpr Script kLaneCreate{"lane_create", source::kLaneCreate};
inline constexpr Script kLeave{"leave", source::kLeave};
inline constexpr Script kOrphan{"orphan", source::kOrphan};
inline constexpr Script kReclaim{"reclaim", source::kReclaim};
inline constexpr Script kRedrive{"redrive", source::kRedrive};
inline constexpr Script kRelease{"release", source::kRelease};
inline constexpr Script kRenew{"renew", source::kRenew};
inline constexpr Script kSetState{"set_state", source::kSetState};
inline constexpr Script kSnapshot{"snapshot", source::kSnapshot};
inline constexpr Script kSpend{"spend", source::kSpend};
inline constexpr Script kStart{"start", source::kStart};
inline constexpr Script kTakeRate{"take_rate", source::kTakeRate};

}  // namespace quern::queue
