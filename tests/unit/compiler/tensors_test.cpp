// Tensors as bytes: the layout byte by byte, the round trip, and bytes that are damaged.

#include "compiler/ir/tensors.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

namespace quern::ir {
namespace {

std::vector<std::uint8_t> bytes_of(const std::string& header, std::size_t numbers) {
  const std::uint64_t length = header.size();
  std::vector<std::uint8_t> out(8 + header.size() + numbers);
  std::memcpy(out.data(), &length, 8);
  std::memcpy(out.data() + 8, header.data(), header.size());
  return out;
}

Code refused(const std::string& header, std::size_t numbers) {
  const auto result = read_tensors(bytes_of(header, numbers));
  REQUIRE_FALSE(result.ok());
  return result.errors()[0].code;
}

std::string entry(const std::string& rest) { return R"({"a":{"dtype":"F32",)" + rest + "}}"; }

Tensors some() {
  return {.metadata = {{"network", "{\"a\": \"\xC3\xA4\"}"}, {"about", "x"}},
          .tensors = {{"b", {2, 3}, {1, -2.5F, 3, 4, 5, 1e-30F}},
                      {"a", {1}, {std::nanf("")}},
                      {"empty", {0, 4}, {}},
                      {"scalar", {}, {7}}}};
}

}  // namespace

// Written down from the published description of the layout, not from what the writer gave.
TEST_CASE("tensors have the layout of safetensors") {
  const Tensors tensors{.metadata = {{"k", "v"}}, .tensors = {{"w", {1, 2}, {1.0F, -2.0F}}}};
  const std::string header =
      R"({"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})";
  const auto padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  auto expected = bytes_of(padded, 8);
  const std::uint8_t numbers[] = {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0};
  std::copy(std::begin(numbers), std::end(numbers), expected.end() - 8);
  CHECK(write_tensors(tensors) == expected);
}

TEST_CASE("tensors come back from their bytes") {
  const auto tensors = some();
  const auto bytes = write_tensors(tensors);
  const auto back = read_tensors(bytes);
  REQUIRE(back.ok());
  CHECK(write_tensors(*back) == bytes);
  REQUIRE(back->find("b") != nullptr);
  CHECK(*back->find("b") == tensors.tensors[0]);
  CHECK(std::isnan(back->find("a")->values.at(0)));
  CHECK(back->find("scalar")->values == std::vector<float>{7});
  CHECK(back->find("c") == nullptr);
  REQUIRE(back->text("network") != nullptr);
  CHECK(*back->text("network") == tensors.metadata[0].second);
  CHECK(back->text("c") == nullptr);
  CHECK(read_tensors(write_tensors({})).ok());
}

TEST_CASE("damaged tensors are refused") {
  const auto shape = [](const std::string& s) { return R"("shape":)" + s + ","; };
  const auto good = entry(shape("[2]") + R"("data_offsets":[0,8])");
  REQUIRE(read_tensors(bytes_of(good, 8)).ok());
  CHECK(refused(good, 7) == Code::corrupt_model);
  CHECK(refused(good, 12) == Code::corrupt_model);
  CHECK(refused(entry(shape("[3]") + R"("data_offsets":[0,8])"), 8) == Code::corrupt_model);
  CHECK(refused(entry(shape("[-2]") + R"("data_offsets":[0,8])"), 8) == Code::corrupt_model);
  CHECK(refused(entry(shape("[1.5]") + R"("data_offsets":[0,8])"), 8) == Code::corrupt_model);
  CHECK(refused(entry(shape("[2]") + R"("data_offsets":[4,12])"), 12) == Code::corrupt_model);
  CHECK(refused(entry(shape("[2]") + R"("data_offsets":[8,0])"), 8) == Code::corrupt_model);
  CHECK(refused(entry(shape("[1]") + R"("data_offsets":[0,5])"), 5) == Code::corrupt_model);
  CHECK(refused(entry(shape("[4294967296,4294967296,4]") + R"("data_offsets":[0,0])"), 0) ==
        Code::corrupt_model);
  CHECK(refused(R"({"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}})", 8) ==
        Code::not_in_this_version);
  for (const std::string text : {"", "[]", "1", "{", R"({"a":3})", R"({"__metadata__":{"k":1}})"})
    CHECK(refused(text, 0) == Code::corrupt_model);
  CHECK(refused(std::string(50000, '['), 0) == Code::corrupt_model);
}

TEST_CASE("two tensors never share bytes") {
  const std::string two =
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})";
  CHECK(refused(two, 12) == Code::corrupt_model);
}

TEST_CASE("tensors that end early are refused at every byte") {
  const auto bytes = write_tensors(some());
  for (std::size_t n = 0; n < bytes.size(); ++n)
    CHECK_FALSE(read_tensors(std::span(bytes).first(n)).ok());
}

}  // namespace quern::ir
