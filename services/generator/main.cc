#include "common/base/error.h"
#include "common/service/process.h"
#include "common/stage/stage_component.h"
#include "services/generator/generator_service.h"

namespace quern {
namespace {

absl::StatusOr<std::unique_ptr<service::Component>> MakeComponent(service::Process& process) {
  stage::StageComponentOptions options;
  options.worker = process.config().worker();
  options.redis = process.redis();
  options.metrics = &process.metrics();
  options.access = &process.access();
  options.key_dir = process.config().models().key_dir();
  QUERN_ASSIGN_OR_RETURN(options.replies, stage::OpenReplyCache(process.config().reply_cache()));
  return generator::MakeGeneratorComponent(options);
}

}  // namespace
}  // namespace quern

int main(int argc, char** argv) {
  return quern::service::Process::Main(quern::config::kGeneratorProcess, argc, argv, quern::MakeComponent);
}
