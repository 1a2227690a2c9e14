#include "clients/cli/progress_display.h"

#include <ostream>
#include <utility>
#include <vector>

namespace quern::cli {
namespace {

// Whether there is anything to tell yet: a line of zeros tells nothing.
bool Begun(const v1::Job& job) {
  const v1::DocumentCounts& documents = job.counts().documents();
  return documents.accepted() + documents.duplicates() > 0 || job.state() != v1::JOB_STATE_RUNNING ||
         !job.state_reason().empty();
}

}  // namespace

ProgressDisplay::ProgressDisplay(const Console& console, Options options)
    : console_(console), options_(std::move(options)), started_(options_.now()) {}

void ProgressDisplay::SetInput(const InputProgress& input) {
  const std::lock_guard lock(mutex_);
  input_ = input;
}

void ProgressDisplay::Update(const v1::WatchJobResponse& watch) {
  const std::lock_guard lock(mutex_);
  last_ = Progress{watch, input_, options_.now() - started_};
  if (options_.quiet) return;
  if (console_.err_is_terminal) {
    Clear();
    Draw();
  } else if (Begun(watch.job()) && options_.now() - last_line_ >= options_.plain_interval) {
    Draw();
  }
}

void ProgressDisplay::Finish() {
  const std::lock_guard lock(mutex_);
  if (options_.quiet || !last_) return;
  last_->input = input_;
  Clear();
  Draw();
  drawn_lines_ = 0;
}

void ProgressDisplay::Say(const std::string& line) {
  const std::lock_guard lock(mutex_);
  Clear();
  *console_.err << line << std::endl;
  if (console_.err_is_terminal && last_ && !options_.quiet) Draw();
}

void ProgressDisplay::Draw() {
  if (!console_.err_is_terminal) {
    const std::string text = ProgressLine(*last_);
    if (text != last_text_) *console_.err << text << std::endl;
    last_text_ = text;
    last_line_ = options_.now();
    return;
  }
  // One column is left free: a terminal wraps a full line.
  const std::vector<std::string> lines = ProgressLines(*last_, console_.width() - 1, console_.color);
  for (const std::string& line : lines) *console_.err << line << "\x1b[K\n";
  console_.err->flush();
  drawn_lines_ = lines.size();
}

void ProgressDisplay::Clear() {
  if (drawn_lines_ > 0) *console_.err << "\x1b[" << drawn_lines_ << "A\x1b[J";
  drawn_lines_ = 0;
}

}  // namespace quern::cli
