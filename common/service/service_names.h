#pragma once

#include <grpcpp/impl/server_builder_option.h>

#include <memory>
#include <string>
#include <vector>

namespace quern::service {

// Tells the full names of the services of a server that is being built: the health service answers for each.
class ServiceNames : public grpc::ServerBuilderOption {
 public:
  // `names` outlives the building.
  explicit ServiceNames(std::vector<std::string>* names) : names_(names) {}

  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override;

 private:
  std::vector<std::string>* const names_;
};

}  // namespace quern::service
