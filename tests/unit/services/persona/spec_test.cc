#include "services/persona/spec.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "common/base/error.h"
#include "services/persona/persona_stage.h"

namespace quern::persona {
namespace {

// The message with which `text`, a PersonaSpec in protobuf's text format, is refused; "" when it is valid.
std::string Refusal(const std::string& text) {
  v1::PersonaSpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec)) << text;
  const absl::Status status = ValidatePersonaSpec(spec);
  if (status.ok()) return "";
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(status), "INVALID_SPEC");
  return std::string(status.message());
}

TEST(PersonaSpecTest, AcceptsDefaultsAndLimits) {
  EXPECT_EQ(Refusal(""), "");
  EXPECT_EQ(Refusal("max_personas: 1 min_confidence: 0"), "");
  EXPECT_EQ(Refusal("max_personas: 8 min_confidence: 1 domain: 'Medicine & Health'"), "");
  EXPECT_EQ(Refusal("catalogue { domain: 'Math' replace: true }"), "");
}

TEST(PersonaSpecTest, RefusalsBeginWithTheFieldsPath) {
  using ::testing::StartsWith;
  EXPECT_THAT(Refusal("max_personas: 0"), StartsWith("persona.max_personas is 0"));
  EXPECT_THAT(Refusal("max_personas: 9"), StartsWith("persona.max_personas is 9"));
  EXPECT_THAT(Refusal("min_confidence: 1.1"), StartsWith("persona.min_confidence"));
  EXPECT_THAT(Refusal("min_confidence: nan"), StartsWith("persona.min_confidence"));
  EXPECT_THAT(Refusal("domain: 'Maths'"), StartsWith("persona.domain is \"Maths\""));
  EXPECT_THAT(Refusal("catalogue { }"), StartsWith("persona.catalogue[0].domain"));
  EXPECT_THAT(Refusal("catalogue { domain: 'Math' } catalogue { domain: 'Math' }"),
              StartsWith("persona.catalogue[1].domain"));
  EXPECT_THAT(Refusal("catalogue { domain: 'Math' personas { description: 'x' } }"),
              StartsWith("persona.catalogue[0].personas[0].id"));
  EXPECT_THAT(Refusal("catalogue { domain: 'Math' personas { id: 'A b' description: 'x' } }"),
              StartsWith("persona.catalogue[0].personas[0].id"));
  EXPECT_THAT(Refusal("catalogue { domain: 'Math' personas { id: 'a' } }"),
              StartsWith("persona.catalogue[0].personas[0].description"));
  EXPECT_THAT(Refusal("catalogue { domain: 'Math' personas { id: 'a' description: 'x' keywords: '7' } }"),
              StartsWith("persona.catalogue[0].personas[0].keywords[0]"));
  EXPECT_THAT(Refusal("catalogue { domain: 'Math' personas { id: 'a' description: 'x' } }"
                      "catalogue { domain: 'Other' personas { id: 'a' description: 'y' } }"),
              StartsWith("persona.catalogue[1].personas[0].id is used twice"));
}

TEST(PersonaSpecTest, TheFactoryRefusesWhatTheSpecMayNotSay) {
  v1::JobSpec spec;
  spec.mutable_persona()->set_max_personas(0);
  EXPECT_EQ(ErrorReason(MakePersonaStage(spec).status()), "INVALID_SPEC");
}

}  // namespace
}  // namespace quern::persona
