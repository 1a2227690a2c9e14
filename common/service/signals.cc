#include "common/service/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

namespace quern::service {

Signals::Signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  signals_ = signalfd(-1, &wanted, SFD_CLOEXEC);
  stop_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { Listen(); });
}

Signals::~Signals() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_, &one, sizeof(one));
  thread_.join();
  close(signals_);
  close(stop_);
}

void Signals::Wait() { first_.WaitForNotification(); }

bool Signals::WaitFor(absl::Duration timeout) { return first_.WaitForNotificationWithTimeout(timeout); }

void Signals::Listen() {
  pollfd sources[] = {{signals_, POLLIN, 0}, {stop_, POLLIN, 0}};
  while (true) {
    if (poll(sources, 2, -1) < 0) continue;
    if (sources[1].revents != 0) return;
    // All that are pending at once: the second one must not wait for what the first one starts.
    signalfd_siginfo pending[2];
    const ssize_t bytes = read(signals_, pending, sizeof(pending));
    for (ssize_t i = 0; i < bytes / static_cast<ssize_t>(sizeof(pending[0])); ++i) {
      const int number = static_cast<int>(pending[i].ssi_signo);
      if (received_ != 0) _exit(128 + number);
      received_ = number;
    }
    if (received_ != 0) first_.Notify();
  }
}

}  // namespace quern::service
