#include "common/queue/delivery.h"

#include <utility>

#include "common/queue/held_delivery.h"

namespace quern::queue {

Delivery::Delivery(std::unique_ptr<Held> held) : held_(std::move(held)) {}
Delivery::Delivery(Delivery&&) noexcept = default;

Delivery& Delivery::operator=(Delivery&& other) noexcept {
  if (held_ != nullptr) std::move(*this).HandBack();
  held_ = std::move(other.held_);
  return *this;
}

Delivery::~Delivery() {
  if (held_ != nullptr) std::move(*this).HandBack();
}

const std::string& Delivery::job() const { return held_->entry.lane->job->id; }
JobHold& Delivery::hold() const { return *held_->entry.lane->job->hold; }
const std::shared_ptr<const v1::Document>& Delivery::document() const { return held_->document; }
const v1::WorkItem& Delivery::item() const { return held_->entry.item; }
v1::WorkItem Delivery::TakeItem() { return queue::TakeItem(&held_->entry); }
uint32_t Delivery::attempts() const { return held_->entry.attempts; }
uint32_t Delivery::deliveries() const { return held_->entry.deliveries; }

void Delivery::Advance(std::vector<v1::WorkItem> outputs) && {
  const auto held = std::exchange(held_, nullptr);
  held->settlements->Push(MakeAdvance(std::move(held->entry), std::move(outputs)));
}

void Delivery::Reject(v1::Rejection rejection, v1::WorkItem item) && {
  const auto held = std::exchange(held_, nullptr);
  held->settlements->Push(MakeRejection(std::move(held->entry), std::move(rejection), std::move(item)));
}

void Delivery::Die(std::string reason, std::string message, v1::ModelReply reply, v1::FailedAttempt attempt) && {
  const auto held = std::exchange(held_, nullptr);
  AddFailedAttempt(std::move(attempt), reason, &held->entry);
  held->settlements->Push(MakeDeath(std::move(held->entry), std::move(reason), std::move(message), std::move(reply)));
}

void Delivery::Retry(absl::Duration delay, std::string reason, std::string message, v1::ModelReply reply,
                     v1::FailedAttempt attempt) && {
  const auto held = std::exchange(held_, nullptr);
  AddFailedAttempt(std::move(attempt), reason, &held->entry);
  held->settlements->Push(
      MakeRetry(std::move(held->entry), delay, std::move(reason), std::move(message), std::move(reply)));
}

void Delivery::HandBack() && {
  const auto held = std::exchange(held_, nullptr);
  held->settlements->Push(MakeHandBack(std::move(held->entry)));
}

void Delivery::PauseJob(std::string reason) && {
  const auto held = std::exchange(held_, nullptr);
  // Nothing more starts here, whatever time Redis takes to learn of it.
  held->entry.lane->state = v1::JOB_STATE_PAUSED;
  Settlement settlement = MakeHandBack(std::move(held->entry));
  settlement.pause_reason = std::move(reason);
  settlement.began_ms = held->began_ms;
  held->settlements->Push(std::move(settlement));
}

}  // namespace quern::queue
