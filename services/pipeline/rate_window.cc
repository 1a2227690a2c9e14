#include "services/pipeline/rate_window.h"

#include <algorithm>
#include <iterator>

namespace quern::pipeline {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(30);
// What ended within less tells no speed.
constexpr absl::Duration kLeastForEta = absl::Seconds(3);

// How long `left` takes at `rate` per second; unset when it would never end.
std::optional<absl::Duration> TimeFor(double left, double rate) {
  if (left == 0) return absl::ZeroDuration();
  if (rate <= 0) return std::nullopt;
  return absl::Seconds(left / rate);
}

}  // namespace

RateWindow::Rates RateWindow::Add(absl::Time now, const v1::JobCounts& counts) {
  const auto& documents = counts.documents();
  const auto& items = counts.items();
  Sample sample;
  sample.time = now;
  sample.documents =
      static_cast<double>(documents.expanded() + documents.rejected() + documents.dead() + documents.cancelled());
  sample.items = static_cast<double>(items.records() + items.rejected() + items.dead() + items.cancelled());
  sample.records = static_cast<double>(items.records());
  samples_.push_back(sample);
  // The newest sample that is as old as the window stays: with it the window is full.
  while (samples_.size() > 2 && now - samples_[1].time >= kWindow) samples_.pop_front();

  const Sample& first = samples_.front();
  const double seconds = absl::ToDoubleSeconds(now - first.time);
  Rates rates;
  if (seconds <= 0) return rates;
  // A redrive or a rollback of Redis can lower counts: that is no negative speed.
  const auto rate = [seconds](double from, double to) { return std::max(0.0, (to - from) / seconds); };
  rates.documents_per_second = rate(first.documents, sample.documents);
  rates.records_per_second = rate(first.records, sample.records);
  const auto in_flight = static_cast<double>(documents.in_flight());
  // The documents that are still to come to it have items as those before them had.
  const double items_each = sample.documents > 0 ? static_cast<double>(items.created()) / sample.documents : 0;
  const auto for_documents = TimeFor(in_flight, SpeedOf(&Sample::documents));
  const auto for_items =
      TimeFor(static_cast<double>(items.in_flight()) + in_flight * items_each, SpeedOf(&Sample::items));
  if (for_documents && for_items) rates.eta = std::max(*for_documents, *for_items);
  return rates;
}

double RateWindow::SpeedOf(double Sample::*count) const {
  auto first = samples_.begin();
  // While the first are on their way through the stages nothing can have ended: that is no standstill.
  if ((*first).*count == 0) {
    while (std::next(first) != samples_.end() && (*std::next(first)).*count == 0) ++first;
  }
  const Sample& last = samples_.back();
  const double seconds = absl::ToDoubleSeconds(last.time - first->time);
  return seconds >= absl::ToDoubleSeconds(kLeastForEta) ? (last.*count - (*first).*count) / seconds : 0;
}

}  // namespace quern::pipeline
