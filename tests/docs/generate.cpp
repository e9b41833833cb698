// quern_docs attributes|network_attributes|errors: prints a page of the reference from the
// declarations it documents. The tests compare it with the page in docs/; `./dev docs` writes the
// pages.

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/format.h"
#include "compiler/ir/estimators.h"
#include "compiler/ir/metrics.h"

namespace {

using namespace quern;

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "`" : ", `") + item + "`";
  return out;
}

std::string number(double value) {
  auto text = format_double(value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string range(const ir::AttributeRange& r) {
  std::string out;
  if (r.low) out += (r.low_open ? "> " : "≥ ") + number(*r.low);
  if (r.low && r.high) out += ", ";
  if (r.high) out += (r.high_open ? "< " : "≤ ") + number(*r.high);
  return out;
}

std::string type_words(const ir::AttributeSpec& spec) {
  switch (spec.type) {
    case ir::AttributeType::boolean: return "boolean";
    case ir::AttributeType::integer: return "integer " + range(spec.range);
    case ir::AttributeType::real: return "number " + range(spec.range);
    case ir::AttributeType::choice: return joined(spec.choices);
    case ir::AttributeType::text: return "text";
    case ir::AttributeType::texts: return "text or list";
    case ir::AttributeType::column: return "column";
    case ir::AttributeType::columns: return "column or list";
    case ir::AttributeType::scalar: return "constant";
    case ir::AttributeType::number_map:
      return spec.choices.empty() ? "map or text" : joined(spec.choices) + ", map";
    case ir::AttributeType::groups: return "lists or text";
    case ir::AttributeType::scalars: return "list of constants";
    case ir::AttributeType::layers: return "list of layers";
    case ir::AttributeType::duration: return "seconds, or text";
  }
  return "";
}

/// Names of the library's that have no meaning here.
void print_refused(std::span<const ir::AttributeSpec> specs) {
  bool any = false;
  for (const auto& spec : specs) {
    if (spec.refusal.empty()) continue;
    if (!any) std::puts("\nAnswered with a reason (Q1015):\n\n| name | reason |\n|---|---|");
    any = true;
    const auto but = spec.harmless.empty() ? "" : "; " + joined(spec.harmless) + " is accepted";
    std::printf("| `%s` | %s%s |\n", spec.name.c_str(), spec.refusal.c_str(), but.c_str());
  }
}

void print_table(std::span<const ir::AttributeSpec> specs) {
  std::puts("| attribute | also | value | default | meaning |\n|---|---|---|---|---|");
  for (const auto& spec : specs) {
    if (!spec.available || !spec.refusal.empty()) continue;
    auto doc = spec.doc;
    if (!spec.boosters.empty()) doc += " (" + joined(spec.boosters) + " only)";
    std::printf("| `%s` | %s | %s | %s | %s |\n", spec.name.c_str(), joined(spec.aliases).c_str(),
                type_words(spec).c_str(), spec.default_text.c_str(), doc.c_str());
  }
  std::vector<std::string> tunable;
  std::vector<std::string> later;
  for (const auto& spec : specs) {
    if (spec.tunable) tunable.push_back(spec.name);
  }
  if (!tunable.empty())
    std::printf("\nCan be tuned by RANGE and CHOICE: %s.\n", joined(tunable).c_str());
  for (const auto& spec : specs) {
    if (!spec.available) later.push_back(spec.name);
  }
  if (!later.empty()) std::printf("\nNot in this version (Q1090): %s.\n", joined(later).c_str());
  print_refused(specs);
}

void print_estimators() {
  std::puts("| estimator | also | label | default rounds |\n|---|---|---|---|");
  std::vector<std::string> later;
  for (const auto& e : ir::estimators()) {
    if (!e.available) {
      later.push_back(e.name);
      continue;
    }
    const char* label = e.label_role == ir::LabelRole::classes  ? "class"
                        : e.label_role == ir::LabelRole::number ? "number"
                        : e.needs_label()                       ? "by its values"
                                                                : "none";
    auto rounds = e.default_rounds > 0 ? std::to_string(e.default_rounds) : "by the rows";
    if (!ir::cluster_attributes(e.booster).empty()) rounds.clear();
    std::printf("| `%s` | %s | %s | %s |\n", e.name.c_str(), joined(e.aliases).c_str(), label,
                rounds.c_str());
  }
  std::printf("\nNot in this version (Q1090): %s.\n", joined(later).c_str());
}

std::string metric_aliases(std::string_view aliases) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < aliases.size();) {
    const auto end = std::min(aliases.find(' ', at), aliases.size());
    names.emplace_back(aliases.substr(at, end - at));
    at = end + 1;
  }
  return joined(names);
}

