#pragma once

#include <string>

namespace quern::filter {

// A short article that every default rule keeps: five paragraphs on one line each.
inline const std::string& Article() {
  static const std::string text =
      "Granite is a coarse-grained igneous rock composed mostly of quartz, feldspar and mica. It forms deep under the "
      "ground, where molten material cools so slowly that large crystals have time to grow.\n\n"
      "The word comes from a Latin term for grain, which describes the look of the stone. Masons have known for ages "
      "that it resists frost, wear and acid rain better than limestone does.\n\n"
      "Most of the continental crust consists of rocks of this family. Where erosion has removed the younger layers "
      "above them, they stand as rounded hills, and the soil on top is thin and poor.\n\n"
      "Builders polish slabs of it for floors and kitchens. Engineers choose it for bridges, since a cube of ten "
      "centimetres carries more than a hundred tonnes before it breaks.\n\n"
      "Some kinds hold traces of uranium, and radon may then gather in closed cellars. Fresh air is the simplest cure "
      "that physicians recommend to people who live with it.\n";
  return text;
}

// `count` different words, each of `length` letters, in sentences of ten words.
inline std::string DistinctWords(int count, int length = 5) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    std::string word(static_cast<size_t>(length), 'a');
    for (int rest = i, at = length - 1; rest > 0 && at >= 0; rest /= 26, --at)
      word[static_cast<size_t>(at)] = static_cast<char>('a' + rest % 26);
    text += word + (i % 10 == 9 || i + 1 == count ? ". " : " ");
  }
  return text;
}

}  // namespace quern::filter
