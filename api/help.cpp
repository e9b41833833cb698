// The texts of help.

#include "api/help.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/similar.h"
#include "parser/script.h"

namespace quern {
namespace {

constexpr std::array<HelpTopic, 18> kTopics{{
    {"TO TRAIN",
     "query TO TRAIN estimator [WITH name = value, ...]\n"
     "  [COLUMN feature, ... [FOR target]] [LABEL column] [USING model] INTO model",
     "learns a model from the rows of a query and stores it"},
    {"TO PREDICT",
     "query TO PREDICT [table[.column] | table AS column] [WITH name = value, ...] USING model",
     "adds what a model says of each row, into a table or as rows"},
    {"TO EVALUATE", "query TO EVALUATE model [WITH name = value, ...] [LABEL column] [INTO table]",
     "judges a model by rows whose label is known"},
    {"TO EXPLAIN",
     "query TO EXPLAIN model [WITH name = value, ...]\n"
     "  [USING TreeExplainer|XGBoostExplainer|permutation] [INTO table]",
     "says which features moved the predictions, and how far"},
    {"WITH", "WITH name = value, ...",
     "attributes; SHOW ATTRIBUTES of an estimator or verb lists them"},
    {"COLUMN",
     "COLUMN feature, ...   a column, \"a pattern.*\", * [EXCEPT (...)], or a function of one",
     "which columns are features, and how they are read"},
    {"LABEL", "LABEL column", "the column that the model learns to predict"},
    {"USING", "USING model   or, of TO EXPLAIN, USING explainer",
     "the model that is used, continued from, or the explainer"},
    {"INTO", "INTO model   or   INTO table", "where the result goes"},
    {"SHOW MODELS", "SHOW MODELS [LIKE 'pattern']", "the stored models and their versions"},
    {"SHOW TRAIN", "SHOW TRAIN model", "the statement that trained a model"},
    {"SHOW TRIALS", "SHOW TRIALS model", "what tuning tried, the best first"},
    {"SHOW ATTRIBUTES", "SHOW ATTRIBUTES estimator|PREDICT|EVALUATE|EXPLAIN|EXPORT|IMPORT",
     "the attributes of an estimator or verb"},
    {"DESCRIBE MODEL", "DESCRIBE MODEL model", "what is known of a model"},
    {"DROP MODEL", "DROP MODEL [IF EXISTS] model[@version]",
     "deletes all versions of a model, or one"},
    {"EXPORT MODEL",
     "EXPORT MODEL model TO 'file.quern|.json|.ubj|.onnx' [WITH output.mode = replace]",
     "writes a model to a file"},
    {"IMPORT MODEL",
     "IMPORT MODEL 'file.quern|.json|.ubj|.onnx' [WITH label = name, ...] INTO model",
     "reads a model from a file"},
    {"SET quern.", "SET quern.name = value", "settings of the session"},
}};

std::vector<CommandHelp> make_commands() {
  std::vector<CommandHelp> out;
  for (const auto& form : command_forms()) out.push_back({form.usage, form.doc});
  return out;
}

}  // namespace

std::span<const HelpTopic> help_topics() { return kTopics; }

const HelpTopic* find_topic(std::string_view name) {
  const auto find = [&](auto matches) -> const HelpTopic* {
    const auto* found = std::find_if(kTopics.begin(), kTopics.end(), matches);
    return found == kTopics.end() ? nullptr : found;
  };
  const auto lower = lower_ascii(name);
  if (const auto* same = find([&](const auto& t) { return equal_ignoring_case(t.name, name); }))
    return same;
  if (lower.empty()) return nullptr;
  if (const auto* last =
          find([&](const auto& t) { return lower_ascii(t.name).ends_with(" " + lower); }))
    return last;
  return find([&](const auto& t) { return lower_ascii(t.name).starts_with(lower); });
}

std::span<const CommandHelp> command_help() {
  static const auto commands = make_commands();
  return commands;
}

std::string nearest_command(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& form : command_forms()) known.emplace_back(form.name);
  return nearest(name, known);
}

}  // namespace quern
