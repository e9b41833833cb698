// The plan in words, and as JSON: one list of facts, two ways to print it.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/box.h"
#include "base/format.h"
#include "base/secrets.h"
#include "compiler/ir/label_vector.h"
#include "compiler/ir/row_order.h"
#include "compiler/ir/scripted_module.h"
#include "compiler/ir/search.h"
#include "compiler/ir/trial.h"
#include "compiler/plan/plan.h"

namespace quern::plan {
namespace {

using Json = nlohmann::ordered_json;

/// Facts in order; each is a line of text and a member of an object.
class Outline {
 public:
  Outline(const std::string& statement, Format format) : format_(format), text_(statement + "\n") {
    json_["statement"] = statement;
  }

  /// `label` has at most ten characters.
  void fact(const std::string& label, const std::string& words, const char* key, Json value) {
    line(label, words);
    json_[key] = std::move(value);
  }
  void fact(const std::string& label, const std::string& words, const char* key) {
    fact(label, words, key, words);
  }
  /// In text only: what another fact says already.
  void line(const std::string& label, const std::string& words) {
    text_ += "  " + label + std::string(11 - std::min<std::size_t>(label.size(), 10), ' ') + words +
             "\n";
  }
  void inner_line(const std::string& words) { text_ += "    " + words + "\n"; }
  /// In JSON only: what text leaves out, or says in words.
  void member(const char* key, Json value) { json_[key] = std::move(value); }

  /// Without passwords.
  std::string print() const {
    if (format_ == Format::text) return mask_passwords(text_);
    auto json = json_;
    mask(json);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }

 private:
  static void mask(Json& value) {
    if (value.is_string()) value = mask_passwords(value.get<std::string>());
    if (!value.is_structured()) return;
    for (auto& inside : value) mask(inside);
  }

  Format format_;
  std::string text_;
  Json json_;
};

std::string with_commas(std::int64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

/// "512 bytes", "38 KiB", "1,234 MiB".
std::string size_words(std::int64_t bytes) {
  if (bytes < 10 << 10) return with_commas(bytes) + " bytes";
  const bool small = bytes < 10 << 20;
  return with_commas(bytes >> (small ? 10 : 20)) + (small ? " KiB" : " MiB");
}

std::string on_one_line(std::string sql) {
  std::replace(sql.begin(), sql.end(), '\n', ' ');
  std::replace(sql.begin(), sql.end(), '\r', ' ');
  return sql;
}

Json columns_json(const Schema& schema) {
  auto out = Json::array();
  for (const auto& field : schema)
    out.push_back({{"name", field.name}, {"type", field.type.sql_name}});
  return out;
}

std::string names_of(const Schema& schema, const std::vector<std::size_t>& columns) {
  std::string out;
  for (const auto c : columns) out += (out.empty() ? "" : ", ") + schema[c].name;
  return out;
}

/// The query, what it returns and how much of that. `text` is what the database gets.
void add_query(Outline& out, const ir::Query& query, const std::string& text,
               const Environment& environment) {
  const auto& schema = query.description.schema;
  out.fact("database", environment.engine, "database");
  out.fact("query", on_one_line(text), "query", text);
  const auto all = counted(static_cast<std::int64_t>(schema.size()), "column");
  const bool some =
      environment.fetches_some && !query.used.empty() && query.used.size() < schema.size();
  out.fact(
      "fetched",
      some ? std::to_string(query.used.size()) + " of " + all + ": " + names_of(schema, query.used)
           : all,
      "columns", columns_json(schema));
  if (some) {
    Schema fetched;
    for (const auto c : query.used) fetched.push_back(schema[c]);
    out.member("fetched_columns", columns_json(fetched));
  }
  if (const auto rows = environment.rows) {
    out.fact("rows", "about " + with_commas(*rows), "estimated_rows", *rows);
  } else {
    out.fact("rows", "the database does not say how many", "estimated_rows", nullptr);
  }
}

/// One line a feature, or group of them.
void add_program(Outline& out, const ir::FeatureProgram& program) {
  auto list = Json::array();
  const auto lines = ir::dump(program);
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = std::min(lines.find('\n', at), lines.size());
    const auto words = lines.substr(at + 2, end - at - 2);  // behind its indentation
    const auto arrow = words.find(" <- ");
    list.push_back({{"name", words.substr(0, arrow)}, {"from", words.substr(arrow + 4)}});
    out.inner_line(words);
    at = end + 1;
  }
  out.member("features", std::move(list));
}

std::string lists_to_come(const ir::FeatureProgram& program) {
  std::string out;
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    if (ir::is_open(program, i)) out += (out.empty() ? "" : ", ") + program.inputs[i].name;
  }
  return out;
}

// ------------------------------------------------------------------------------------- training

const std::string* parameter(const std::vector<std::pair<std::string, std::string>>& parameters,
                             const std::string& name) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const auto& p) { return p.first == name; });
  return found == parameters.end() ? nullptr : &found->second;
}

