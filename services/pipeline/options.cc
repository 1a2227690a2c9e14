#include "services/pipeline/options.h"

#include <filesystem>

namespace quern::pipeline {

std::string DatasetPath(const PipelineOptions& options, const std::string& job_id) {
  if (!options.dataset_dir.empty()) return options.dataset_dir;
  return (std::filesystem::path(options.data_dir) / job_id).string();
}

}  // namespace quern::pipeline
