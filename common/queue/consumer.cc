#include "common/queue/consumer.h"

#include "common/base/error.h"
#include "common/queue/consumer_impl.h"

namespace quern::queue {
namespace {

absl::Status Check(const ConsumerOptions& options) {
  const auto invalid = [](std::string_view what) {
    return MakeError(absl::StatusCode::kInvalidArgument, "CONSUMER_OPTIONS", what);
  };
  if (options.stage < v1::STAGE_NAME_FILTER || options.stage > v1::STAGE_NAME_VERIFIER) return invalid("no such stage");
  if (options.name.empty() || options.name == kNobody) return invalid("a consumer needs a name");
  if (options.slots == 0) return invalid("a consumer needs at least one slot");
  if (options.renewal <= absl::ZeroDuration() || options.reclaim <= absl::ZeroDuration()) {
    return invalid("renewal and reclaim must be longer than nothing");
  }
  if (options.lease < 3 * options.renewal) return invalid("the lease must be at least three times the renewal");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Consumer>> Consumer::Start(RedisOptions redis, ConsumerOptions options,
                                                          SuspectGate* gate, Handler handler) {
  QUERN_RETURN_IF_ERROR(Check(options));
  auto impl = std::make_unique<Impl>(std::move(redis), std::move(options), gate, std::move(handler));
  impl->Start();
  return std::unique_ptr<Consumer>(new Consumer(std::move(impl)));
}

Consumer::Consumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Consumer::~Consumer() { Drain(absl::ZeroDuration()); }
void Consumer::Drain(absl::Duration grace) { impl_->Drain(grace); }
ConsumerStats Consumer::stats() const { return impl_->stats(); }

}  // namespace quern::queue
