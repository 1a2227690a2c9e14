#include "tests/support/models.h"

#include <nlohmann/json.hpp>

namespace quern::testing {

std::string CompletionBody(std::string_view content, std::string_view finish_reason) {
  nlohmann::json body = {{"model", "qwen-served"}};
  body["choices"] = nlohmann::json::array();
  body["choices"].push_back({{"finish_reason", finish_reason}, {"message", {{"content", content}}}});
  body["usage"] = {{"prompt_tokens", 10}, {"completion_tokens", 5}};
  return body.dump();
}

HttpServer::Response ErrorResponse(int status, std::string_view message) {
  const nlohmann::json body = {{"error", {{"message", message}}}};
  return HttpServer::Response(body.dump(), status);
}

v1::JobSpec JobAsking(const std::vector<std::string>& base_urls) {
  v1::JobSpec job;
  v1::ModelSpec* model = job.add_models();
  model->set_name("m");
  model->set_model("qwen");
  for (const std::string& url : base_urls) model->add_base_urls(url);
  model->set_max_concurrency(1024);
  model->set_max_retries(2);
  model->mutable_timeout()->set_seconds(20);
  model->mutable_connect_timeout()->set_seconds(5);
  v1::StageModel stage;
  stage.add_models("m");
  stage.mutable_sampling()->set_max_tokens(100);
  stage.mutable_sampling()->set_temperature(0);
  *job.mutable_persona()->mutable_llm() = stage;
  *job.mutable_generator()->mutable_llm() = stage;
  *job.mutable_verifier()->mutable_llm() = stage;
  job.mutable_persona()->set_max_personas(3);
  job.mutable_verifier()->set_votes(1);
  return job;
}

ScriptedModel::ScriptedModel(Reply reply)
    : reply_(std::move(reply)), server_([this](const HttpServer::Request& request) {
        const auto body = nlohmann::json::parse(request.body);
        {
          absl::MutexLock lock(&mutex_);
          bodies_.push_back(request.body);
        }
        return HttpServer::Response(CompletionBody(reply_(body["messages"].back()["content"].get<std::string>())));
      }) {}

std::vector<std::string> ScriptedModel::bodies() const {
  absl::MutexLock lock(&mutex_);
  return bodies_;
}

std::vector<std::string> ScriptedModel::prompts() const {
  std::vector<std::string> prompts;
  for (const std::string& body : bodies()) {
    prompts.push_back(nlohmann::json::parse(body)["messages"][0]["content"].get<std::string>());
  }
  return prompts;
}

}  // namespace quern::testing
