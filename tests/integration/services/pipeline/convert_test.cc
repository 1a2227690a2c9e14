#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/base/trace_context.h"
#include "quern/v1/stages.grpc.pb.h"
#include "services/pipeline/converter.h"

namespace quern::pipeline {
namespace {

// What the stages were called with.
std::vector<std::string>& Traceparents() {
  static auto& traceparents = *new std::vector<std::string>;
  return traceparents;
}

void Note(const grpc::ServerContext& context) {
  const auto [first, last] = context.client_metadata().equal_range(kTraceparent);
  for (auto at = first; at != last; ++at) Traceparents().emplace_back(at->second.data(), at->second.size());
}

// Four stage services that each leave a mark and check that they are given what the stage before found.
class Filter final : public v1::FilterService::Service {
  grpc::Status FilterDocument(grpc::ServerContext* context, const v1::FilterDocumentRequest* request,
                              v1::FilterDocumentResponse* response) final {
    Note(*context);
    response->mutable_trace()->set_stage(v1::STAGE_NAME_FILTER);
    if (request->document().text() == "poor") {
      response->mutable_rejection()->set_reason("TOO_SHORT");
    } else if (request->document().text() == "slow") {
      absl::SleepFor(absl::Seconds(2));
    } else {
      response->mutable_kept()->set_language("en");
    }
    return grpc::Status::OK;
  }
};

class Persona final : public v1::PersonaService::Service {
  grpc::Status AssignPersonas(grpc::ServerContext* context, const v1::AssignPersonasRequest* request,
                              v1::AssignPersonasResponse* response) final {
    Note(*context);
    EXPECT_EQ(request->filter().language(), "en");
    EXPECT_EQ(request->spec().persona().max_personas(), 3u);  // defaults are filled in
    response->mutable_trace()->set_stage(v1::STAGE_NAME_PERSONA);
    response->mutable_assignment()->set_domain("Math");
    response->mutable_assignment()->add_personas()->set_id("a");
    response->mutable_assignment()->add_personas()->set_id("b");
    return grpc::Status::OK;
  }
};

class Generator final : public v1::GeneratorService::Service {
  grpc::Status GenerateQuestion(grpc::ServerContext* context, const v1::GenerateQuestionRequest* request,
                                v1::GenerateQuestionResponse* response) final {
    Note(*context);
    EXPECT_EQ(request->domain(), "Math");
    EXPECT_EQ(request->persona().id(), request->ordinal() == 0 ? "a" : "b");
    response->mutable_trace()->set_stage(v1::STAGE_NAME_GENERATOR);
    response->mutable_question_answer()->set_question(request->ordinal() == 0 ? "good?" : "bad?");
    return grpc::Status::OK;
  }
};

class Verifier final : public v1::VerifierService::Service {
  grpc::Status VerifyQuestion(grpc::ServerContext* context, const v1::VerifyQuestionRequest* request,
                              v1::VerifyQuestionResponse* response) final {
    Note(*context);
    response->mutable_trace()->set_stage(v1::STAGE_NAME_VERIFIER);
    response->add_checks()->set_name("grounded");
    if (request->question_answer().question() == "bad?") {
      response->mutable_rejection()->set_reason("NOT_GROUNDED");
    } else {
      *response->mutable_verified() = request->question_answer();
      response->mutable_verified()->set_answer_type(v1::ANSWER_TYPE_NUMBER);
    }
    return grpc::Status::OK;
  }
};

class ConvertTest : public ::testing::Test {
 protected:
  ConvertTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&filter_);
    builder.RegisterService(&persona_);
    builder.RegisterService(&generator_);
    builder.RegisterService(&verifier_);
    server_ = builder.BuildAndStart();
    const auto channel = server_->InProcessChannel({});
    converter_ = std::make_unique<Converter>(StageChannels{channel, channel, channel, channel});
  }

  absl::StatusOr<v1::ConvertDocumentResponse> Convert(const std::string& text,
                                                      absl::Duration timeout = absl::Seconds(30)) {
    v1::ConvertDocumentRequest request;
    request.mutable_document()->set_text(text);
    return converter_->Convert(request, trace_, absl::Now() + timeout);
  }

  const TraceContext trace_ = NewTrace();
  Filter filter_;
  Persona persona_;
  Generator generator_;
  Verifier verifier_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Converter> converter_;
};

TEST_F(ConvertTest, AnswersTheWholeTraceAndTheRecordThatTheQueueWouldMake) {
  const auto response = Convert("rich");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->document().id(), ContentHash("rich"));
  ASSERT_EQ(response->items_size(), 2);
  const v1::RecordRow& record = response->items(0).record();
  EXPECT_EQ(record.id(), ContentHash("rich") + "#0");
  EXPECT_EQ(record.answer_type(), v1::ANSWER_TYPE_NUMBER);
  EXPECT_EQ(record.domain(), "Math");
  EXPECT_EQ(record.filter().language(), "en");
  EXPECT_EQ(record.provenance().stages_size(), 4);
  EXPECT_EQ(response->items(1).verifier().rejection().reason(), "NOT_GROUNDED");
  EXPECT_FALSE(response->items(1).has_record());
}

TEST_F(ConvertTest, CallsEachStageAsASpanOfTheCallsTrace) {
  Traceparents().clear();
  const auto response = Convert("rich");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->items(0).record().provenance().trace_id(), trace_.trace_id);
  // Filter, personas, and two items.
  ASSERT_EQ(Traceparents().size(), 6u);
  for (const std::string& value : Traceparents()) {
    const auto context = ParseTraceparent(value);
    ASSERT_TRUE(context.has_value()) << value;
    EXPECT_EQ(context->trace_id, trace_.trace_id);
  }
  EXPECT_EQ(std::set<std::string>(Traceparents().begin(), Traceparents().end()).size(), 6u);
}

TEST_F(ConvertTest, StopsWhereTheDocumentEnds) {
  const auto response = Convert("poor");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->filter().rejection().reason(), "TOO_SHORT");
  EXPECT_FALSE(response->has_persona());
  EXPECT_EQ(response->items_size(), 0);
}

TEST_F(ConvertTest, RefusesADocumentThatBreaksTheRules) {
  const auto response = Convert("");
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(response.status()), "EMPTY_TEXT");
}

TEST_F(ConvertTest, EndsAtTheDeadlineAndNamesTheStage) {
  const auto response = Convert("slow", absl::Milliseconds(100));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(std::string(response.status().message()).rfind("filter: ", 0), 0u) << response.status();
}

TEST_F(ConvertTest, AStageThatIsAwayIsUnavailable) {
  const auto nowhere = grpc::CreateChannel("unix:/nowhere/grpc.sock", grpc::InsecureChannelCredentials());
  const Converter converter(StageChannels{nowhere, nowhere, nowhere, nowhere});
  v1::ConvertDocumentRequest request;
  request.mutable_document()->set_text("rich");
  const auto response = converter.Convert(request, NewTrace(), absl::Now() + absl::Seconds(30));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable) << response.status();
}

}  // namespace
}  // namespace quern::pipeline