void print_metrics() {
  std::puts("| metric | also | of a model that predicts | by default |\n|---|---|---|---|");
  for (const auto& spec : ir::metrics()) {
    std::string suits;
    for (const auto judged : spec.suits)
      suits += (suits.empty() ? "" : "; ") + std::string(ir::answer_words(judged));
    std::printf("| `%.*s` | %s | %s | %s |\n", static_cast<int>(spec.name.size()), spec.name.data(),
                metric_aliases(spec.aliases).c_str(), suits.c_str(),
                spec.needs_label  ? "with LABEL"
                : spec.by_default ? "yes"
                                  : "");
  }
}

std::vector<std::string> network_kinds() {
  std::vector<std::string> out;
  for (const auto& e : ir::estimators()) {
    const bool known = std::find(out.begin(), out.end(), e.booster) != out.end();
    if (e.embeds() && e.available && !known) out.push_back(e.booster);
  }
  return out;
}

/// True where every kind of network has the attribute.
bool is_common(const ir::AttributeSpec& spec) {
  const auto kinds = network_kinds();
  return std::all_of(kinds.begin(), kinds.end(), [&](const auto& kind) {
    return ir::find_attribute(ir::network_attributes(kind), spec.name) != nullptr;
  });
}

std::vector<ir::AttributeSpec> of_networks(const std::string& kind, bool common) {
  std::vector<ir::AttributeSpec> out;
  for (const auto& spec : ir::network_attributes(kind)) {
    if (is_common(spec) == common) out.push_back(spec);
  }
  return out;
}

std::string names_of_kind(const std::string& kind) {
  std::vector<std::string> names;
  for (const auto& e : ir::estimators()) {
    if (e.is_network() && e.booster == kind) names.push_back(e.name);
  }
  return joined(names);
}

/// Where what all take begins with another value.
void print_other_defaults(const std::string& kind) {
  for (const auto& spec : of_networks(kind, true)) {
    const auto usual = ir::find_attribute(ir::network_attributes("dnn"), spec.name)->default_text;
    if (spec.default_text != usual)
      std::printf("\n`%s` is %s by default.\n", spec.name.c_str(), spec.default_text.c_str());
  }
}

/// What all networks take, then what those of each kind take besides.
void print_networks() {
  std::puts("## TO TRAIN with a network\n");
  print_table(of_networks("dnn", true));
  for (const auto& kind : network_kinds()) {
    std::printf("\n### Besides, %s\n\n", names_of_kind(kind).c_str());
    print_table(of_networks(kind, false));
    print_other_defaults(kind);
  }
}

/// A table of what one network takes, told by what another does.
void print_difference(const std::string& kind, const std::string& from) {
  const auto own = ir::network_attributes(kind), theirs = ir::network_attributes(from);
  std::vector<std::string> lacks;
  for (const auto& spec : theirs) {
    if (ir::find_attribute(own, spec.name) == nullptr) lacks.push_back(spec.name);
  }
  std::vector<ir::AttributeSpec> more;
  for (const auto& spec : own) {
    if (ir::find_attribute(theirs, spec.name) == nullptr) more.push_back(spec);
  }
  std::printf("\n### %s\n\nThose of %s but for %s; besides:\n\n", names_of_kind(kind).c_str(),
              names_of_kind(from).c_str(), joined(lacks).c_str());
  print_table(more);
}