std::int64_t whole(const std::string* text, std::int64_t otherwise) {
  return text == nullptr ? otherwise : std::stoll(*text);
}

/// Of a margin's vector in each row; 1 where only the rows can tell.
std::int64_t outputs(const ir::Train& s) {
  const bool several = s.start && s.start->manifest->label.classes.size() > 2;
  if (several) return static_cast<std::int64_t>(s.start->manifest->label.classes.size());
  const auto* classes = ir::find_setting(s.settings, "num_class");
  return classes == nullptr ? 1 : std::get<std::int64_t>(classes->value);
}

/// A network's engine copies rows as they are.
std::int64_t network_bytes_per_row(const ir::Train& s) {
  const auto columns = static_cast<std::int64_t>(ir::dense_width(s.program)) + ir::label_width(s) +
                       (s.weight_column || s.class_weight ? 1 : 0);
  return columns * static_cast<std::int64_t>(sizeof(float));
}

/// What the library holds of each row, about; none where the method is not known to us. Measured by
/// bench/estimate: a binned value lies there by rows and by columns, in a byte or two each; one
/// that is not binned takes 16 bytes, and `approx` has both.
std::optional<std::int64_t> engine_bytes_per_row(const ir::Train& s) {
  if (s.network) return network_bytes_per_row(s);
  const auto parameters = engine_parameters(s);
  const auto features = static_cast<std::int64_t>(s.program.features.size());
  const auto* method = parameter(parameters, "tree_method");
  const std::int64_t binned = whole(parameter(parameters, "max_bin"), 256) <= 256 ? 2 : 4;
  if (method == nullptr || *method == "exact") return 16 * features + 20 + 16 * outputs(s);
  if (*method == "approx") return (16 + binned) * features + 40 + 16 * outputs(s);
  if (*method == "hist") return binned * features + 40 + 16 * outputs(s);
  return std::nullopt;
}

void add_memory(Outline& out, const Train& t, const Environment& environment) {
  const auto engine = engine_bytes_per_row(t.statement);
  const auto rows = environment.rows;
  Json json{{"page_rows", t.page_rows}, {"page_bytes_per_row", t.bytes_per_row}};
  json["engine_bytes_per_row"] = engine ? Json(*engine) : Json(nullptr);
  if (rows) json["page_bytes"] = *rows * t.bytes_per_row;
  if (rows && engine) json["engine_bytes"] = *rows * *engine;
  out.line("pages", with_commas(t.page_rows) + " rows each, " + with_commas(t.bytes_per_row) +
                        " bytes a row, in memory up to a quarter of memory_limit");
  std::string words = rows ? "about " + size_words(*rows * t.bytes_per_row) + " in pages" : "";
  if (engine) {
    words += words.empty() ? "about " : ", ";
    words += rows ? size_words(*rows * *engine) : with_commas(*engine) + " bytes a row";
    words += " in the engine";
  }
  if (t.statement.network)
    out.line(
        "blocks",
        "all rows at once up to 256 MiB and a sixteenth of memory_limit, else one after the other");
  if (!words.empty()) out.line("memory", words);
  out.member("memory", std::move(json));
}

/// What passes over the rows are called.
const char* unit_of(bool network) { return network ? " epochs" : " rounds"; }

void add_start(Outline& out, const ir::Start& start) {
  const auto model = ir::display_name(start.model.where) + "@" + std::to_string(start.version);
  out.fact(
      "start",
      model + ", " + std::to_string(start.manifest->rounds) + unit_of(start.manifest->is_network()),
      "start", {{"model", model}, {"rounds", start.manifest->rounds}});
}

void add_split(Outline& out, const ir::Train& s) {
  auto words = ir::describe(s.split);
  Json json{{"method", ir::method_name(s.split.method)}};
  if (s.split.method == ir::SplitMethod::by_size) json["method"] = "by size";
  if (s.split.key) {
    const auto& key = s.query.description.schema[*s.split.key].name;
    words += ", key " + key;
    json["key"] = key;
  }
  json["words"] = words;
  out.fact("split", words, "split", std::move(json));
  if (!s.validation) return;
  const auto& query = s.validation->query.text;
  out.fact("validation", on_one_line(query), "validation_query", query);
}

