// Damages good lines at random (seeded) and checks what must hold for any bytes: no crash, no document that breaks the
// rules, and the same answer twice. Meant to run under ASan and UBSan as well.
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "common/dataset/json_line.h"
#include "common/dataset/json_text.h"
#include "common/dataset/line_reader.h"
#include "common/text/utf8.h"

namespace quern::dataset {
namespace {

constexpr std::string_view kSeeds[] = {
    R"({"id":"a","text":"The quern \"grinds\" caf\u00e9 \ud83d\ude00.","title":"T","n":[1,-2.5e-7,{"x":null}],"b":true})",
    R"({"text":"plain","id":12345678901234567890123,"deep":[[[[{"a":[1.00000000000000000001]}]]]]})",
    "{\"text\":\"caf\xc3\xa9 \xf0\x9f\x98\x80\",\"source\":\"s\",\"url\":\"u\"}",
};
constexpr std::string_view kPieces[] = {"\\ud800",        "\\u0000", "\"",           "{", "}", "[",    "]",  "\\",
                                        "1e999",          "\xff",    "\xed\xa0\x80", ",", ":", "null", "00", "-",
                                        "\"text\":\"z\","};

std::string Mutate(std::string line, std::mt19937_64& random) {
  const int changes = 1 + static_cast<int>(random() % 4);
  for (int i = 0; i < changes; ++i) {
    const size_t at = random() % (line.size() + 1);
    switch (random() % 4) {
      case 0:
        line.insert(at, kPieces[random() % std::size(kPieces)]);
        break;
      case 1:
        line.erase(at, random() % 5);
        break;
      case 2:
        if (at < line.size()) line[at] = static_cast<char>(random());
        break;
      default:
        line.resize(at);
    }
    if (line.empty()) line = "{";
  }
  return line;
}

TEST(JsonLineMutationTest, AnyBytesGiveARightDocumentOrAReason) {
  std::mt19937_64 random(20261123);
  InputLimits strict;
  InputLimits replacing;
  replacing.replace_invalid_utf8 = true;
  JsonLineParser parsers[] = {JsonLineParser(strict), JsonLineParser(replacing)};
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  size_t accepted = 0;
  for (int round = 0; round < 200'000 && std::chrono::steady_clock::now() < end; ++round) {
    const std::string line = Mutate(std::string(kSeeds[random() % std::size(kSeeds)]), random);
    // Exactly the padding that is promised, so that ASan sees a byte too far.
    std::vector<char> padded(line.size() + LineReader::kPadding);
    std::copy(line.begin(), line.end(), padded.begin());
    for (JsonLineParser& parser : parsers) {
      JsonLineParser::Fields fields;
      v1::Document document;
      auto fault = parser.Parse({padded.data(), line.size()}, &fields);
      if (!fault) fault = parser.BuildDocument(&document);
      if (fault) {
        EXPECT_FALSE(fault->reason.empty() || fault->message.empty());
        continue;
      }
      ++accepted;
      EXPECT_TRUE(text::IsValidUtf8(document.text())) << line;
      EXPECT_FALSE(document.id().empty()) << line;
      EXPECT_FALSE(CheckText(document.text(), strict)) << line;
      EXPECT_EQ(document.text().find('\0'), std::string::npos) << line;
    }
    // What the strict parser takes is well-formed JSON by another parser's judgement as well.
    JsonLineParser::Fields fields;
    if (!parsers[0].Parse({padded.data(), line.size()}, &fields)) {
      EXPECT_FALSE(DiagnoseJson(line)) << line;
    }
  }
  EXPECT_GT(accepted, 100u);
}

}  // namespace
}  // namespace quern::dataset
