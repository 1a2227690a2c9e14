#include "services/persona/persona_stage.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <set>
#include <string>

#include "services/persona/builtin.h"

namespace quern::persona {
namespace {

constexpr char kNursing[] =
    "The nurse gave the patient an antibiotic because the infection had spread to the lungs. Symptoms such as fever "
    "and "
    "cough eased within two days, and the physician reduced the dose of the drug before surgery.";

// What the stage of `spec` decides about a document.
stage::Outcome Decide(const v1::JobSpec& spec, const std::string& id, const std::string& text,
                      const std::string& title = "") {
  auto document = std::make_shared<v1::Document>();
  document->set_id(id);
  document->set_text(text);
  document->set_title(title);
  v1::WorkItem item;
  item.set_document_id(id);
  item.mutable_filter()->set_language("en");
  auto persona_stage = MakePersonaStage(spec);
  EXPECT_TRUE(persona_stage.ok()) << persona_stage.status();
  boost::asio::io_context context;
  stage::StageInput input(document, item);
  auto outcome = boost::asio::co_spawn(context, (*persona_stage)->Process(std::move(input)), boost::asio::use_future);
  context.run();
  return outcome.get();
}

std::string Dump(const stage::Outcome& outcome) {
  std::string dump;
  for (const v1::WorkItem& item : std::get<stage::Advance>(outcome).outputs) dump += item.DebugString();
  return dump;
}

TEST(PersonaStageTest, MakesAsManyItemsPerPersonaAsItIsToAskQuestions) {
  v1::JobSpec spec;
  spec.mutable_generator()->set_questions_per_persona(2);
  const auto advance = std::get<stage::Advance>(Decide(spec, "doc", kNursing));
  ASSERT_EQ(advance.outputs.size(), 6u);
  for (uint32_t i = 0; i < 6; ++i) {
    EXPECT_EQ(advance.outputs[i].ordinal(), i);
    EXPECT_EQ(advance.outputs[i].persona().id(), advance.outputs[i / 2 * 2].persona().id());
  }
  EXPECT_NE(advance.outputs[0].persona().id(), advance.outputs[2].persona().id());
}

TEST(PersonaStageTest, MakesOneItemPerPersona) {
  const auto advance = std::get<stage::Advance>(Decide({}, "doc", kNursing));
  ASSERT_EQ(advance.outputs.size(), 3u);
  std::set<std::string> ids;
  for (uint32_t i = 0; i < 3; ++i) {
    const v1::WorkItem& item = advance.outputs[i];
    EXPECT_EQ(item.document_id(), "doc");
    EXPECT_EQ(item.ordinal(), i);
    EXPECT_TRUE(item.expanded());
    EXPECT_EQ(item.domain(), "Medicine & Health");
    EXPECT_TRUE(item.persona().id().starts_with("medicine."));
    EXPECT_FALSE(item.persona().description().empty());
    EXPECT_EQ(item.filter().language(), "en");
    ASSERT_EQ(item.trace_size(), 1);
    EXPECT_EQ(item.trace(0).stage(), v1::STAGE_NAME_PERSONA);
    EXPECT_EQ(item.trace(0).engine(), v1::ENGINE_EXTRACTIVE);
    EXPECT_EQ(item.trace(0).version(), BuiltinVersion());
    ids.insert(item.persona().id());
  }
  EXPECT_EQ(ids.size(), 3u);
}

TEST(PersonaStageTest, RepeatsItself) { EXPECT_EQ(Dump(Decide({}, "d", kNursing)), Dump(Decide({}, "d", kNursing))); }

TEST(PersonaStageTest, HonoursTheNumberOfPersonas) {
  v1::JobSpec spec;
  spec.mutable_persona()->set_max_personas(8);
  EXPECT_EQ(std::get<stage::Advance>(Decide(spec, "doc", kNursing)).outputs.size(), 8u);
}

TEST(PersonaStageTest, LowConfidenceIsOther) {
  v1::JobSpec spec;
  spec.mutable_persona()->set_min_confidence(1.0);
  EXPECT_EQ(std::get<stage::Advance>(Decide(spec, "doc", kNursing)).outputs[0].domain(), "Other");
  EXPECT_EQ(std::get<stage::Advance>(Decide({}, "doc", "Qwzx vbnm plok jhgf.")).outputs[0].domain(), "Other");
}

TEST(PersonaStageTest, AGivenDomainIsNotDoubted) {
  v1::JobSpec spec;
  spec.mutable_persona()->set_domain("Education");
  EXPECT_EQ(std::get<stage::Advance>(Decide(spec, "doc", kNursing)).outputs[0].domain(), "Education");
}

TEST(PersonaStageTest, TheTitleCounts) {
  EXPECT_EQ(std::get<stage::Advance>(Decide({}, "doc", "It is said to be quite common.", "Theorem on matrices"))
                .outputs[0]
                .domain(),
            "Math");
}

TEST(PersonaStageTest, NoPersonaIsARejection) {
  v1::JobSpec spec;
  v1::DomainPersonas& none = *spec.mutable_persona()->add_catalogue();
  none.set_domain("Medicine & Health");
  none.set_replace(true);
  const auto reject = std::get<stage::Reject>(Decide(spec, "doc", kNursing));
  EXPECT_EQ(reject.rejection.stage(), v1::STAGE_NAME_PERSONA);
  EXPECT_EQ(reject.rejection.reason(), "NO_PERSONA");
  EXPECT_EQ(reject.item.domain(), "Medicine & Health");
  EXPECT_EQ(reject.item.trace_size(), 1);
  EXPECT_FALSE(reject.item.expanded());
}

TEST(PersonaStageTest, ATextWithoutWordsIsARejection) {
  for (const std::string text : {"", "12 345 \xE2\x80\x94 6 !", " \n\t"}) {
    EXPECT_EQ(std::get<stage::Reject>(Decide({}, "doc", text)).rejection.reason(), "NO_PERSONA") << text;
  }
}

TEST(PersonaStageTest, AMillionWordsTakeLessThanASecond) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "w" + std::string(1 + i % 7, static_cast<char>('a' + i % 23)) + " ";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(std::holds_alternative<stage::Advance>(Decide({}, "doc", text)));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

}  // namespace
}  // namespace quern::persona
