// From a record to the calls that it took, and back: the trace id leads from one to the other.
#include <algorithm>
#include <utility>

#include "common/base/trace_context.h"
#include "quern/v1/pipeline.grpc.pb.h"
#include "tests/support/redis_server.h"
#include "tests/support/rpc/daemon.h"
#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::AllOf;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What was paid: of a life as it is told, or of calls as the server saw them.
struct Paid {
  uint64_t calls = 0;
  uint64_t input_tokens = 0;
  uint64_t cached_tokens = 0;
  uint64_t output_tokens = 0;

  friend bool operator==(const Paid&, const Paid&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Paid& paid) {
    return out << paid.calls << " calls, " << paid.input_tokens << " (" << paid.cached_tokens << ") in, "
               << paid.output_tokens << " out";
  }
};

// Adds the stages and failed attempts of an item that `wanted` names. JSON of protos: 64-bit numbers are text, zeros
// are left out.
void AddPaid(const nlohmann::json& item, const std::set<std::string>& wanted, Paid* paid) {
  const auto number = [](const nlohmann::json& from, const char* key) {
    return std::stoull(from.value(key, std::string("0")));
  };
  for (const char* list : {"stages", "failed_attempts"}) {
    if (!item.contains(list)) continue;
    for (const nlohmann::json& entry : item[list]) {
      if (!wanted.contains(entry.value("stage", ""))) continue;
      paid->calls += entry.value("calls", 0);
      paid->input_tokens += number(entry, "input_tokens");
      paid->cached_tokens += number(entry, "cached_tokens");
      paid->output_tokens += number(entry, "output_tokens");
    }
  }
}

// Its items share what came before they were made.
Paid PaidBy(const nlohmann::json& life) {
  Paid paid;
  AddPaid(life["items"][0], {"STAGE_NAME_FILTER", "STAGE_NAME_PERSONA"}, &paid);
  for (const nlohmann::json& item : life["items"]) {
    AddPaid(item, {"STAGE_NAME_GENERATOR", "STAGE_NAME_VERIFIER"}, &paid);
  }
  return paid;
}

std::map<std::string, Paid> PaidByTrace(const std::vector<WitnessedCall>& calls) {
  std::map<std::string, Paid> by_trace;
  for (const WitnessedCall& call : calls) {
    Paid& paid = by_trace[call.trace_id];
    if (call.status != 200) continue;
    ++paid.calls;
    paid.input_tokens += call.input_tokens;
    paid.cached_tokens += call.cached_tokens;
    paid.output_tokens += call.output_tokens;
  }
  return by_trace;
}

class TraceTest : public ModelsTest {
 protected:
  nlohmann::json Life(const std::string& id) {
    const Said said = Quern({"trace", id, "--output", Output(), "--json"});
    EXPECT_EQ(said.code, 0) << said.err;
    return nlohmann::json::parse(said.out, nullptr, false);
  }

  std::string Log() const { return dataset::TemporaryFolder::Read(Output() + "/quern.log"); }
};

TEST_F(TraceTest, EveryLifeTellsExactlyTheCallsThatTheServerSaw) {
  constexpr uint64_t kDocuments = 40;
  server_.Start({"--fault", "malformed=0.25", "--fault", "length=0.1", "--fault", "500=0.05", "--fault", "429=0.05"});
  WriteSpec();
  WriteCorpus(kDocuments);
  const Said said = Run(Output());
  ASSERT_TRUE(said.code == 0 || said.code == 3) << said.err;
  std::map<std::string, Paid> witnessed = PaidByTrace(server_.Calls());
  uint64_t failed_attempts = 0;
  for (uint64_t i = 0; i < kDocuments; ++i) {
    const std::string id = "doc-" + std::to_string(i);
    const nlohmann::json life = Life(id);
    ASSERT_TRUE(life.contains("items")) << life.dump();
    const std::string trace_id = life["trace_id"];
    EXPECT_EQ(trace_id, DerivedTraceId("run", id));
    EXPECT_EQ(PaidBy(life), witnessed[trace_id]) << life.dump(2);
    witnessed.erase(trace_id);
    for (const nlohmann::json& item : life["items"])
      failed_attempts += item.value("failed_attempts", nlohmann::json::array()).size();
  }
  EXPECT_THAT(witnessed, IsEmpty()) << "calls of no document";
  EXPECT_THAT(failed_attempts, Gt(5u)) << "else nothing was proven";
}

