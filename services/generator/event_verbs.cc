#include "services/generator/event_verbs.h"

#include "absl/container/flat_hash_set.h"

namespace quern::generator {
namespace {

using Words = absl::flat_hash_set<std::string_view>;

const Words& MakingVerbs() {
  static const Words words = {
      "found",       "establish", "create", "invent",     "discover",    "write",     "compose",    "paint",
      "design",      "develop",   "devise", "coin",       "propose",     "formulate", "prove",      "patent",
      "build",       "construct", "author", "conceive",   "pioneer",     "sculpt",    "isolate",    "synthesize",
      "synthesise",  "direct",    "derive", "introduce",  "publish",     "draft",     "commission", "architect",
      "engineer",    "identify",  "solve",  "illustrate", "choreograph", "translate", "edit",       "initiate",
      "assassinate", "defeat",    "crown",  "acquire",    "implement",   "launch",    "name",       "draw",
      "pen",         "carve",     "film",   "code"};
  return words;
}

const Words& EventVerbs() {
  static const Words words = {
      "open",        "complete",  "release",     "adopt",       "ratify",      "sign",          "abolish",
      "form",        "elect",     "appoint",     "kill",        "execute",     "destroy",       "rename",
      "incorporate", "sell",      "merge",       "dissolve",    "standardize", "standardise",   "approve",
      "close",       "demolish",  "restore",     "rebuild",     "inaugurate",  "consecrate",    "decommission",
      "conquer",     "annex",     "capture",     "occupy",      "liberate",    "grant",         "charter",
      "transfer",    "ordain",    "canonize",    "canonise",    "beatify",     "excommunicate", "bury",
      "nominate",    "induct",    "knight",      "discontinue", "supersede",   "cancel",        "declare",
      "designate",   "ban",       "legalize",    "legalise",    "premiere",    "erect",         "unveil",
      "dedicate",    "enact",     "repeal",      "pass",        "print",       "issue",         "mint",
      "privatize",   "privatise", "nationalize", "nationalise", "deploy",      "announce",      "award",
      "convert",     "electrify", "extend",      "arrest",      "imprison",    "exile",         "depose",
      "overthrow",   "excavate",  "sink",        "reorganize",  "reorganise",  "win",           "lose",
      "join",        "leave",     "become",      "marry",       "die",         "graduate",      "resign",
      "retire",      "receive",   "buy",         "gain",        "begin",       "start",         "end",
      "emigrate",    "enter",     "secede",      "invade",      "erupt",       "collapse",      "host",
      "land",        "file",      "purchase",    "abdicate",    "divorce",     "succeed",       "cede",
      "attain",      "achieve",   "disband",     "move",        "relocate",    "split",         "cease",
      "change",      "replace",   "ship",        "debut",       "award",       "admit",         "expel",
      "unify",       "unite",     "add",         "commit",      "place",       "list",          "inscribe",
      "reach",       "enlist",    "enrol",       "enroll",      "matriculate", "earn",          "obtain",
      "discharge",   "sentence",  "convict",     "recapture",   "reopen",      "rescue",        "donate",
      "bequeath",    "present",   "register",    "certify",     "accept",      "produce",       "record",
      "broadcast",   "fight",     "baptise",     "baptize",     "hold",        "elevate",       "promote",
      "annul",       "adapt",     "hang",        "behead",      "shoot",       "stab",          "assemble",
      "publicise",   "outlaw",    "partition",   "liquefy",     "describe"};
  return words;
}

}  // namespace

bool IsMakingVerb(std::string_view base) { return MakingVerbs().contains(base); }

bool IsEventVerb(std::string_view base) { return MakingVerbs().contains(base) || EventVerbs().contains(base); }

std::string PastBase(const Sentence& sentence, size_t at) {
  if (sentence[at].IsPunct() || sentence[at].token.capitalised || sentence[at].Is(text::kClosed)) return "";
  auto [base, form] = text::Lexicon::English().Verb(sentence[at].lower);
  if (form == text::VerbForm::kPast) return std::move(base);
  // Bases that are their own past.
  for (const std::string_view same : {"become", "split", "cut", "set", "put", "cast", "broadcast"}) {
    if (base == same && sentence.At(at, same)) return std::move(base);
  }
  return "";
}

}  // namespace quern::generator