bool tunes_layers(const ir::Train& s) {
  const auto tuned = ir::searched(s.settings);
  return std::any_of(tuned.begin(), tuned.end(), [](const ir::Setting* setting) {
    const std::string_view name = setting->spec->name;
    return name.starts_with("model.") && !name.ends_with("optimizer");
  });
}

/// What is done where nothing is trained for epochs.
std::string finding_words(const ir::Train& s) {
  if (s.booster == "kmeans") return "passes over all rows until the centres rest";
  if (s.booster == "pca") return "the covariance of all rows, and its eigenvectors";
  if (s.booster == "dec") return "an autoencoder, then clusters of what it encodes";
  return "";
}

bool has_layers(const ir::Train& s) {
  return s.network && s.booster != "kmeans" && s.booster != "pca";
}

std::string mirror_words(const ir::Train& s) {
  return s.booster == "autoencoder" ? ", and back the same way" : "";
}

std::string network_words(const ir::Train& s) {
  if (tunes_layers(s)) return "by the values of each trial";
  if (s.network->towers.empty()) return "as the model has it";
  return ir::plan_words(*s.network) + mirror_words(s) +
         (s.module ? ", from " + s.module->path : "");
}

void add_engine(Outline& out, const ir::Train& s) {
  const auto parameters = engine_parameters(s);
  const auto* threads = parameter(parameters, "nthread");
  const bool alone = ir::find_attribute(s.estimator->attributes(), "nthread") == nullptr;
  const std::string usual = alone       ? "1, and one that reads"
                            : s.network ? "what suits the network"
                                        : "all cores";
  out.fact("threads", threads == nullptr ? usual : *threads, "threads",
           alone                ? Json(1)
           : threads == nullptr ? Json(nullptr)
                                : Json(whole(threads, 0)));
  Json json{{"name", s.estimator->engine}, {"rounds", s.rounds}};
  if (s.rounds == 0) json["rounds"] = nullptr;
  const auto finding = finding_words(s);
  out.line("engine",
           s.estimator->engine + ", " +
               (!finding.empty() ? finding
                : s.rounds == 0  ? "epochs by the number of rows"
                                 : std::to_string(s.rounds) + unit_of(s.network.has_value())));
  if (has_layers(s)) {
    out.inner_line("network = " + network_words(s));
  }
  auto named = Json::array();
  for (const auto& [name, value] : parameters) {
    out.inner_line(name + " = " + value);
    named.push_back({{"name", name}, {"value", value}});
  }
  json["parameters"] = std::move(named);
  out.member("engine", std::move(json));
  const bool known = s.objective != nullptr;
  const auto objective = known ? std::string(s.objective->name) : "by the label's values";
  out.fact("objective", objective, "objective", known ? Json(objective) : Json(nullptr));
}

void add_tuning(Outline& out, const ir::Train& s) {
  const auto& tuning = *s.tuning;
  const auto name = std::string(ir::algorithm_name(tuning.algorithm));
  const auto by = tuning.objective.empty() ? "the last metric" : tuning.objective;
  out.line("tune", name + ", " + counted(tuning.trials, "trial") + " by " + by +
                       (tuning.time_limit
                            ? ", none begun after " + ir::format_number(*tuning.time_limit) + " s"
                            : ""));
  Json json{{"algorithm", name}, {"trials", tuning.trials}, {"objective", by}};
  json["time_limit_seconds"] = tuning.time_limit ? Json(*tuning.time_limit) : Json(nullptr);
  json["search"] = Json::array();
  for (const auto* setting : ir::searched(s.settings)) {
    const auto values = ir::format_search(*setting->search);
    out.inner_line(setting->spec->name + " in " + values);
    json["search"].push_back({{"name", setting->spec->name}, {"values", values}});
  }
  out.member("tuning", std::move(json));
}

/// The tables that get the model and its trials, in the schema of its name.
Json tables_written(const ir::Train& s) {
  auto where = s.into.where;
  std::vector<const char*> tables{ir::kModelTable, ir::kChunkTable};
  if (s.tuning) tables.push_back(ir::kTrialTable);
  auto out = Json::array();
  for (const auto* table : tables) {
    where.table = table;
    out.push_back(ir::display_name(where));
  }
  return out;
}

