// The statements about models as text, and the formats of model files.

#include "compiler/ir/model_statements.h"

#include "base/secrets.h"
#include "base/similar.h"

namespace quern::ir {
namespace {

std::string dump_model(const StoredModel& model) {
  return "  model " + display_name(model.ref.where) + "@" + std::to_string(model.version) + " " +
         model.manifest->estimator + " " + model.manifest->objective + "\n";
}

}  // namespace

std::optional<ModelFormat> format_of_path(const std::string& path) {
  const auto lower = lower_ascii(path);
  if (lower.ends_with(".quern")) return ModelFormat::bundle;
  if (lower.ends_with(".json")) return ModelFormat::xgboost_json;
  if (lower.ends_with(".ubj")) return ModelFormat::xgboost_ubj;
  if (lower.ends_with(".onnx")) return ModelFormat::onnx;
  return std::nullopt;
}

std::string_view format_name(ModelFormat format) {
  switch (format) {
    case ModelFormat::bundle: return "quern bundle";
    case ModelFormat::xgboost_json: return "XGBoost JSON";
    case ModelFormat::xgboost_ubj: return "XGBoost UBJ";
    case ModelFormat::onnx: return "ONNX";
  }
  return "";
}

std::string dump(const ShowModels& show) {
  return show.like ? "show models like " + *show.like + "\n" : "show models\n";
}
std::string dump(const ShowTrain& show) { return "show train\n" + dump_model(show.model); }
std::string dump(const ShowTrials& show) { return "show trials\n" + dump_model(show.model); }
std::string dump(const ShowAttributes& show) { return "show attributes " + show.subject + "\n"; }
std::string dump(const DescribeModel& d) { return "describe model\n" + dump_model(d.model); }
std::string dump(const DropModel& drop) { return "drop model " + display_name(drop.model) + "\n"; }

std::string dump(const ExportModel& e) {
  return "export model\n" + dump_model(e.model) + "  to " + e.path + " as " +
         std::string(format_name(e.format)) + (e.replace ? ", replaced\n" : "\n");
}

std::string dump(const ImportModel& import) {
  std::string out = "import model " + import.path + "\n";
  if (import.label) out += "  label " + *import.label + "\n";
  for (const auto& name : import.columns) out += "  column " + name + "\n";
  for (const auto& c : import.classes) out += "  class " + format_scalar(c) + "\n";
  return out + "  into " + display_name(import.into) + "\n";
}

std::string dump(const SetOption& set) {
  return "set " + set.setting.spec->name + " = " +
         mask_passwords(format_attribute(set.setting.value)) + "\n";
}

std::string dump(const Attach& attach) {
  return "attach " + mask_passwords(attach.uri) + " as " + attach.name + "\n";
}

}  // namespace quern::ir
