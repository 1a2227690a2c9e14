#include "clients/cli/dead_letters.h"

#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/channel.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/job_client.h"
#include "clients/cli/job_text.h"
#include "clients/cli/units.h"
#include "common/base/error.h"
#include "common/dataset/row_json.h"

namespace quern::cli {
namespace {

std::string LetterJson(const v1::DeadLetterRow& letter) {
  std::string json;
  dataset::AppendRowJson(letter, &json);
  return json;
}

constexpr int kLettersPageSize = 100;
constexpr size_t kMessageBytes = 160;

// "STAGE REASON id (source:position): message". A document's source is known, but not its place in it.
std::string LetterLine(const v1::DeadLetterRow& letter) {
  std::string line = absl::StrCat(StageText(letter.stage()), " ", letter.reason(), " ", Printable(letter.id(), 80));
  if (!letter.source().empty()) {
    absl::StrAppend(&line, " (", Printable(letter.source(), 120));
    if (letter.position() > 0) absl::StrAppend(&line, ":", letter.position());
    absl::StrAppend(&line, ")");
  }
  return absl::StrCat(line, ": ", Printable(letter.message(), kMessageBytes));
}

absl::Status ListAll(const DeadLettersOptions& options, const Console& console) {
  QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenChannel(options.server));
  JobClient client(channel);
  v1::ListDeadLettersRequest request;
  request.set_name(JobName(options.job));
  request.set_reason(options.reason);
  request.set_page_size(kLettersPageSize);
  uint64_t letters = 0;
  do {
    QUERN_ASSIGN_OR_RETURN(const v1::ListDeadLettersResponse page, client.ListDeadLetters(request));
    for (const v1::DeadLetterRow& letter : page.dead_letters()) {
      *console.out << (options.json ? LetterJson(letter) : LetterLine(letter)) << "\n";
    }
    letters += static_cast<uint64_t>(page.dead_letters_size());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && console.out->good());
  console.out->flush();
  *console.err << Counted(letters, "dead letter") << std::endl;
  return absl::OkStatus();
}

absl::Status Redrive(const DeadLettersOptions& options, const Console& console) {
  QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenChannel(options.server));
  v1::RedriveDeadLettersRequest request;
  request.set_name(JobName(options.job));
  request.set_reason(options.reason);
  for (const std::string& id : options.ids) request.add_ids(id);
  // A long list of letters is read and stored in one call.
  JobClient client(channel, absl::Minutes(10));
  QUERN_ASSIGN_OR_RETURN(const v1::RedriveDeadLettersResponse done, client.RedriveDeadLetters(request));
  *console.err << RedriveText(done) << std::endl;
  return absl::OkStatus();
}

}  // namespace

std::string RedriveText(const v1::RedriveDeadLettersResponse& done) {
  std::string text = absl::StrCat(Counted(done.redriven(), "dead letter"), " sent on the way again, ",
                                  Grouped(done.skipped()), " redriven before");
  if (done.not_redrivable() > 0) {
    absl::StrAppend(&text, ", ", Grouped(done.not_redrivable()),
                    " cannot be: repair them at their source and submit them anew");
  }
  return text;
}

int ListDeadLetters(const DeadLettersOptions& options, const Console& console) {
  const absl::Status listed = ListAll(options, console);
  return listed.ok() ? kExitDone : Fail(console, "dead-letters list", listed);
}

int RedriveDeadLetters(const DeadLettersOptions& options, const Console& console) {
  const absl::Status redriven = Redrive(options, console);
  return redriven.ok() ? kExitDone : Fail(console, "dead-letters redrive", redriven);
}

}  // namespace quern::cli