TEST_F(TraceTest, ARecordTellsItsTraceItsTimesAndItsFailedAttempts) {
  server_.Start({"--fault", "malformed=0.3"});
  WriteSpec();
  WriteCorpus(20);
  const int64_t before = absl::ToUnixMillis(absl::Now());
  ASSERT_NE(Run(Output()).code, 75);
  const int64_t after = absl::ToUnixMillis(absl::Now());
  uint64_t failed = 0;
  for (const auto& record : Rows<v1::RecordRow>(Output(), dataset::RowKind::kRecords)) {
    const v1::Provenance& provenance = record.provenance();
    EXPECT_EQ(provenance.trace_id(), DerivedTraceId("run", record.document_id()));
    std::map<int, uint32_t> failed_by_stage;
    for (const v1::FailedAttempt& attempt : provenance.failed_attempts()) {
      EXPECT_EQ(attempt.reason(), "MALFORMED_REPLY");
      EXPECT_EQ(attempt.calls(), 2u) << "asked, and asked again";
      ++failed_by_stage[attempt.stage()];
      ++failed;
    }
    ASSERT_EQ(provenance.stages_size(), 4);
    int64_t last = before;
    for (const v1::StageTrace& stage : provenance.stages()) {
      EXPECT_GE(stage.started_ms(), last);
      EXPECT_GE(stage.ended_ms(), stage.started_ms());
      last = stage.ended_ms();
      EXPECT_EQ(stage.attempts(), failed_by_stage[stage.stage()]);
      EXPECT_EQ(stage.deliveries(), 0u);
    }
    EXPECT_LE(last, after);
  }
  EXPECT_GT(failed, 0u) << "else nothing was proven";
}

TEST_F(TraceTest, ARejectionAndADeadLetterAreToldWithTheirReasons) {
  // Rules turn away what is too short; the model's server gives up on the rest.
  server_.Start({"--fault", "content-filter=1"});
  WriteSpec();
  WriteCorpus(2);
  std::ofstream(folder_ / "corpus.jsonl", std::ios::app) << R"({"id": "short", "text": "Too short."})"
                                                         << "\n";
  EXPECT_EQ(Run(Output()).code, 3);
  const Said rejected = Quern({"trace", "short", "--output", Output()});
  EXPECT_EQ(rejected.code, 0) << rejected.err;
  EXPECT_THAT(rejected.out, AllOf(HasSubstr("trace      " + DerivedTraceId("run", "short")),
                                  HasSubstr("= rejected, filter, "), Not(HasSubstr("FAILED"))));
  const Said dead = Quern({"trace", "doc-1", "--output", Output()});
  EXPECT_EQ(dead.code, 0) << dead.err;
  EXPECT_THAT(dead.out, AllOf(HasSubstr("= dead, filter, CONTENT_FILTERED: "), HasSubstr("FAILED CONTENT_FILTERED")));
  // The same trace id is in the log: once, at warning.
  const std::string log = Log();
  const std::string line = "\"trace_id\":\"" + DerivedTraceId("run", "doc-1") + "\"";
  const size_t at = log.find(line);
  ASSERT_NE(at, std::string::npos) << log;
  EXPECT_EQ(log.find(line, at + 1), std::string::npos) << log;
  const size_t begin = log.rfind('\n', at) + 1;
  EXPECT_THAT(log.substr(begin, log.find('\n', at) - begin),
              AllOf(HasSubstr("\"level\":\"warning\""), HasSubstr("\"message\":\"dead letter\""),
                    HasSubstr("\"stage\":\"filter\""), HasSubstr("\"reason\":\"CONTENT_FILTERED\""),
                    HasSubstr("\"document\":\"doc-1\""), HasSubstr("\"job\":\"run\"")));
}

