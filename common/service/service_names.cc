#include "common/service/service_names.h"

#include <grpcpp/impl/server_initializer.h>

namespace quern::service {
namespace {

class NamesPlugin : public grpc::ServerBuilderPlugin {
 public:
  explicit NamesPlugin(std::vector<std::string>* names) : names_(names) {}

  std::string name() override { return "quern_service_names"; }
  void InitServer(grpc::ServerInitializer*) override {}
  void Finish(grpc::ServerInitializer* initializer) override { *names_ = *initializer->GetServiceList(); }
  void ChangeArguments(const std::string&, void*) override {}

 private:
  std::vector<std::string>* const names_;
};

}  // namespace

void ServiceNames::UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) {
  plugins->push_back(std::make_unique<NamesPlugin>(names_));
}

}  // namespace quern::service
