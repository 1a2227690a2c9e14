#include "services/persona/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/base/error.h"
#include "services/persona/builtin.h"

namespace quern::persona {
namespace {

TEST(CatalogueTest, EveryDomainHasTwelvePersonasWithUniqueIds) {
  std::set<std::string> ids, descriptions;
  for (size_t domain = 0; domain < kDomains.size(); ++domain) {
    const auto& personas = BuiltinCatalogue().Of(domain);
    EXPECT_GE(personas.size(), 12u) << kDomains[domain];
    const std::string prefix = personas.at(0).id.substr(0, personas.at(0).id.find('.') + 1);
    for (const CataloguePersona& persona : personas) {
      EXPECT_TRUE(ids.insert(persona.id).second) << persona.id;
      EXPECT_TRUE(descriptions.insert(persona.description).second) << persona.description;
      EXPECT_TRUE(persona.id.starts_with(prefix)) << persona.id;
      EXPECT_EQ(persona.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz_."), std::string::npos) << persona.id;
      EXPECT_THAT(persona.description, ::testing::MatchesRegex("(a|an|the) .*[^. ]")) << persona.id;
    }
  }
}

TEST(CatalogueTest, RefusesAnUnknownDomainWithItsLine) {
  const auto catalogue = Catalogue::FromTsv("# comment\nMath\tmath.a\ta reader\tx\nMaths\tmath.b\ta reader\t\n");
  EXPECT_EQ(ErrorReason(catalogue.status()), "BAD_PERSONAS");
  EXPECT_THAT(std::string(catalogue.status().message()), ::testing::HasSubstr("line 3"));
}

class JobPersonasTest : public ::testing::Test {
 protected:
  JobPersonasTest() {
    v1::DomainPersonas& math = *spec_.add_catalogue();
    math.set_domain("Math");
    v1::PersonaDefinition& persona = *math.add_personas();
    persona.set_id("own.one");
    persona.set_description("somebody of our own");
    persona.add_keywords("Prime numbers");
  }
  v1::PersonaSpec spec_;
};

TEST_F(JobPersonasTest, AreAddedToOurs) {
  const Catalogue catalogue = BuiltinCatalogue().WithJobPersonas(spec_);
  EXPECT_EQ(catalogue.Of(0).size(), BuiltinCatalogue().Of(0).size() + 1);
  EXPECT_EQ(catalogue.Of(0).back().id, "own.one");
  EXPECT_THAT(catalogue.Of(0).back().keywords, ::testing::ElementsAre(KeyOf("prime"), KeyOf("number")));
  EXPECT_EQ(catalogue.Of(1).size(), BuiltinCatalogue().Of(1).size());
}

TEST_F(JobPersonasTest, ReplaceOursWhenAskedTo) {
  spec_.mutable_catalogue(0)->set_replace(true);
  EXPECT_EQ(BuiltinCatalogue().WithJobPersonas(spec_).Of(0).size(), 1u);
}

TEST_F(JobPersonasTest, OneWithAnIdOfOursTakesItsPlace) {
  spec_.mutable_catalogue(0)->mutable_personas(0)->set_id(BuiltinCatalogue().Of(0)[2].id);
  const Catalogue catalogue = BuiltinCatalogue().WithJobPersonas(spec_);
  EXPECT_EQ(catalogue.Of(0).size(), BuiltinCatalogue().Of(0).size());
  EXPECT_EQ(catalogue.Of(0)[2].description, "somebody of our own");
}

}  // namespace
}  // namespace quern::persona