std::string print_train(const Train& t, const Environment& environment, Format format) {
  const auto& s = t.statement;
  const auto& schema = s.query.description.schema;
  Outline out("train", format);
  add_query(out, s.query, s.order ? ir::ordered_text(s.query, *s.order) : s.query.text,
            environment);
  out.line("features", names_of(schema, s.input_columns));
  add_program(out, s.program);
  if (const auto lists = lists_to_come(s.program); !lists.empty()) {
    out.fact("lists", lists + ": the first rows tell how long; 4 bytes a row and element are added",
             "open_lists", lists);
  }
  if (s.label_column)
    out.fact("label", schema[*s.label_column].name, "label");
  else
    out.fact("label", "none", "label", nullptr);
  if (s.weight_column) out.fact("weight", schema[*s.weight_column].name, "weight");
  out.line("fit", "one pass over all rows");
  add_memory(out, t, environment);
  add_split(out, s);
  if (s.early_stopping > 0) {
    out.fact("stop early",
             "after " + std::to_string(s.early_stopping) + unit_of(s.network.has_value()) +
                 " without a better validation " + (s.network ? "loss" : "metric"),
             "early_stopping_rounds", s.early_stopping);
  }
  if (s.tuning) add_tuning(out, s);
  if (s.start) add_start(out, *s.start);
  add_engine(out, s);
  out.fact("store", ir::display_name(s.into) + ", a new version", "model",
           ir::display_name(s.into));
  auto tables = tables_written(s);
  std::string names;
  for (const auto& table : tables) names += (names.empty() ? "" : ", ") + table.get<std::string>();
  out.fact("writes", names, "writes", std::move(tables));
  return out.print();
}

// ------------------------------------------------------------------------------ use of a model

std::string_view write_words(Write write) {
  switch (write) {
    case Write::rows: return "rows to the caller";
    case Write::create: return "a new table, in one transaction";
    case Write::replace: return "replaces the table, in one transaction";
    case Write::append: return "appends to the table, in one transaction";
  }
  return "";
}

void add_output(Outline& out, const Output& output) {
  out.fact("write", std::string(write_words(output.write)), "write");
  if (output.write != Write::rows) out.fact("into", ir::display_name(output.table), "into");
  if (output.spool)
    out.fact("spool", "the query is read to its end before anything is written", "spool", true);
  out.member("result", columns_json(output.schema));
}

void add_use(Outline& out, const ir::ModelUse& use, const Environment& environment) {
  const bool reads_rows = !use.input_columns.empty();
  const auto& query = use.query;
  if (reads_rows) {
    add_query(out, query, query.text, environment);
  } else {
    out.fact("database", environment.engine, "database");
    out.fact("query", on_one_line(query.text), "query", query.text);
  }
  out.fact("model", ir::display_name(use.model.where) + "@" + std::to_string(use.version), "model");
  if (!reads_rows) return;
  out.line("features", names_of(query.description.schema, use.input_columns));
  add_program(out, use.manifest->program);
}

const std::string& kernel_of(const ir::ModelUse& use, const Environment& environment) {
  if (use.manifest->is_network()) return environment.network_kernel;
  return use.manifest->is_linear() ? environment.linear_kernel : environment.forest_kernel;
}

/// The database calls the model in all of its threads.
void add_mode_inside(Outline& out, const ir::ModelUse& use, const Environment& environment) {
  out.fact("mode", "native, inside the database", "mode");
  out.fact("kernel", kernel_of(use, environment), "kernel");
  out.member("runs_in", "the database");
  out.fact("threads", "all of the database's", "threads", nullptr);
}

void add_mode(Outline& out, const std::string& kernel) {
  out.fact("mode", "native", "mode");
  out.fact("kernel", kernel, "kernel");
  out.member("runs_in", "this process");
  out.fact("threads", "1, beside those of the database", "threads", 1);
}

void add_trees(Outline& out, const Environment& environment) {
  if (!environment.trees.empty()) out.fact("trees", environment.trees, "trees");
}

std::string print_predict(const Predict& p, const Environment& environment, Format format) {
  const auto& s = p.statement;
  Outline out("predict", format);
  add_use(out, s.use, environment);
  p.inside ? add_mode_inside(out, s.use, environment)
           : add_mode(out, kernel_of(s.use, environment));
  add_trees(out, environment);
  std::string results;
  for (auto i = s.kept_columns.size(); i < s.output.size(); ++i)
    results += (results.empty() ? "" : ", ") + s.output[i].name + " " + s.output[i].type.sql_name;
  out.line("result", results);
  if (s.threshold) out.fact("threshold", format_double(*s.threshold), "threshold", *s.threshold);
  add_output(out, p.output);
  return out.print();
}

/// What is held of the rows until the last one is read.
std::string held_words(const ir::Evaluate& s) {
  if (s.use.manifest->label.is_unlabelled() && s.report != ir::Report::rows)
    return "sums; of clusters the points of up to 10,000 rows, for silhouettes";
  switch (s.report) {
    case ir::Report::rows: return "nothing";
    case ir::Report::confusion:
      return s.holds_rows() ? "the prediction and the label of each row" : "counts";
    default: return "the prediction and the label of each row";
  }
}

