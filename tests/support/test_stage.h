#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>

#include "common/stage/stage.h"

namespace quern::testing {

// A stage that does what a test says. Thread-safe when the function is.
class TestStage : public stage::Stage {
 public:
  using Function = std::function<stage::Outcome(const stage::StageInput& input)>;

  explicit TestStage(Function function) : function_(std::move(function)) {}

  boost::asio::awaitable<stage::Outcome> Process(stage::StageInput input) override {
    stage::Outcome outcome = function_(input);
    co_return outcome;
  }

  // A factory that gives every job a stage of this function.
  static stage::StageFactory Factory(Function function) {
    return [function = std::move(function)](const v1::JobSpec&) -> absl::StatusOr<std::shared_ptr<stage::Stage>> {
      return std::make_shared<TestStage>(function);
    };
  }

  // Lets every item through as it is.
  static stage::Outcome Pass(const stage::StageInput& input) { return stage::Advance{{input.item}}; }

 private:
  const Function function_;
};

}  // namespace quern::testing
