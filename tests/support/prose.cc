#include "tests/support/prose.h"

#include <array>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace quern::testing {
namespace {

// In templates: S the subject, N another name, P a person, Y a year, Q a quantity with its unit, C a count, M a
// material, F a field of work.
constexpr std::array<std::string_view, 24> kFacts = {
    "S is L long and reaches its widest point near the town of N.",
    "S was founded in Y by P, who had studied F at the university of N.",
    "In Y, P became the first person to describe the structure of S in detail.",
    "The height of S was measured at L by an expedition that set out from N.",
    "S consists mainly of M, which was brought there from the quarries of N.",
    "The oldest part of S was built in Y after a fire had destroyed the earlier buildings.",
    "S is the largest of the C settlements that lie along the northern shore of the lake.",
    "P designed the bridge of S, which has carried the railway across the valley since Y.",
    "The population of S was C at the census of Y, and it has grown slowly since then.",
    "S is named after P, a physician who worked in N for most of his life.",
    "The archive of S holds C manuscripts, the oldest of which was written in Y.",
    "A mill at S uses about W of water each day during the summer months.",
    "The treaty of S was signed in Y and ended the dispute over the mines of N.",
    "S is a method of preparing M that was developed in N during the nineteenth century.",
    "The museum of S was opened in Y and shows instruments that belonged to P.",
    "Because the soil around S contains M, the farmers there grow mostly barley and flax.",
    "S lies L above the level of the sea and can be reached only on foot in winter.",
    "The engine of S produced E when it was tested by P in the workshops of N.",
    "S was the capital of the province until Y, when the government moved to N.",
    "The school of S teaches F and has C pupils from all parts of the country.",
    "P wrote the first history of S, which was printed in N in Y.",
    "The clock of S was made of M and has been repaired C times since it was installed.",
    "The river that flows through S carries W of sediment to the coast every year.",
    "S was declared a monument in Y because its walls are made entirely of M."};

constexpr std::array<std::string_view, 14> kConnections = {
    "Visitors have often remarked that the place seems much older than it really is.",
    "Not all of the accounts agree with each other, and some of them were written long after the events.",
    "The reasons for this are still a matter of discussion among those who have looked at the evidence.",
    "It would take several more years before the work could be continued, and the costs were considerable.",
    "Later writers have repeated the story with many changes, which makes it difficult to know what happened.",
    "There are, however, good reasons to believe that the earlier reports were close to the truth.",
    "Much of what is known about this comes from letters that were found in a private collection.",
    "The people of the region have kept many of the old customs, and they speak about them with pride.",
    "As a result, trade with the neighbouring valleys became easier and the markets were visited more often.",
    "This has been confirmed by several independent studies, although the details are not always the same.",
    "For a long time nobody paid attention to these findings, and they were almost forgotten.",
    "When the weather is clear, the view from there reaches as far as the mountains in the south.",
    "The plans for a new building were given up because there was no agreement about how to pay for it.",
    "Some of the older inhabitants still remember how the work was done before the machines arrived."};

constexpr std::array<std::string_view, 20> kStems = {"Alder",  "Brom", "Carn", "Dell", "Esk",   "Fenn", "Gar",
                                                     "Hollin", "Iver", "Kelm", "Lorn", "Marl",  "Nor",  "Orm",
                                                     "Pell",   "Quar", "Rand", "Sel",  "Thorn", "Wex"};
constexpr std::array<std::string_view, 16> kEndings = {"ford",  "wick", "stead", "mouth", "bury", "holm",
                                                       "dale",  "gate", "combe", "burg",  "ley",  "minster",
                                                       "haven", "fell", "mere",  "ton"};
constexpr std::array<std::string_view, 16> kKinds = {
    "",         " Abbey",  " Bridge",  " Canal", " Castle",      " College", " Dam",    " Forest",
    " Harbour", " Island", " Library", " Mine",  " Observatory", " Tower",   " Valley", " Works"};
constexpr std::array<std::string_view, 16> kFirstNames = {
    "Anna",  "Bernard", "Clara",     "Daniel",  "Edith",  "Frederick", "Grace", "Henry",
    "Irene", "Jacob",   "Katherine", "Leonard", "Martha", "Nicholas",  "Olive", "Peter"};
constexpr std::array<std::string_view, 10> kMaterials = {"granite",  "limestone", "copper", "oak",   "basalt",
                                                         "iron ore", "clay",      "marble", "brass", "sandstone"};
constexpr std::array<std::string_view, 10> kFields = {"chemistry", "astronomy",   "botany", "medicine",
                                                      "geology",   "mathematics", "law",    "navigation",
                                                      "optics",    "engineering"};
constexpr std::array<std::string_view, 3> kLengths = {" kilometres", " metres", " miles"};
constexpr std::array<std::string_view, 3> kWeights = {" kilograms", " tonnes", " hundredweight"};
constexpr std::array<std::string_view, 2> kPowers = {" kilowatts", " horsepower"};

class Writer {
 public:
  Writer(uint64_t number, uint64_t seed) : random_(seed * 0x9e3779b97f4a7c15ULL + number) {
    subject_ = Place() + std::string(Pick(kKinds));
  }

