// Loading with checks: base/plugin.

#include <catch2/catch.hpp>

#include "base/plugin.h"

using namespace quern;

TEST_CASE("the first library that loads is taken") {
  const auto library = SharedLibrary::open({"no_such_library.so", "libm.so.6"});
  REQUIRE(library.ok());
  CHECK(library->symbol("cos") != nullptr);
  CHECK(library->symbol("no_such_symbol") == nullptr);
}

TEST_CASE("what does not load says so") {
  const auto library = SharedLibrary::open({"no_such_library.so"});
  REQUIRE_FALSE(library.ok());
  CHECK(library.errors()[0].code == Code::library_missing);
  const auto plugin = load_plugin("no_such_plugin");
  REQUIRE_FALSE(plugin.ok());
  CHECK(plugin.errors()[0].code == Code::plugin_missing);
  CHECK(plugin.errors()[0].message.find("quern_no_such_plugin.so") != std::string::npos);
}
