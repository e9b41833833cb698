// What the engine says where there is no library, and how it tidies messages: needs no library.

#include <catch2/catch.hpp>
#include <cstdlib>

#include "random_training.h"
#include "runtime/engines/xgboost/xgboost_engine.h"
#include "runtime/engines/xgboost/xgboost_library.h"

namespace quern::test {
namespace {

TEST_CASE("a missing library is named, with what to install") {
  const char* before = std::getenv("QUERN_XGBOOST_LIBRARY");
  const std::string kept = before != nullptr ? before : "";
  setenv("QUERN_XGBOOST_LIBRARY", "/nowhere/libxgboost.so", 1);
  const auto training = random_training(1);
  const auto result = runtime::make_xgboost_engine()->train(training.task, {}, {});
  if (before != nullptr) {
    setenv("QUERN_XGBOOST_LIBRARY", kept.c_str(), 1);
  } else {
    unsetenv("QUERN_XGBOOST_LIBRARY");
  }
  REQUIRE_FALSE(result.ok());
  const auto& error = result.errors().front();
  CHECK(error.code == Code::library_missing);
  CHECK(error.message.find("/nowhere/libxgboost.so") != std::string::npos);
  CHECK(error.hint.find("libxgboost0") != std::string::npos);
}

TEST_CASE("messages lose time, source and stack") {
  using runtime::xgboost::clean_message;
  CHECK(clean_message("[12:00:00] ./src/a.cc:12: Check failed: x > 0 (0 vs. 0) :\nToo small.\n"
                      "Stack trace:\n  [bt] (0) lib") ==
        "Check failed: x > 0 (0 vs. 0) : Too small.");
  CHECK(clean_message("[12:00:00] WARNING: ../src/b.cc:7: odd") == "odd");
  CHECK(clean_message("[12:00:00] ./src/c.cu:7: a: b") == "a: b");
  CHECK(clean_message("") == "no reason given");
}

}  // namespace
}  // namespace quern::test
