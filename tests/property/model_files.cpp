// Files of models: what we export is XGBoost's own to XGBoost; a damaged file is refused or gives a
// model that fits its manifest, and never crashes.

#include <catch2/catch.hpp>
#include <cstring>

#include "codegen/forest/model_card.h"
#include "damage.h"
#include "random_training.h"
#include "runtime/engines/xgboost/model_export.h"
#include "runtime/engines/xgboost/xgboost_engine.h"
#include "runtime/model_file/bundle.h"
#include "runtime/model_file/escape.h"
#include "runtime/model_file/transfer.h"

namespace quern::test {
namespace {

/// Every byte, and what JSON, UBJ and XGBoost's reader treat specially.
std::string odd_text() {
  std::string out = "\"quoted\" \\u0041 \\\\u C:\\users\\new 数据 % %41 {\"a\":[1,2]}";
  for (int c = 1; c < 256; ++c) out += static_cast<char>(c);
  return out;
}

/// A manifest that fits a model of that many features and margins.
ir::Manifest manifest_for(const codegen::ModelShape& model) {
  ir::Manifest m;
  m.statement = "SELECT '数据\\u0041' TO TRAIN x";
  m.estimator = "xgboost.gbtree";
  m.objective = model.objective;
  m.label.column = "y";
  m.label.type.kind = TypeKind::text;
  m.label.task = model.outputs > 1 ? ir::Task::multiclass : ir::Task::regression;
  for (int c = 0; model.outputs > 1 && c < model.outputs; ++c)
    m.label.classes.emplace_back("class " + std::to_string(c));
  for (int f = 0; f < model.features; ++f) {
    const auto name = "feature \"" + std::to_string(f) + "\"";
    m.program.inputs.push_back({name, TypeKind::float64});
    m.program.features.push_back({name, static_cast<std::size_t>(f), ir::Number{}});
  }
  m.history = {{1, "train", "rmse", 0.5}};
  return m;
}

std::string type_name(const ColumnType& type) { return std::string(kind_name(type.kind)); }

/// True where the file is taken; refused files say why.
bool is_taken(const Bytes& bytes) {
  const auto model = runtime::read_model(bytes, {}, type_name);
  if (model) return true;
  CHECK_FALSE(model.errors().empty());
  const auto code = model.errors().front().code;
  CHECK((code == Code::corrupt_model || code == Code::not_in_this_version ||
         code == Code::model_too_new || code == Code::ambiguous_column));
  return false;
}

Bytes trained(unsigned seed) {
  auto training = random_training(seed);
  training.task.rounds = 2;
  const auto model = runtime::make_xgboost_engine()->train(training.task, {}, {});
  if (!model) FAIL(model.errors().front().message);
  return model->payload;
}

TEST_CASE("XGBoost loads what is exported and predicts the same; notes come back") {
  QUERN_REQUIRE_XGBOOST(oracle);
  for (unsigned seed = 3000; seed < 3040; ++seed) {
    INFO("seed " << seed);
    const auto payload = trained(seed);
    const auto model = codegen::read_xgboost_model(payload);
    REQUIRE(model);
    runtime::ExportNotes notes{.attribute = "quern_manifest", .value = runtime::escape(odd_text())};
    for (int f = 0; f < codegen::shape_of(*model).features; ++f) {
      notes.feature_names.push_back("\"数据\" " + std::to_string(f));
      notes.categories.push_back(false);
    }
    std::mt19937 random(seed);
    const auto rows = probe_rows(*model, random, 20, false);
    oracle->load(payload);
    const auto expected = oracle->predict(rows, true);
    for (const auto* format : {"json", "ubj"}) {
      INFO(format);
      const auto file = runtime::export_xgboost_model(payload, notes, format);
      REQUIRE(file);
      oracle->load(*file);
      const auto found = oracle->predict(rows, true);
      REQUIRE(found.size() == expected.size());
      CHECK(std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)) == 0);
      const auto again = codegen::read_xgboost_model(*file);
      REQUIRE(again);
      CHECK(*again == *model);
      const auto card = codegen::read_model_card(*file);
      REQUIRE(card);
      CHECK(card->feature_names == notes.feature_names);
      REQUIRE(card->attributes.size() == 1);
      CHECK(runtime::unescape(card->attributes[0].second) == odd_text());
    }
  }
}

TEST_CASE("a bundle is read as it was written, and at no other length") {
  const runtime::Bundle bundle{"{\"a\": \"\n\"}", {0, 1, 2, 255, 'Q'}};
  const auto bytes = runtime::to_bytes(bundle);
  const auto read = runtime::read_bundle(bytes);
  REQUIRE(read);
  CHECK(*read == bundle);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = runtime::read_bundle(std::span(bytes).first(size));
    REQUIRE_FALSE(cut);
    CHECK(cut.errors().front().code == Code::corrupt_model);
  }
  auto longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(runtime::read_bundle(longer));
  auto newer = bytes;
  newer[8] = 2;
  CHECK(runtime::read_bundle(newer).errors().front().code == Code::model_too_new);
}

TEST_CASE("every single flipped bit of a bundle is found") {
  const auto bytes = runtime::to_bytes({"{}", {1, 2, 3}});
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CHECK_FALSE(runtime::read_bundle(flipped));
  }
}

TEST_CASE("sizes beyond the file are refused before anything is allocated") {
  auto bytes = runtime::to_bytes({"{}", {1, 2, 3}});
  for (const std::size_t at : {12U, 20U}) {
    auto huge = bytes;
    for (std::size_t i = 0; i < 8; ++i) huge[at + i] = 0xFF;
    CHECK_FALSE(runtime::read_bundle(huge));
  }
}

TEST_CASE("damaged files are refused or safe") {
  QUERN_REQUIRE_XGBOOST(oracle);
  for (unsigned seed = 4000; seed < 4006; ++seed) {
    const auto payload = trained(seed);
    const auto model = codegen::read_xgboost_model(payload);
    REQUIRE(model);
    const auto manifest = to_json(manifest_for(codegen::shape_of(*model)));
    const auto whole = runtime::to_bytes({manifest, payload});
    REQUIRE(is_taken(whole));
    std::mt19937 random(seed);
    for (int i = 0; i < 200; ++i) {
      auto bytes = whole;
      damage(bytes, random);
      if (bytes != whole) CHECK_FALSE(is_taken(bytes));
      // A hostile file has a right check sum.
      Bytes changed(manifest.begin(), manifest.end());
      damage(changed, random);
      auto damaged = payload;
      if (i % 2 == 0) damage(damaged, random);
      (void)is_taken(runtime::to_bytes({{changed.begin(), changed.end()}, damaged}));
      damage(damaged, random);
      (void)is_taken(damaged);
    }
  }
}

TEST_CASE("escaped text is printable ASCII and comes back") {
  const auto escaped = runtime::escape(odd_text());
  for (const char c : escaped) CHECK((c >= 0x20 && c < 0x7F && c != '\\'));
  CHECK(runtime::unescape(escaped) == odd_text());
  for (const auto* damaged : {"%", "%4", "a%G0", "%0"}) CHECK_FALSE(runtime::unescape(damaged));
}

}  // namespace
}  // namespace quern::test
