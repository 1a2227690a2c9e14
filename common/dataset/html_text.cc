#include "common/dataset/html_text.h"

#include <libxml/HTMLparser.h>
#include <libxml/tree.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <utility>

#include "common/base/error.h"
#include "common/text/utf8.h"

namespace quern::dataset {
namespace {

using std::string_view_literals::operator""sv;

constexpr size_t kHeadForCharset = 4096;  // The HTML standard looks at the first 1024 bytes; old pages need more.
constexpr size_t kProseCellWords = 25;

constexpr std::array kDropped = {"script"sv, "style"sv,    "noscript"sv, "template"sv, "nav"sv,  "form"sv,   "button"sv,
                                 "select"sv, "textarea"sv, "iframe"sv,   "object"sv,   "svg"sv,  "canvas"sv, "audio"sv,
                                 "video"sv,  "pre"sv,      "listing"sv,  "xmp"sv,      "head"sv, "math"sv};
constexpr std::array kBlocks = {"p"sv,       "div"sv,     "h1"sv,         "h2"sv,         "h3"sv,    "h4"sv,
                                "h5"sv,      "h6"sv,      "li"sv,         "dt"sv,         "dd"sv,    "dl"sv,
                                "ul"sv,      "ol"sv,      "section"sv,    "article"sv,    "main"sv,  "header"sv,
                                "footer"sv,  "aside"sv,   "address"sv,    "blockquote"sv, "table"sv, "tr"sv,
                                "caption"sv, "figure"sv,  "figcaption"sv, "hr"sv,         "body"sv,  "html"sv,
                                "center"sv,  "details"sv, "summary"sv,    "fieldset"sv,   "td"sv,    "th"sv};
constexpr std::array kNavigationClasses = {"nav"sv,         "navbar"sv,       "navheader"sv, "navfooter"sv,
                                           "navigation"sv,  "toc"sv,          "sidebar"sv,   "breadcrumb"sv,
                                           "breadcrumbs"sv, "menu"sv,         "related"sv,   "sphinxsidebar"sv,
                                           "site-footer"sv, "cookie-banner"sv};

template <size_t N>
bool Contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view View(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

std::string Attribute(xmlNode* node, const char* name) {
  xmlChar* const value = ::xmlGetProp(node, reinterpret_cast<const xmlChar*>(name));
  std::string copy(View(value));
  ::xmlFree(value);
  return copy;
}

bool IsNavigation(xmlNode* node) {
  if (node->properties == nullptr) return false;
  if (Attribute(node, "role") == "navigation") return true;
  const std::string classes = Attribute(node, "class");
  for (size_t at = 0; at < classes.size();) {
    const size_t end = std::min(classes.find(' ', at), classes.size());
    if (Contains(kNavigationClasses, std::string_view(classes).substr(at, end - at))) return true;
    at = end + 1;
  }
  return false;
}

// Collects blocks of text, folding white space as a browser does.
class Blocks {
 public:
  void AddText(std::string_view text) {
    for (size_t i = 0; i < text.size(); ++i) {
      const bool no_break_space = text.substr(i).starts_with("\xc2\xa0");
      if (no_break_space) ++i;
      if (no_break_space || std::isspace(static_cast<unsigned char>(text[i]))) {
        pending_space_ = true;
      } else {
        if (pending_space_ && !block_.empty() && block_.back() != '\n') block_ += ' ';
        pending_space_ = false;
        block_ += text[i];
      }
    }
  }
  void BreakLine() {
    if (!block_.empty()) block_ += '\n';
    pending_space_ = false;
  }
  void EndBlock() {
    while (block_.ends_with('\n')) block_.pop_back();
    if (!block_.empty()) {
      if (!text_.empty()) text_ += "\n\n";
      text_ += block_;
    }
    block_.clear();
    pending_space_ = false;
  }
  // Adds whole blocks that were collected apart.
  void AddBlocks(std::string_view blocks) {
    EndBlock();
    if (!text_.empty()) text_ += "\n\n";
    text_ += blocks;
  }
  std::string Take() {
    EndBlock();
    return std::move(text_);
  }

 private:
  std::string text_;
  std::string block_;
  bool pending_space_ = false;
};

bool IsRunningText(std::string_view text) {
  size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!space && !inside) ++words;
    inside = !space;
  }
  return words >= kProseCellWords && (text.ends_with('.') || text.ends_with('!') || text.ends_with('?'));
}

// Walks below `node`. The parser bounds the depth at 256, so recursion is safe.
void Walk(xmlNode* node, Blocks& blocks) {
  for (xmlNode* child = node->children; child != nullptr; child = child->next) {
    if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) blocks.AddText(View(child->content));
    if (child->type != XML_ELEMENT_NODE) continue;
    const std::string_view name = View(child->name);
    if (Contains(kDropped, name) || IsNavigation(child)) {
      if (name == "pre"sv) blocks.EndBlock();
    } else if (name == "br"sv) {
      blocks.BreakLine();
    } else if (name == "td"sv || name == "th"sv) {
      Blocks cell;
      Walk(child, cell);
      const std::string text = cell.Take();
      if (IsRunningText(text)) blocks.AddBlocks(text);
    } else {
      const bool block = Contains(kBlocks, name);
      if (block) blocks.EndBlock();
      Walk(child, blocks);
      if (block) blocks.EndBlock();
    }
  }
}