TEST_F(TraceTest, AWrongIdOrFolderIsSaidWithAHint) {
  server_.Start();
  WriteSpec();
  WriteCorpus(3);
  ASSERT_EQ(Run(Output()).code, 0);
  const Said unknown = Quern({"trace", "doc-77", "--output", Output()});
  EXPECT_EQ(unknown.code, 65);
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("has the id doc-77"), HasSubstr("ids stand in")));
  EXPECT_EQ(unknown.out, "");
  EXPECT_EQ(Quern({"trace", "doc-1", "--output", Output("nowhere")}).code, 66);
  EXPECT_EQ(Quern({"trace", "doc-1"}).code, 64);
  EXPECT_EQ(Quern({"trace", "doc-1", "--output", Output(), "--job", "run"}).code, 64);
}

TEST_F(TraceTest, AnInterruptedRunTellsWhatIsWrittenAndThatThereMayBeMore) {
  server_.Start({"--latency", "300ms"});
  WriteSpec();
  WriteCorpus(200);
  std::optional<int> code;
  ASSERT_TRUE(Interrupt(Output(), SIGTERM, 60, &code));
  const Said said = Quern({"trace", "doc-199", "--output", Output()});
  EXPECT_EQ(said.code, 65) << said.out;
  EXPECT_THAT(said.err, HasSubstr("has not ended"));
}

// The five services, as processes, with a model's server.
class TracedServicesTest : public ModelsTest {
 protected:
  void SetUp() override {
    server_.Start();
    std::vector<std::string> flags = {"--set=pipeline.data_dir=" + Output("data")};
    for (const std::string name : {"filter", "persona", "generator", "verifier"}) {
      flags.push_back("--set=pipeline." + name + "_address=" + Start(name, {})->grpc_address());
    }
    pipeline_ = v1::PipelineService::NewStub(Start("pipeline", flags)->Channel());
    v1::ModelSpec* const model = spec_.add_models();
    model->set_name("small");
    model->set_model("simulated");
    model->add_base_urls(server_.base_url());
    spec_.set_engine(v1::ENGINE_LLM);
    spec_.mutable_output()->mutable_max_shard_age()->set_seconds(1);
    const auto line = nlohmann::json::parse(MakeProseLine(0, 1000));
    document_.set_id("one");
    document_.set_text(line["text"]);
  }

  Daemon* Start(const std::string& name, std::vector<std::string> flags) {
    flags.push_back("--redis=" + redis_.url());
    daemons_.push_back(std::make_unique<Daemon>("quern-" + name, flags));
    EXPECT_TRUE(daemons_.back()->WaitUntilItServes()) << daemons_.back()->process().Stderr();
    return daemons_.back().get();
  }

