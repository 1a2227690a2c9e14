// A call's try in a batch. What a reply means, and what is done about it, is judged as for any other call.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/llm/call.h"

namespace quern::llm {

bool Call::AsksInBatches(const Place& place) const {
  // Without a job nobody would find the batch again, and a person waits.
  return place.model->spec().has_batch() && client_->hub_->batches() != nullptr && !request_.job.empty();
}

boost::asio::awaitable<std::optional<Result>> Call::TryInBatch(Place place) {
  const v1::StructuredOutput structured = place.endpoint->structured();
  BatchCall asked;
  asked.job = request_.job;
  asked.model = place.model;
  asked.endpoint = place.endpoint;
  asked.body = ChatBody(request_, sampling_, place.model->spec(), structured, max_tokens_).Joined();
  asked.repetition = absl::StrCat(request_.sample, " ", request_.attempt, " ", paid_in_vain_);
  if (ledger() != nullptr) {
    asked.check_budget = [ledger = ledger(), job = request_.job, model = place.model](uint64_t tokens) {
      if (tokens == 0) return ledger->Check(job);
      Usage usage;
      usage.input = tokens;
      v1::ModelUsage under_way;
      under_way.set_input_tokens(tokens);
      under_way.set_cost(model->Cost(usage));
      return ledger->CheckWith(job, under_way);
    };
  }
  BatchReply told = co_await client_->hub_->batches()->Ask(std::move(asked));
  if (told.failure) co_return Result(*std::move(told.failure));
  turned_away_ += told.reply.duration;
  const Reading reading = Read(told.reply, place, absl::Now());
  if (!told.accounted) Pay(reading, place);
  std::optional<Result> result = Judge(reading, place, structured);
  const bool paid = told.reply.status >= 200 && told.reply.status < 300;
  if (paid && !result) ++paid_in_vain_;
  accounted_ = told.accounted;
  Report(told.reply, reading, place);
  accounted_ = false;
  co_return result;
}

}  // namespace quern::llm
