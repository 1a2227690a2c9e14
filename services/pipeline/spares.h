#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace quern::pipeline {

// Lends out things that only one thread at a time may use (those that own a connection), makes one when all are lent,
// and keeps what comes back for the next. Thread-safe; outlives its loans.
template <class T>
class Spares {
 public:
  class Loan {
   public:
    Loan(Spares* owner, std::unique_ptr<T> thing) : owner_(owner), thing_(std::move(thing)) {}
    Loan(Loan&&) = default;
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (thing_) owner_->Return(std::move(thing_));
    }
    T* operator->() const { return thing_.get(); }

   private:
    Spares* owner_;
    std::unique_ptr<T> thing_;
  };

  explicit Spares(std::function<std::unique_ptr<T>()> make) : make_(std::move(make)) {}

  Loan Borrow() {
    {
      absl::MutexLock lock(&mutex_);
      if (!spare_.empty()) {
        std::unique_ptr<T> thing = std::move(spare_.back());
        spare_.pop_back();
        return Loan(this, std::move(thing));
      }
    }
    return Loan(this, make_());
  }

 private:
  void Return(std::unique_ptr<T> thing) {
    absl::MutexLock lock(&mutex_);
    spare_.push_back(std::move(thing));
  }

  const std::function<std::unique_ptr<T>()> make_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<T>> spare_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::pipeline