  // Converts the document under `traceparent` ("": none).
  v1::ConvertDocumentResponse Convert(const std::vector<std::string>& traceparents) {
    grpc::ClientContext context;
    for (const std::string& value : traceparents) context.AddMetadata(kTraceparent, value);
    v1::ConvertDocumentRequest request;
    *request.mutable_spec() = spec_;
    *request.mutable_document() = document_;
    v1::ConvertDocumentResponse response;
    const grpc::Status status = pipeline_->ConvertDocument(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  // The trace ids of the calls since the last time.
  std::set<std::string> NewTraces() {
    const std::vector<WitnessedCall> calls = server_.Calls();
    std::set<std::string> traces;
    for (; seen_ < calls.size(); ++seen_) traces.insert(calls[seen_].trace_id);
    return traces;
  }

  RedisServer redis_;
  std::vector<std::unique_ptr<Daemon>> daemons_;
  std::unique_ptr<v1::PipelineService::Stub> pipeline_;
  v1::JobSpec spec_;
  v1::Document document_;
  size_t seen_ = 0;
};

constexpr char kClientsTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kDocumentsTrace[] = "0af7651916cd43dd8448eb211c80319c";

std::string Traceparent(const std::string& trace_id) { return "00-" + trace_id + "-00f067aa0ba902b7-01"; }

TEST_F(TracedServicesTest, AConversionsCallsAreUnderItsClientsTrace) {
  const v1::ConvertDocumentResponse response = Convert({Traceparent(kClientsTrace)});
  EXPECT_EQ(NewTraces(), std::set<std::string>{kClientsTrace});
  ASSERT_GT(response.items_size(), 0);
  EXPECT_EQ(response.items(0).record().provenance().trace_id(), kClientsTrace);
  EXPECT_GT(response.filter().trace().started_ms(), 0);

  document_.set_traceparent(Traceparent(kDocumentsTrace));
  Convert({});
  EXPECT_EQ(NewTraces(), std::set<std::string>{kDocumentsTrace}) << "the document's, where the call brings none";
  Convert({Traceparent(kClientsTrace)});
  EXPECT_EQ(NewTraces(), std::set<std::string>{kClientsTrace});

  // What is not valid begins a trace of its own, and never costs the call.
  document_.clear_traceparent();
  std::set<std::string> seen = {kClientsTrace, kDocumentsTrace, ""};
  for (const std::vector<std::string>& values :
       {std::vector<std::string>{}, {"00-nonsense"}, {Traceparent(kClientsTrace), Traceparent(kDocumentsTrace)}}) {
    Convert(values);
    const std::set<std::string> traces = NewTraces();
    ASSERT_EQ(traces.size(), 1u);
    EXPECT_TRUE(seen.insert(*traces.begin()).second) << *traces.begin();
  }
}

TEST_F(TracedServicesTest, AQueuedDocumentsCallsAreUnderItsOwnTrace) {
  {
    grpc::ClientContext context;
    v1::CreateJobRequest request;
    request.set_job_id("traced");
    *request.mutable_spec() = spec_;
    v1::Job job;
    ASSERT_TRUE(pipeline_->CreateJob(&context, request, &job).ok());
  }
  {
    grpc::ClientContext context;
    const auto stream = pipeline_->IngestDocuments(&context);
    v1::IngestDocumentsRequest request;
    request.set_job("jobs/traced");
    request.set_source("test");
    v1::IngestDocumentsResponse response;
    ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
    v1::IngestEntry* const entry = request.add_entries();
    entry->set_position(1);
    document_.set_traceparent(Traceparent(kDocumentsTrace));
    *entry->mutable_document() = document_;
    ASSERT_TRUE(stream->Write(request));
    stream->WritesDone();
    while (stream->Read(&response)) continue;
    ASSERT_TRUE(stream->Finish().ok());
  }
  const std::string server = daemons_.back()->grpc_address();
  {
    grpc::ClientContext context;
    v1::CloseInputRequest request;
    request.set_name("jobs/traced");
    v1::Job job;
    ASSERT_TRUE(pipeline_->CloseInput(&context, request, &job).ok());
  }
  ASSERT_EQ(Quern({"watch", "traced", "--server", server}).code, 0);
  EXPECT_EQ(NewTraces(), std::set<std::string>{kDocumentsTrace});
  const Said said = Quern({"trace", "one", "--job", "traced", "--server", server});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out,
              AllOf(HasSubstr("trace      " + std::string(kDocumentsTrace)), HasSubstr("= record; written ")));
  for (const auto& record : Rows<v1::RecordRow>(Output("data") + "/traced", dataset::RowKind::kRecords)) {
    EXPECT_EQ(record.provenance().trace_id(), kDocumentsTrace);
    EXPECT_THAT(record.DebugString(), Not(HasSubstr("00f067aa0ba902b7"))) << "no more of it is in the dataset";
  }
  const Said unknown = Quern({"trace", "two", "--job", "traced", "--server", server});
  EXPECT_EQ(unknown.code, 65);
  EXPECT_THAT(unknown.err, HasSubstr("has the id two"));
}

}  // namespace
}  // namespace quern::testing
