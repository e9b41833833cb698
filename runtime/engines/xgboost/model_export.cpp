// Load, name, save.

#include "runtime/engines/xgboost/model_export.h"

#include "runtime/engines/xgboost/xgboost_library.h"

namespace quern::runtime {
namespace {

using xgboost::Handle;
using xgboost::Library;

Result<void> set_strings(const Library& library, void* booster, const char* field,
                         std::vector<const char*> values) {
  return library.check(
      library.call().XGBoosterSetStrFeatureInfo(booster, field, values.data(), values.size()));
}

Result<void> set_features(const Library& library, void* booster, const ExportNotes& notes) {
  std::vector<const char*> names;
  for (const auto& name : notes.feature_names) names.push_back(name.c_str());
  std::vector<const char*> types;
  for (const bool category : notes.categories) types.push_back(category ? "c" : "q");
  QUERN_CHECK(set_strings(library, booster, "feature_name", std::move(names)));
  return set_strings(library, booster, "feature_type", std::move(types));
}

}  // namespace

Result<std::vector<std::uint8_t>> export_xgboost_model(std::span<const std::uint8_t> payload,
                                                       const ExportNotes& notes,
                                                       const std::string& format) {
  QUERN_TRY(const auto library, Library::open());
  const xgboost::LogCapture log(*library);
  void* made = nullptr;
  QUERN_CHECK(library->check(library->call().XGBoosterCreate(nullptr, 0, &made)));
  const auto booster = library->own_booster(made);
  QUERN_CHECK(library->check(
      library->call().XGBoosterLoadModelFromBuffer(booster.get(), payload.data(), payload.size())));
  QUERN_CHECK(set_features(*library, booster.get(), notes));
  QUERN_CHECK(library->check(library->call().XGBoosterSetAttr(
      booster.get(), notes.attribute.c_str(), notes.value.c_str())));
  const auto how = "{\"format\":\"" + format + "\"}";
  std::uint64_t size = 0;
  const char* data = nullptr;
  QUERN_CHECK(library->check(
      library->call().XGBoosterSaveModelToBuffer(booster.get(), how.c_str(), &size, &data)));
  return std::vector<std::uint8_t>(data, data + size);
}

}  // namespace quern::runtime
