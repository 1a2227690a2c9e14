#include "clients/cli/job_commands.h"

#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "clients/cli/channel.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/job_client.h"
#include "clients/cli/job_text.h"
#include "clients/cli/proto_json.h"
#include "common/base/error.h"

namespace quern::cli {
namespace {

// Connects and asks; `ask` takes the client and says what to show.
template <class Ask>
int AskServer(const char* command, const JobOptions& options, const Console& console, const Ask& ask) {
  const auto channel = OpenChannel(options.server);
  if (!channel.ok()) return Fail(console, command, channel.status());
  JobClient client(*channel);
  const absl::Status status = ask(client);
  if (!status.ok()) return Fail(console, command, status);
  return kExitDone;
}

absl::Status ShowAll(JobClient& client, const JobOptions& options, const Console& console) {
  QUERN_ASSIGN_OR_RETURN(const std::vector<v1::Job> jobs, client.List());
  for (const v1::Job& job : jobs) *console.out << (options.json ? ProtoJson(job) : JobLine(job)) << "\n";
  if (jobs.empty()) *console.err << "no jobs on " << options.server.address << std::endl;
  console.out->flush();
  return absl::OkStatus();
}

absl::Status ShowOne(JobClient& client, const JobOptions& options, const Console& console) {
  QUERN_ASSIGN_OR_RETURN(const v1::Job job, client.Get(options.job));
  *console.out << (options.json ? ProtoJson(job) + "\n" : JobReport(job)) << std::flush;
  return absl::OkStatus();
}

// Asks for a change of state and says what the job is now.
template <class Ask>
int Change(const char* command, const JobOptions& options, const Console& console, const Ask& ask) {
  return AskServer(command, options, console, [&](JobClient& client) -> absl::Status {
    QUERN_ASSIGN_OR_RETURN(const v1::Job job, ask(client));
    *console.err << "job " << JobId(job.name()) << " is " << StateText(job.state()) << std::endl;
    return absl::OkStatus();
  });
}

}  // namespace

int Status(const JobOptions& options, const Console& console) {
  return AskServer("status", options, console, [&](JobClient& client) {
    return options.job.empty() ? ShowAll(client, options, console) : ShowOne(client, options, console);
  });
}

int Pause(const JobOptions& options, const Console& console) {
  return Change("pause", options, console, [&](JobClient& client) { return client.Pause(options.job); });
}

int Resume(const JobOptions& options, const Console& console) {
  v1::BudgetSpec budget;
  if (options.max_tokens) budget.set_max_tokens(*options.max_tokens);
  if (options.max_cost) budget.set_max_cost(*options.max_cost);
  return Change("resume", options, console, [&](JobClient& client) { return client.Resume(options.job, budget); });
}

int Cancel(const JobOptions& options, const Console& console) {
  return Change("cancel", options, console, [&](JobClient& client) { return client.Cancel(options.job); });
}

int Delete(const JobOptions& options, const Console& console) {
  return AskServer("delete", options, console, [&](JobClient& client) -> absl::Status {
    QUERN_RETURN_IF_ERROR(client.Delete(options.job, options.delete_dataset));
    *console.err << "job " << JobId(options.job) << " is deleted"
                 << (options.delete_dataset ? " with its dataset"
                                            : "; its dataset stays, and its name is taken while that is there")
                 << std::endl;
    return absl::OkStatus();
  });
}

}  // namespace quern::cli
