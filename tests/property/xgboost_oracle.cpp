// A few calls of XGBoost's C API by dlopen, kept away from the engine's own code on purpose.

#include "xgboost_oracle.h"

#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>

namespace quern::test {

struct XgboostOracle::Library {
  void* handle = nullptr;
  const char* (*last_error)() = nullptr;
  int (*create)(void* const*, std::uint64_t, void**) = nullptr;
  int (*destroy)(void*) = nullptr;
  int (*load)(void*, const void*, std::uint64_t) = nullptr;
  int (*save)(void*, const char*, std::uint64_t*, const char**) = nullptr;
  int (*set)(void*, const char*, const char*) = nullptr;
  int (*make_matrix)(const char*, const char*, void**) = nullptr;
  int (*free_matrix)(void*) = nullptr;
  int (*predict)(void*, void*, const char*, const std::uint64_t**, std::uint64_t*,
                 const float**) = nullptr;
  int (*predict_dense)(void*, const char*, const char*, void*, const std::uint64_t**,
                       std::uint64_t*, const float**) = nullptr;
  int (*score)(void*, const char*, std::uint64_t*, const char***, std::uint64_t*,
               const std::uint64_t**, const float**) = nullptr;

  template <typename F>
  void find(const char* name, F& function) {
    function = reinterpret_cast<F>(dlsym(handle, name));
    if (function == nullptr) throw std::runtime_error(std::string("no symbol ") + name);
  }
  ~Library() {
    if (handle != nullptr) dlclose(handle);
  }
};

namespace {

void* open_library() {
  const char* chosen = std::getenv("QUERN_XGBOOST_LIBRARY");
  if (chosen != nullptr) return dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
  void* handle = dlopen("libxgboost.so.0", RTLD_NOW | RTLD_LOCAL);
  return handle != nullptr ? handle : dlopen("libxgboost.so", RTLD_NOW | RTLD_LOCAL);
}

std::string row_major(const Rows& rows) {
  return "{\"data\":[" + std::to_string(reinterpret_cast<std::uintptr_t>(rows.values.data())) +
         ",true],\"shape\":[" + std::to_string(rows.rows) + "," + std::to_string(rows.features) +
         "],\"typestr\":\"<f4\",\"version\":3}";
}

/// Types: 0 predictions, 1 margins, 2 contributions.
std::string config(int type) {
  return "{\"type\":" + std::to_string(type) +
         ",\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":true,"
         "\"cache_id\":0,\"missing\":NaN}";
}

std::vector<float> copy(const std::uint64_t* shape, std::uint64_t dimensions, const float* values) {
  std::size_t count = 1;
  for (std::uint64_t i = 0; i < dimensions; ++i) count *= shape[i];
  return {values, values + count};
}

}  // namespace

std::unique_ptr<XgboostOracle> XgboostOracle::open() {
  auto library = std::make_unique<Library>();
  library->handle = open_library();
  if (library->handle == nullptr) return nullptr;
  library->find("XGBGetLastError", library->last_error);
  library->find("XGBoosterCreate", library->create);
  library->find("XGBoosterFree", library->destroy);
  library->find("XGBoosterLoadModelFromBuffer", library->load);
  library->find("XGBoosterSaveModelToBuffer", library->save);
  library->find("XGBoosterSetParam", library->set);
  library->find("XGDMatrixCreateFromDense", library->make_matrix);
  library->find("XGDMatrixFree", library->free_matrix);
  library->find("XGBoosterPredictFromDMatrix", library->predict);
  library->find("XGBoosterPredictFromDense", library->predict_dense);
  library->find("XGBoosterFeatureScore", library->score);
  return std::unique_ptr<XgboostOracle>(new XgboostOracle(std::move(library)));
}

XgboostOracle::XgboostOracle(std::unique_ptr<Library> library) : library_(std::move(library)) {}

XgboostOracle::~XgboostOracle() {
  if (booster_ != nullptr) library_->destroy(booster_);
}

void XgboostOracle::check(int status) const {
  if (status != 0) throw std::runtime_error(library_->last_error());
}

void XgboostOracle::load(std::span<const std::uint8_t> model) {
  if (booster_ != nullptr) library_->destroy(booster_);
  booster_ = nullptr;
  check(library_->create(nullptr, 0, &booster_));
  check(library_->load(booster_, model.data(), model.size()));
  check(library_->set(booster_, "nthread", "1"));
}

std::vector<std::uint8_t> XgboostOracle::save_json() {
  std::uint64_t size = 0;
  const char* data = nullptr;
  check(library_->save(booster_, "{\"format\":\"json\"}", &size, &data));
  return {data, data + size};
}

std::vector<float> XgboostOracle::predict(const Rows& rows, bool margins) {
  return predict_type(rows, margins ? 1 : 0);
}

std::vector<float> XgboostOracle::contributions(const Rows& rows) { return predict_type(rows, 2); }

std::map<std::size_t, float> XgboostOracle::scores(const std::string& kind) {
  std::uint64_t features = 0;
  const char** names = nullptr;
  std::uint64_t dimensions = 0;
  const std::uint64_t* shape = nullptr;
  const float* values = nullptr;
  const auto config = "{\"importance_type\":\"" + kind + "\"}";
  check(library_->score(booster_, config.c_str(), &features, &names, &dimensions, &shape, &values));
  // Features without names are f0, f1, ...; the engine names them "column 0", "column 1", ...
  std::map<std::size_t, float> out;
  for (std::uint64_t i = 0; i < features; ++i) {
    const std::string name = names[i];
    out[std::stoul(name.substr(name.find_first_of("0123456789")))] = values[i];
  }
  return out;
}

std::vector<float> XgboostOracle::weights() {
  std::uint64_t features = 0;
  const char** names = nullptr;
  std::uint64_t dimensions = 0;
  const std::uint64_t* shape = nullptr;
  const float* values = nullptr;
  check(library_->score(booster_, "{\"importance_type\":\"weight\"}", &features, &names,
                        &dimensions, &shape, &values));
  return copy(shape, dimensions, values);
}

std::vector<float> XgboostOracle::predict_type(const Rows& rows, int type) {
  void* matrix = nullptr;
  check(library_->make_matrix(row_major(rows).c_str(), "{\"missing\":NaN,\"nthread\":1}", &matrix));
  const std::unique_ptr<void, int (*)(void*)> owned(matrix, library_->free_matrix);
  const std::uint64_t* shape = nullptr;
  std::uint64_t dimensions = 0;
  const float* values = nullptr;
  check(library_->predict(booster_, matrix, config(type).c_str(), &shape, &dimensions, &values));
  return copy(shape, dimensions, values);
}

std::vector<float> XgboostOracle::predict_in_place(const Rows& rows, bool margins) {
  const std::uint64_t* shape = nullptr;
  std::uint64_t dimensions = 0;
  const float* values = nullptr;
  check(library_->predict_dense(booster_, row_major(rows).c_str(), config(margins ? 1 : 0).c_str(),
                                nullptr, &shape, &dimensions, &values));
  return copy(shape, dimensions, values);
}

}  // namespace quern::test