/// True where all that find clusters or components have the attribute.
bool is_shared(const ir::AttributeSpec& spec) {
  const auto has = [&](const char* kind) {
    return ir::find_attribute(ir::cluster_attributes(kind), spec.name) != nullptr;
  };
  return has("kmeans") && has("dec") && has("pca");
}

void print_clusters(const char* kind, bool shared) {
  std::vector<ir::AttributeSpec> specs;
  for (const auto& spec : ir::cluster_attributes(kind)) {
    if (is_shared(spec) == shared) specs.push_back(spec);
  }
  print_table(specs);
}

void print_unlabelled() {
  std::puts("\n## TO TRAIN without a label\n\n### All but `AutoEncoder`\n");
  print_clusters("kmeans", true);
  for (const char* kind : {"kmeans", "dec", "pca"}) {
    std::printf("\n### Besides, %s\n\n", names_of_kind(kind).c_str());
    print_clusters(kind, false);
  }
  print_difference("autoencoder", "dnn");
}

void print_attributes() {
  std::puts(
      "# Estimators and attributes\n\nGenerated from the declarations in compiler/ir by `./dev "
      "docs`.\n");
  std::puts(
      "Names are matched without regard to case. An attribute that nobody uses is an error, never "
      "ignored.\n");
  std::puts("## Estimators\n");
  print_estimators();
  std::puts("\n## TO TRAIN with XGBoost\n");
  print_table(ir::xgboost_attributes());
  std::puts(
      "\n## TO TRAIN with a network, or without a label\n\nSee "
      "[network_attributes.md](network_attributes.md).");
  std::puts("\n## TO PREDICT\n");
  print_table(ir::predict_attributes());
  std::puts("\n## TO EVALUATE\n");
  print_table(ir::evaluate_attributes());
  std::puts("\n### Metrics\n");
  print_metrics();
  std::puts("\n## TO EXPLAIN\n");
  print_table(ir::explain_attributes());
  std::puts("\n## EXPORT MODEL\n");
  print_table(ir::export_attributes());
  std::puts("\n## IMPORT MODEL\n");
  print_table(ir::import_attributes());
  std::puts("\n## SET quern.name\n");
  print_table(ir::session_attributes());
}

void print_network_attributes() {
  std::puts(
      "# Attributes of networks, clusters and components\n\nGenerated from the declarations in "
      "compiler/ir by `./dev docs`; [attributes.md](attributes.md) has all others.\n");
  print_networks();
  print_unlabelled();
}

struct Entry {
  std::string_view number, name, title;
};

constexpr Entry kErrors[] = {
#define QUERN_ERROR(number, name, title) {#number, #name, title},
#include "base/error_codes.def"
#undef QUERN_ERROR
};

void print_errors() {
  std::puts("# Error codes\n\nGenerated from base/error_codes.def by `./dev docs`.\n");
  std::puts(
      "Q1xxx: the text, checked without a connection. Q2xxx: the schema, before a row is read. "
      "Q3xxx: the rows,\n"
      "after one pass and before training. Q4xxx: the run. Q5xxx: databases and files. Q6xxx: "
      "stored models.\n"
      "Q9xxx: a fault of Quern's own.\n");
  std::puts("| code | meaning |\n|---|---|");
  for (const auto& e : kErrors) {
    std::printf("| %.*s | %.*s |\n", static_cast<int>(e.number.size()), e.number.data(),
                static_cast<int>(e.title.size()), e.title.data());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view page = argc == 2 ? argv[1] : "";
  if (page == "attributes")
    print_attributes();
  else if (page == "network_attributes")
    print_network_attributes();
  else if (page == "errors")
    print_errors();
  else
    return 2;
  return 0;
}