xmlNode* FindElement(xmlNode* node, std::string_view name) {
  for (; node != nullptr; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    if (View(node->name) == name) return node;
    if (xmlNode* const found = FindElement(node->children, name)) return found;
  }
  return nullptr;
}

std::string TitleOf(xmlNode* root) {
  for (const std::string_view name : {"title"sv, "h1"sv}) {
    xmlNode* const node = FindElement(root, name);
    if (node == nullptr) continue;
    Blocks blocks;
    Walk(node, blocks);
    std::string title = blocks.Take();
    std::replace(title.begin(), title.end(), '\n', ' ');
    static const RE2* const kNumber =
        new RE2("^(?:(?:Chapter|Appendix|Part|Section) )?(?:[0-9]+|[A-Z])(?:\\.[0-9]+)*\\.\\s+");
    RE2::Replace(&title, *kNumber, "");
    if (!title.empty()) return title;
  }
  return {};
}

bool DeclaresCharset(std::string_view bytes) {
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return true;
  std::string head(bytes.substr(0, kHeadForCharset));
  for (char& c : head) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return head.find("charset=") != std::string::npos || head.find("encoding=") != std::string::npos;
}

struct FreeDocument {
  void operator()(xmlDoc* document) const { ::xmlFreeDoc(document); }
};

absl::StatusOr<HtmlText> Extract(std::string_view bytes, const char* encoding) {
  constexpr int kOptions =
      HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_COMPACT;
  const std::unique_ptr<xmlDoc, FreeDocument> document(
      ::htmlReadMemory(bytes.data(), static_cast<int>(bytes.size()), nullptr, encoding, kOptions));
  xmlNode* const root = document == nullptr ? nullptr : ::xmlDocGetRootElement(document.get());
  HtmlText result;
  if (root == nullptr) return result;
  result.title = TitleOf(root);
  Blocks blocks;
  Walk(root, blocks);
  result.text = blocks.Take();
  if (text::IsValidUtf8(result.text)) return result;
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_UTF8",
                   "the page is not in the encoding that it declares");
}

}  // namespace

absl::StatusOr<HtmlText> ExtractHtmlText(std::string_view bytes, bool replace_invalid) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  const std::optional<size_t> invalid = text::FindInvalidUtf8(bytes);
  if (!invalid) return Extract(bytes, "UTF-8");
  if (DeclaresCharset(bytes)) return Extract(bytes, nullptr);
  if (replace_invalid) return Extract(text::ReplaceInvalidUtf8(bytes), "UTF-8");
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_UTF8",
                   "byte " + std::to_string(*invalid + 1) + " is not UTF-8, and the page declares no encoding");
}

}  // namespace quern::dataset
