#pragma once

#include <grpcpp/support/server_callback.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/error.h"
#include "common/service/grpc_status.h"
#include "services/pipeline/active_streams.h"

namespace quern::pipeline {

// A streaming call whose work may block. gRPC's callbacks only hand over: everything that a stream does runs on a
// pool's thread, one thing at a time (a strand), so that derived classes need no locks and may wait for Redis or the
// disk.
//
// Invariants: (1) at most one write is under way; (2) Finish is called once and never during a write; (3) the stream
// holds itself (`self_`) from Start until gRPC said OnDone, and every task that is posted holds it as well.
//
// `Reactor` is grpc::ServerBidiReactor or grpc::ServerWriteReactor, `Response` what it writes.
template <class Reactor, class Response>
class StreamBase : public Reactor, public std::enable_shared_from_this<StreamBase<Reactor, Response>> {
 public:
  StreamBase(boost::asio::thread_pool* pool, ActiveStreams* active)
      : active_(active), strand_(boost::asio::make_strand(pool->get_executor())), timer_(strand_) {}

  // Takes over its own lifetime and starts. Call it once, before the reactor is returned to gRPC.
  void Start() {
    self_ = this->shared_from_this();
    active_id_ = active_->Add([weak = this->weak_from_this()] {
      if (auto self = weak.lock())
        self->EndSoon(MakeError(absl::StatusCode::kUnavailable, "DRAINING", "the process is stopping; try again"));
    });
    Post([this] { Started(); });
  }

  void OnWriteDone(bool ok) final {
    Post([this, ok] {
      writing_ = false;
      if (!ok) End(absl::CancelledError("the client is gone"));
      FinishIfEnded();
      if (!ended_) Written();
    });
  }
  void OnCancel() final { EndSoon(absl::CancelledError("the client cancelled")); }
  void OnDone() final {
    active_->Remove(active_id_);
    Post([this] {
      timer_.cancel();
      self_.reset();
    });
  }

 protected:
  // The first thing to happen.
  virtual void Started() = 0;
  // The last write is done and the stream goes on.
  virtual void Written() = 0;

  bool ended() const { return ended_; }
  bool writing() const { return writing_; }

  // Runs `task` on the strand.
  template <class Task>
  void Post(Task task) {
    boost::asio::post(strand_, [self = this->shared_from_this(), task = std::move(task)]() mutable { task(); });
  }

  // Runs `task` on the strand after `delay` unless the stream has ended by then. One at a time: a new one replaces the
  // one that waits.
  template <class Task>
  void After(absl::Duration delay, Task task) {
    timer_.expires_after(absl::ToChronoMilliseconds(delay));
    timer_.async_wait([this, self = this->shared_from_this(), task = std::move(task)](const auto& error) mutable {
      if (!error && !ended_) task();
    });
  }

  // Sends a copy of `response`. Not while writing().
  void Write(Response response) {
    if (ended_) return;
    response_ = std::move(response);
    writing_ = true;
    this->StartWrite(&response_);
  }

  // Ends the call, once what is being written is out. The first status stays.
  void End(absl::Status status) {
    if (ended_) return;
    ended_ = true;
    status_ = std::move(status);
    timer_.cancel();
    FinishIfEnded();
  }

 private:
  void EndSoon(absl::Status status) {
    Post([this, status = std::move(status)]() mutable { End(std::move(status)); });
  }

  void FinishIfEnded() {
    if (!ended_ || writing_ || finished_) return;
    finished_ = true;
    this->Finish(service::ToGrpcStatus(status_));
  }

  ActiveStreams* const active_;
  uint64_t active_id_ = 0;
  boost::asio::strand<boost::asio::thread_pool::executor_type> strand_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<StreamBase> self_;
  Response response_;
  bool writing_ = false;
  bool ended_ = false;
  bool finished_ = false;
  absl::Status status_;
};

}  // namespace quern::pipeline
