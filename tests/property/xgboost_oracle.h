#pragma once
// XGBoost's own predictor, opened by the tests apart from the engine: the second, independent
// answer.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace quern::test {

/// A dense block of rows, row-major; NaN is missing.
struct Rows {
  std::int64_t rows = 0;
  std::int32_t features = 0;
  std::vector<float> values;
};

class XgboostOracle {
 public:
  /// Null if the library cannot be opened; the test then prints SKIPPED.
  static std::unique_ptr<XgboostOracle> open();
  ~XgboostOracle();

  /// Takes a model, UBJ or JSON. Throws std::runtime_error with the library's words, as all below
  /// do.
  void load(std::span<const std::uint8_t> model);
  std::vector<std::uint8_t> save_json();
  /// Booster.predict over a DMatrix; margins [rows, outputs] or predictions.
  std::vector<float> predict(const Rows& rows, bool margins);
  /// pred_contribs: [rows, outputs, features + 1].
  std::vector<float> contributions(const Rows& rows);
  /// get_score(importance_type = kind) by feature number: weight, gain, cover, ...
  std::map<std::size_t, float> scores(const std::string& kind);
  /// get_score(importance_type = "weight") of gblinear: [features, outputs].
  std::vector<float> weights();
  /// The same in place, which takes infinities too.
  std::vector<float> predict_in_place(const Rows& rows, bool margins);

 private:
  struct Library;
  explicit XgboostOracle(std::unique_ptr<Library> library);
  void check(int status) const;
  std::vector<float> predict_type(const Rows& rows, int type);
  std::unique_ptr<Library> library_;
  void* booster_ = nullptr;
};

}  // namespace quern::test

/// Leaves a test case by name where the library is missing; ctest then shows the program as
/// skipped.
#define QUERN_REQUIRE_XGBOOST(oracle)                                                   \
  const auto oracle = quern::test::XgboostOracle::open();                               \
  if (oracle == nullptr) {                                                              \
    WARN("SKIPPED: " << Catch::getResultCapture().getCurrentTestName()                  \
                     << ": libxgboost cannot be opened; install Debian's libxgboost0"); \
    return;                                                                             \
  }
