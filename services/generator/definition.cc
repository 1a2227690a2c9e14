#include "services/generator/definition.h"

#include <utility>

#include "common/text/tokens.h"

namespace quern::generator {

// A dictionary's entry opens with the short form: "(RMON) A protocol that ...".
std::string LeadingShortForm(std::string_view text) {
  if (text.empty() || text[0] != '(') return "";
  const size_t close = text.find(')');
  if (close == std::string_view::npos || close < 3 || close > 10) return "";
  const std::string_view inside = text.substr(1, close - 1);
  for (const char c : inside) {
    if ((c < 'A' || c > 'Z') && (c < '0' || c > '9')) return "";
  }
  return std::string(inside);
}

// `text` without what leads a dictionary's definition: a subject tag, the short form, a pronunciation.
std::string_view DefinitionOf(std::string_view text) {
  for (const auto& [open, close] : {std::pair('/', '/'), std::pair('<', '>'), std::pair('(', ')')}) {
    if (text.empty() || text[0] != open) continue;
    const size_t stop = text.substr(1, 120).find(close);
    if (stop == std::string_view::npos) return text;
    text.remove_prefix(stop + 2);
    while (!text.empty() && (text[0] == ' ' || text[0] == '\n' || text[0] == ',')) text.remove_prefix(1);
  }
  return text;
}

// True when `definition` opens as "A ..." or "NAME is ..." do.
bool Defines(std::string_view name, std::string_view definition) {
  for (const std::string_view article : {"A ", "An ", "The ", "One of the "}) {
    if (definition.substr(0, article.size()) != article) continue;
    // "The Gambia is ..." defines the Gambia alone; "The process by which ..." an entry's headword.
    const bool named = definition.size() > 4 && definition[4] >= 'A' && definition[4] <= 'Z';
    if (article != "The " || !named) return true;
  }
  if (definition.substr(0, 4) == "The ") definition.remove_prefix(4);
  const size_t size = name.size();
  if (size == 0 || definition.size() < size + 5 ||
      text::LowerAscii(definition.substr(0, size)) != text::LowerAscii(name)) {
    return false;
  }
  const std::string_view rest = definition.substr(size);
  return rest.substr(0, 4) == " is " || rest.substr(0, 5) == " was " || rest.substr(0, 2) == " (" ||
         rest.substr(0, 1) == ",";
}

}  // namespace quern::generator
