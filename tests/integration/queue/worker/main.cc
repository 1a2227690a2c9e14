// A worker process that tests suspend and kill: the four stages, each item settled after a delay.
//
//   queue_test_worker URL NAME DELAY_MS
//
// Writes a byte to its standard output for each item that it begins to work on. Aborts when the generator gets an item
// of a document whose id begins with "poison".
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "tests/integration/queue/support/delayed_work.h"
#include "tests/integration/queue/support/queue_harness.h"

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  quern::testing::DelayedWork work(
      absl::Milliseconds(std::atoi(argv[3])), [](quern::v1::StageName stage, quern::queue::Delivery delivery) {
        if (stage == quern::v1::STAGE_NAME_GENERATOR && delivery.item().document_id().starts_with("poison"))
          std::abort();
        quern::testing::Advancing(2)(stage, std::move(delivery));
      });
  const auto begin = [then = work.AsWork()](quern::v1::StageName stage, quern::queue::Delivery delivery) {
    then(stage, std::move(delivery));
    // What does not fit into the pipe is of no use to the test.
    [[maybe_unused]] const ssize_t written = write(STDOUT_FILENO, ".", 1);
  };
  quern::testing::Workers workers(argv[1], argv[2], begin);
  while (true) std::this_thread::sleep_for(std::chrono::seconds(1));
}
