// The manifest as JSON.

#include "compiler/ir/manifest.h"

#include <algorithm>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>

#include "compiler/ir/nesting.h"
#include "compiler/ir/network.h"
#include "compiler/ir/program_json.h"
#include "compiler/ir/whole.h"

namespace quern::ir {
namespace {

using nlohmann::json;

json write_scalar(const Scalar& value) {
  return std::visit([](const auto& v) { return json(v); }, value);
}

Scalar read_scalar(const json& j) {
  if (j.is_boolean()) return j.get<bool>();
  if (j.is_number_integer()) return whole<std::int64_t>(j);
  if (j.is_number()) return j.get<double>();
  return j.get<std::string>();
}

json write_label(const Label& label) {
  json classes = json::array();
  for (const auto& c : label.classes) classes.push_back(write_scalar(c));
  json out{{"column", label.column},          {"kind", kind_name(label.type.kind)},
           {"sql_type", label.type.sql_name}, {"precision", label.type.precision},
           {"scale", label.type.scale},       {"task", task_name(label.task)},
           {"classes", std::move(classes)},   {"dialect", label.dialect}};
  if (label.type.kind == TypeKind::list) out["size"] = label.type.size;
  return out;
}

Task read_task(const std::string& name) {
  for (const auto task :
       {Task::regression, Task::binary, Task::multiclass, Task::clusters, Task::vector}) {
    if (task_name(task) == name) return task;
  }
  throw std::runtime_error("unknown task " + name);
}

/// Whether a class can be a value of the label's type.
bool fits(const Scalar& value, TypeKind kind) {
  if (std::holds_alternative<bool>(value)) return kind == TypeKind::boolean;
  if (std::holds_alternative<std::string>(value))
    return !is_number(kind) && kind != TypeKind::boolean;
  return is_number(kind);
}

Label read_label(const json& j) {
  Label label{.column = j.at("column"),
              .type = {.kind = kind_from_name(j.at("kind").get<std::string>()),
                       .precision = whole<std::uint8_t>(j.at("precision")),
                       .scale = whole<std::uint8_t>(j.at("scale")),
                       .sql_name = j.at("sql_type")},
              .dialect = j.value("dialect", ""),
              .task = read_task(j.at("task"))};
  for (const auto& c : j.at("classes")) {
    label.classes.push_back(read_scalar(c));
    if (!fits(label.classes.back(), label.type.kind))
      throw std::runtime_error("a class is no value of the label's type");
  }
  const bool has_classes = label.task != Task::regression && label.task != Task::vector;
  if (label.classes.size() < (has_classes ? 2U : 0U))
    throw std::runtime_error("classes are missing");
  if (label.is_vector() ? has_classes : label.task == Task::vector)
    throw std::runtime_error("the label's type is not that of its task");
  if (label.is_vector()) {
    const auto element = label.task == Task::vector ? TypeKind::float32 : TypeKind::float64;
    label.type.size = whole<std::int32_t>(j.at("size"));
    label.type.element = std::make_shared<const ColumnType>(ColumnType{.kind = element});
    if (label.type.size < 1) throw std::runtime_error("a label of lists has no size");
  }
  return label;
}

json write_inputs(const std::vector<Input>& inputs) {
  json out = json::array();
  for (const auto& input : inputs) {
    out.push_back({{"name", input.name}, {"kind", kind_name(input.kind)}});
  }
  return out;
}

/// Models of version 0.1 have none and say nothing of it.
std::vector<Input> read_base_margin(const json& j) {
  std::vector<Input> out;
  if (!j.contains("base_margin")) return out;
  for (const auto& input : j.at("base_margin"))
    out.push_back({input.at("name"), kind_from_name(input.at("kind").get<std::string>())});
  return out;
}

json write_history(const std::vector<MetricPoint>& history) {
  json out = json::array();
  for (const auto& p : history) {
    out.push_back({{"round", p.round}, {"data", p.data}, {"metric", p.metric}, {"value", p.value}});
  }
  return out;
}

std::vector<MetricPoint> read_history(const json& j) {
  std::vector<MetricPoint> out;
  for (const auto& p : j) {
    // JSON has no NaN: a metric that is not a number is written as null.
    const auto value = p.at("value").is_null() ? std::numeric_limits<double>::quiet_NaN()
                                               : p.at("value").get<double>();
    out.push_back({whole<int>(p.at("round")), p.at("data"), p.at("metric"), value});
  }
  return out;
}

json write_split(const SplitReport& split) {
  json out{{"method", split.method},
           {"validation_rows", split.validation_rows},
           {"eval", split.eval},
           {"seed", split.seed},
           {"column", split.column}};
  if (split.test_rows > 0) {
    out["test_rows"] = split.test_rows;
    out["test"] = split.test;
  }
  if (split.folds > 0) out["folds"] = split.folds;
  return out;
}

/// Models of version 0.1 have no split and say nothing of it.
SplitReport read_split(const json& j) {
  if (!j.contains("split")) return {};
  const auto& s = j.at("split");
  SplitReport out{s.at("method"), whole<std::int64_t>(s.at("validation_rows")), s.at("eval"),
                  whole<std::int64_t>(s.at("seed")), s.at("column")};
  if (s.contains("test_rows")) {
    out.test_rows = whole<std::int64_t>(s.at("test_rows"));
    out.test = s.at("test");
  }
  if (s.contains("folds")) out.folds = whole<int>(s.at("folds"));
  return out;
}

/// In version 0.1 the history ended with the model.
int read_rounds(const json& j) {
  if (j.contains("rounds")) return whole<int>(j.at("rounds"));
  const auto& history = j.at("history");
  return history.empty() ? 0 : whole<int>(history.back().at("round"));
}

Manifest read(const json& j) {
  return {.statement = j.at("statement"),
          .estimator = j.at("estimator"),
          .objective = j.at("objective"),
          .library = j.at("library"),
          .payload_format = j.at("payload_format"),
          .program = program_from(j.at("program")),
          .label = read_label(j.at("label")),
          .base_margin = read_base_margin(j),
          .attributes = j.at("attributes").get<std::vector<std::pair<std::string, std::string>>>(),
          .history = read_history(j.at("history")),
          .rounds = read_rounds(j),
          .rows = whole<std::int64_t>(j.at("rows")),
          .split = read_split(j),
          .seed = whole<std::int64_t>(j.at("seed")),
          .quern_version = j.at("quern_version"),
          .created = j.at("created")};
}

/// Manifests are nested a little.
json parse_shallow(std::string_view text) {
  constexpr int kDeepest = 32;
  if (is_nested_deeper(text, kDeepest)) throw std::runtime_error("it is nested too deeply");
  return json::parse(text);
}

/// The oldest format that has what the model uses, so that no version is shut out needlessly.
int format_of(const Manifest& manifest) {
  constexpr int kBaseMargin = 2;
  constexpr int kNetwork = 4;
  constexpr int kNumbersOrNone = 5;
  if (manifest.label.is_unlabelled() || manifest.label.is_vector()) return kNumbersOrNone;
  if (manifest.is_network()) return kNetwork;
  return std::max(manifest.base_margin.empty() ? 1 : kBaseMargin, format_of(manifest.program));
}

}  // namespace

bool gives_probabilities(const Manifest& manifest) {
  const auto task = manifest.label.task;
  return (task == Task::binary || task == Task::multiclass) &&
         manifest.objective != "binary:hinge" && manifest.objective != "multi:softmax" &&
         manifest.objective != "hinge";
}

std::string Manifest::result_name() const {
  return label.is_unlabelled() ? label.column : "predicted_" + label.column;
}

std::string Manifest::tuned_by() const {
  for (const auto& [name, value] : attributes) {
    if (name == "tune.objective") return value;
  }
  return "";
}

bool Manifest::is_linear() const {
  const std::pair<std::string, std::string> mark{"booster", "gblinear"};
  return std::find(attributes.begin(), attributes.end(), mark) != attributes.end();
}

bool Manifest::is_network() const { return payload_format == kNetworkFormat; }

std::string to_json(const Manifest& m) {
  const json j = {{"format", format_of(m)},
                  {"statement", m.statement},
                  {"estimator", m.estimator},
                  {"objective", m.objective},
                  {"library", m.library},
                  {"payload_format", m.payload_format},
                  {"program", json::parse(program_to_json(m.program))},
                  {"label", write_label(m.label)},
                  {"base_margin", write_inputs(m.base_margin)},
                  {"attributes", m.attributes},
                  {"history", write_history(m.history)},
                  {"rounds", m.rounds},
                  {"rows", m.rows},
                  {"split", write_split(m.split)},
                  {"seed", m.seed},
                  {"quern_version", m.quern_version},
                  {"created", m.created}};
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Manifest> manifest_from_json(std::string_view text) {
  try {
    const auto j = parse_shallow(text);
    const auto format = whole<int>(j.at("format"));
    if (format > Manifest::kFormat) {
      return Diagnostic{Code::model_too_new,
                        "model was written by a newer version of quern: format " +
                            std::to_string(format) + ", this version reads up to " +
                            std::to_string(Manifest::kFormat)};
    }
    return read(j);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "the model's manifest does not fit into memory"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::corrupt_model, std::string("stored manifest is corrupt: ") + e.what()};
  }
}

}  // namespace quern::ir
