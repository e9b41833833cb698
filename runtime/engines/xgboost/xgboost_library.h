#pragma once
// libxgboost behind its C API, opened when the first training needs it. Prediction never does.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/plugin.h"
#include "base/result.h"

namespace quern::runtime::xgboost {

// clang-format off
/// The C functions we call: F(name, result, parameters). Checked against <xgboost/c_api.h> where that
/// is installed. Handles are void*, bst_ulong is uint64.
#define QUERN_XGBOOST_FUNCTIONS(F)                                                                       \
  F(XGBGetLastError, const char*, ())                                                                    \
  F(XGBoostVersion, void, (int*, int*, int*))                                                            \
  F(XGBRegisterLogCallback, int, (void (*)(const char*)))                                                \
  F(XGDMatrixCreateFromDense, int, (const char*, const char*, void**))                                   \
  F(XGDMatrixCreateFromCSREx, int,                                                                       \
    (const std::size_t*, const unsigned*, const float*, std::size_t, std::size_t, std::size_t, void**))  \
  F(XGProxyDMatrixSetDataCSR, int, (void*, const char*, const char*, const char*, std::uint64_t))        \
  F(XGDMatrixFree, int, (void*))                                                                         \
  F(XGProxyDMatrixCreate, int, (void**))                                                                 \
  F(XGProxyDMatrixSetDataDense, int, (void*, const char*))                                               \
  F(XGQuantileDMatrixCreateFromCallback, int,                                                            \
    (void*, void*, void*, void (*)(void*), int (*)(void*), const char*, void**))                         \
  F(XGDMatrixSetFloatInfo, int, (void*, const char*, const float*, std::uint64_t))                       \
  F(XGDMatrixSetUIntInfo, int, (void*, const char*, const unsigned*, std::uint64_t))                       \
  F(XGDMatrixSetInfoFromInterface, int, (void*, const char*, const char*))                               \
  F(XGDMatrixSetStrFeatureInfo, int, (void*, const char*, const char**, std::uint64_t))                  \
  F(XGBoosterCreate, int, (void* const*, std::uint64_t, void**))                                         \
  F(XGBoosterFree, int, (void*))                                                                         \
  F(XGBoosterSetParam, int, (void*, const char*, const char*))                                           \
  F(XGBoosterUpdateOneIter, int, (void*, int, void*))                                                    \
  F(XGBoosterEvalOneIter, int, (void*, int, void**, const char**, std::uint64_t, const char**))          \
  F(XGBoosterBoostedRounds, int, (void*, int*))                                                          \
  F(XGBoosterLoadModelFromBuffer, int, (void*, const void*, std::uint64_t))                              \
  F(XGBoosterSlice, int, (void*, int, int, int, void**))                                                 \
  F(XGBoosterSaveModelToBuffer, int, (void*, const char*, std::uint64_t*, const char**))                 \
  F(XGBoosterSetAttr, int, (void*, const char*, const char*))                                            \
  F(XGBoosterSetStrFeatureInfo, int, (void*, const char*, const char**, std::uint64_t))
// clang-format on

struct Functions {
#define QUERN_XGBOOST_MEMBER(name, result, parameters) result(*name) parameters = nullptr;
  QUERN_XGBOOST_FUNCTIONS(QUERN_XGBOOST_MEMBER)
#undef QUERN_XGBOOST_MEMBER
};

/// Owns a DMatrix or a Booster. Must not outlive the library.
using Handle = std::unique_ptr<void, int (*)(void*)>;
/// A DMatrix that several boosters learn from.
using SharedHandle = std::shared_ptr<void>;

/// The opened library. Threads: const, re-entrant; the library keeps its last error by thread.
class Library {
 public:
  /// Opens $QUERN_XGBOOST_LIBRARY if set, else libxgboost.so.0 or libxgboost.so.
  /// Errors: library_missing.
  static Result<std::shared_ptr<const Library>> open();

  const Functions& call() const { return functions_; }
  /// "XGBoost 1.7.4".
  std::string version() const;
  /// Turns a C function's status into a result. Errors: engine_failed with the library's own words,
  /// out_of_memory.
  Result<void> check(int status) const;

  Handle own_matrix(void* matrix) const { return {matrix, functions_.XGDMatrixFree}; }
  Handle own_booster(void* booster) const { return {booster, functions_.XGBoosterFree}; }

 private:
  explicit Library(SharedLibrary library) : library_(std::move(library)) {}
  SharedLibrary library_;
  Functions functions_;
};

/// The library's message without time, source file and stack trace, on one line.
std::string clean_message(const std::string& message);

/// Takes the library's log lines of this thread while it lives, so that nothing is printed. One a
/// thread.
class LogCapture {
 public:
  explicit LogCapture(const Library& library);
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  /// The lines so far, cleaned.
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  static void receive(const char* line);
  std::vector<std::string> lines_;
};

}  // namespace quern::runtime::xgboost