  const std::string& subject() const { return subject_; }

  // No sentence comes twice before all have come once.
  std::string Sentence() {
    return Fill(random_() % 3 != 0 ? Draw(kFacts, &fact_order_) : Draw(kConnections, &connection_order_));
  }

 private:
  template <class Array>
  std::string_view Pick(const Array& array) {
    return array[random_() % array.size()];
  }

  template <class Array>
  std::string_view Draw(const Array& array, std::vector<size_t>* order) {
    if (order->empty()) {
      for (size_t i = 0; i < array.size(); ++i) order->push_back(i);
      // Not std::shuffle, whose result is the library's own.
      for (size_t i = array.size() - 1; i > 0; --i) std::swap((*order)[i], (*order)[random_() % (i + 1)]);
    }
    const std::string_view drawn = array[order->back()];
    order->pop_back();
    return drawn;
  }

  std::string Place() { return std::string(Pick(kStems)) + std::string(Pick(kEndings)); }
  std::string Fill(std::string_view pattern) {
    std::string sentence;
    for (size_t i = 0; i < pattern.size(); ++i) {
      const bool alone =
          (i == 0 || pattern[i - 1] == ' ') &&
          (i + 1 == pattern.size() || std::string_view(" .,").find(pattern[i + 1]) != std::string_view::npos);
      sentence += alone ? Part(pattern[i]) : std::string(1, pattern[i]);
    }
    return sentence;
  }

  std::string Part(char slot) {
    switch (slot) {
      case 'S':
        return subject_;
      case 'N':
        return Place();
      case 'P':
        return std::string(Pick(kFirstNames)) + " " + Place();
      case 'Y':
        return std::to_string(1650 + random_() % 340);
      case 'L':
        return std::to_string(12 + random_() % 900) + std::string(Pick(kLengths));
      case 'W':
        return std::to_string(12 + random_() % 900) + std::string(Pick(kWeights));
      case 'E':
        return std::to_string(12 + random_() % 900) + std::string(Pick(kPowers));
      case 'C':
        return std::to_string(3 + random_() % 4000);
      case 'M':
        return std::string(Pick(kMaterials));
      case 'F':
        return std::string(Pick(kFields));
      default:
        return std::string(1, slot);
    }
  }

  std::mt19937_64 random_;
  std::vector<size_t> fact_order_, connection_order_;
  std::string subject_;
};

}  // namespace

ProseDocument MakeProse(uint64_t number, size_t bytes, uint64_t seed) {
  Writer writer(number, seed);
  ProseDocument document{writer.subject(), ""};
  int sentences = 0;
  while (document.text.size() < bytes) {
    if (!document.text.empty()) document.text += sentences % 5 == 0 ? "\n\n" : " ";
    document.text += writer.Sentence();
    ++sentences;
  }
  return document;
}

std::string MakeProseLine(uint64_t number, size_t bytes, uint64_t seed) {
  const ProseDocument document = MakeProse(number, bytes, seed);
  std::string line =
      "{\"id\": \"doc-" + std::to_string(number) + "\", \"title\": \"" + document.title + "\", \"text\": \"";
  for (const char c : document.text) line += c == '\n' ? std::string("\\n") : std::string(1, c);
  return line + "\"}\n";
}

}  // namespace quern::testing