void add_metrics(Outline& out, const ir::Evaluate& s) {
  out.fact("report", std::string(ir::report_name(s.report)), "report");
  if (s.metrics.empty()) return;
  std::vector<std::string> names;
  std::string words;
  for (const auto& metric : s.metrics) {
    names.push_back(metric.name);
    words += (words.empty() ? "" : ", ") + metric.name;
  }
  out.fact("metrics", words, "metrics", names);
}

void add_assertions(Outline& out, const ir::Evaluate& s) {
  if (s.assertions.empty()) return;
  std::vector<std::string> texts;
  std::string words;
  for (const auto& assertion : s.assertions) {
    texts.push_back(assertion.text);
    words += (words.empty() ? "" : ", ") + assertion.text;
  }
  out.fact("assert", words, "assert", texts);
}

std::string print_evaluate(const Evaluate& p, const Environment& environment, Format format) {
  const auto& s = p.statement;
  const auto& schema = s.use.query.description.schema;
  Outline out("evaluate", format);
  add_use(out, s.use, environment);
  add_mode(out, kernel_of(s.use, environment));
  add_trees(out, environment);
  if (s.label_column) out.fact("label", schema[*s.label_column].name, "label");
  if (s.weight_column) out.fact("weight", schema[*s.weight_column].name, "weight");
  if (s.threshold) out.fact("threshold", format_double(*s.threshold), "threshold", *s.threshold);
  add_metrics(out, s);
  add_assertions(out, s);
  out.fact("held", held_words(s), "held");
  if (s.page) out.fact("page", s.page->path, "page");
  add_output(out, p.output);
  return out.print();
}

std::string summary_words(const ir::Explain& s) {
  if (s.use.manifest->label.task == ir::Task::clusters)
    return "the means of each cluster's rows, and how far they are from those of all rows";
  return s.reads_rows() ? "the mean squared error of each column"
                        : "the model's components; no row is read";
}

std::string explain_words(const ir::Explain& s) {
  switch (s.explainer) {
    case ir::Explainer::shap:
      if (s.use.manifest->is_network())
        return s.local ? "integrated gradients of each row" : "mean of |integrated gradients|";
      if (s.use.manifest->is_linear())
        return s.local ? "weight times value in each row" : "mean of |weight times value|";
      return s.local ? "exact Tree SHAP of each row" : "mean of |exact Tree SHAP| over all rows";
    case ir::Explainer::gain:
      return s.use.manifest->is_linear() ? "the model's weights; no row is read"
                                         : "the model's splits; no row is read";
    case ir::Explainer::permutation: return "all rows in memory, each feature shuffled in turn";
    case ir::Explainer::summary: return summary_words(s);
  }
  return "";
}

/// No code is compiled for it.
std::string explaining_kernel(const ir::Explain& s, const Environment& environment) {
  if (s.use.manifest->is_linear()) return "interpreted";
  if (s.use.manifest->is_network())
    return s.explainer == ir::Explainer::shap ? "interpreted" : environment.network_kernel;
  return s.explainer == ir::Explainer::shap ? environment.shap_kernel
                                            : environment.permutation_kernel;
}

std::string print_explain(const Explain& p, const Environment& environment, Format format) {
  const auto& s = p.statement;
  Outline out("explain", format);
  add_use(out, s.use, environment);
  if (s.reads_rows()) add_mode(out, explaining_kernel(s, environment));
  if (s.label_column)
    out.fact("label", s.use.query.description.schema[*s.label_column].name, "label");
  out.fact("explainer", std::string(ir::explainer_name(s.explainer)), "explainer");
  out.fact("by", explain_words(s), "by");
  if (s.page) out.fact("page", s.page->path, "page");
  add_output(out, p.output);
  return out.print();
}

}  // namespace

std::string dump(const Plan& plan, const Environment& environment, Format format) {
  return std::visit(Overloaded{
                        [&](const Train& t) { return print_train(t, environment, format); },
                        [&](const Predict& p) { return print_predict(p, environment, format); },
                        [&](const Evaluate& p) { return print_evaluate(p, environment, format); },
                        [&](const Explain& p) { return print_explain(p, environment, format); },
                    },
                    plan);
}

std::string json_of_words(const std::string& ir) {
  return Outline(ir.substr(0, ir.find_last_not_of('\n') + 1), Format::json).print();
}

}  // namespace quern::plan
