// Compiled code against the interpreter and the oracle, bit by bit: features of every kind of
// column and step, models whose thresholds are the very values that rows have, or next to them.

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include "base/column_builder.h"
#include "base/plugin.h"
#include "codegen/fusion/fused_scorer.h"
#include "codegen/fusion/pull_back.h"
#include "codegen/fusion/tiered_scorer.h"
#include "made_up_forests.h"

namespace quern::codegen {
namespace {

constexpr auto kInfinity = std::numeric_limits<double>::infinity();
constexpr auto kNaN = std::numeric_limits<double>::quiet_NaN();

const TypeKind kKinds[] = {
    TypeKind::boolean, TypeKind::int8,    TypeKind::int16,  TypeKind::int32,  TypeKind::int64,
    TypeKind::uint8,   TypeKind::uint16,  TypeKind::uint32, TypeKind::uint64, TypeKind::float32,
    TypeKind::float64, TypeKind::decimal, TypeKind::text,   TypeKind::date};

/// Null only where the build has no plug-in.
const CodeCompiler* compiler() {
  const auto table = load_plugin("llvm");
  if (!table) {
    WARN("not tested: " << table.errors().front().message);
#ifdef QUERN_HAS_LLVM
    FAIL();
#endif
    return nullptr;
  }
  return static_cast<const CodeCompiler*>(*table);
}

double real(Dice& dice) {
  switch (pick(dice, 12)) {
    case 0: return kNaN;
    case 1: return kInfinity;
    case 2: return -kInfinity;
    case 3: return chance(dice, 0.5) ? 0.0 : -0.0;
    case 4: return std::numeric_limits<double>::denorm_min();
    case 5: return 1e300 * (pick(dice, 3) - 1);
    case 6: return pick(dice, 40);
    default: return std::uniform_real_distribution(-20.0, 100.0)(dice);
  }
}

std::int64_t whole(Dice& dice, TypeKind kind) {
  constexpr std::int64_t kBeyondDouble = (1LL << 53) + 1;
  const bool is_wide = kind == TypeKind::int64 || kind == TypeKind::uint64;
  switch (pick(dice, 8)) {
    case 0: return 0;
    case 1: return -1;  // the greatest of the unsigned
    case 2: return is_wide ? std::numeric_limits<std::int64_t>::min() : 127;
    case 3: return is_wide ? kBeyondDouble : -128;
    default: return pick(dice, 120);
  }
}

Column random_column(Dice& dice, TypeKind kind, std::int64_t rows) {
  const bool nulls = chance(dice, 0.7);
  ColumnBuilder out(ColumnType{.kind = kind, .precision = 18, .scale = 2});
  for (std::int64_t row = 0; row < rows; ++row) {
    if (nulls && chance(dice, 0.1)) {
      out.append_null();
    } else if (kind == TypeKind::boolean) {
      out.append_bool(chance(dice, 0.5));
    } else if (kind == TypeKind::float32 || kind == TypeKind::float64) {
      out.append_double(real(dice));
    } else if (kind == TypeKind::decimal) {
      out.append_decimal(pick(dice, 10000) - 2000);
    } else if (kind == TypeKind::text) {
      out.append_text(std::string(1, static_cast<char>('a' + pick(dice, 9))));
    } else {
      out.append_int(whole(dice, kind));
    }
  }
  return out.finish();
}

ir::Step random_step(Dice& dice, bool last) {
  std::vector<double> boundaries;
  for (int i = 0; i < pick(dice, 9); ++i) boundaries.push_back(-10 + 7.3 * i);
  switch (pick(dice, last ? 7 : 6)) {
    case 0: return ir::Standardize{11.7, 3.3};
    case 1: return ir::MinMax{-5.25, 90.1};
    case 2: return ir::Logarithm{};
    case 3: return ir::Impute{ir::Replacement::constant, 2.5};
    case 4: return ir::Bucket{boundaries};
    case 5: return ir::QuantileBucket{4, {1, 5, 20}};
    default: return ir::Identity{static_cast<std::uint32_t>(1 + pick(dice, 80)), true};
  }
}

ir::Feature random_feature(Dice& dice, const std::string& name, std::size_t input, TypeKind kind) {
  if (kind == TypeKind::text) return {name, input, ir::Category{{"a", "b", "c", "d", "f"}}};
  if (kind == TypeKind::date) return {name, input, ir::DatePart{ir::Part::day}};
  ir::Feature out{name, input, ir::Number{}};
  const int steps = pick(dice, 4);
  for (int i = 0; i < steps; ++i) out.steps.push_back(random_step(dice, i + 1 == steps));
  return out;
}

struct Case {
  ir::Manifest manifest;
  ColumnBatch batch;
  std::vector<float> features;  ///< as interpreted, [features, rows]
  std::vector<std::size_t> inputs;
};

Case random_case(Dice& dice, std::int64_t rows) {
  Case out;
  out.batch.rows = rows;
  auto& program = out.manifest.program;
  const int inputs = 1 + pick(dice, 8);
  for (int i = 0; i < inputs; ++i) {
    const auto kind = kKinds[pick(dice, static_cast<int>(std::size(kKinds)))];
    const auto name = "column " + std::to_string(i);
    program.inputs.push_back({name, kind});
    out.inputs.push_back(static_cast<std::size_t>(i));
    out.batch.columns.push_back(random_column(dice, kind, rows));
    program.features.push_back(random_feature(dice, name, program.inputs.size() - 1, kind));
  }
  out.features.resize(program.features.size() * static_cast<std::size_t>(rows));
  const FeatureInterpreter interpreter(program, out.inputs);
  REQUIRE(interpreter.run(out.batch, out.features.data(), rows).ok());
  return out;
}

/// Gives splits thresholds that rows have, or the floats beside them.
void use_values(Dice& dice, const Case& of, Forest& forest) {
  for (auto& tree : forest.trees) {
    for (auto& node : tree.nodes) {
      if (node.left == -1 || node.categorical || chance(dice, 0.2)) continue;
      const auto at = node.feature * of.batch.rows + pick(dice, static_cast<int>(of.batch.rows));
      float value = of.features[static_cast<std::size_t>(at)];
      if (std::isnan(value)) continue;
      if (chance(dice, 0.3)) value = std::nextafter(value, 1e30F);
      if (chance(dice, 0.3)) value = std::nextafter(value, -1e30F);
      node.value = value;
    }
  }
}

Linear random_linear(Dice& dice, std::int32_t features) {
  Linear out;
  out.features = features;
  out.outputs = 1 + pick(dice, 3);
  out.base_margins.assign(static_cast<std::size_t>(out.outputs), 0.5F);
  for (std::int32_t i = 0; i < (features + 1) * out.outputs; ++i)
    out.weights.push_back(static_cast<float>(std::sin(i * 3.7)));
  return out;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  // A sum with infinities may be NaN of either sign.
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) {
    return std::memcmp(&x, &y, sizeof x) == 0 || (std::isnan(x) && std::isnan(y));
  });
}

void check(const Case& of, Model model) {
  const auto ready = std::make_shared<const ReadyModel>(std::move(model));
  const auto outputs = ready->shape().outputs;
  const auto features = static_cast<std::int32_t>(of.manifest.program.features.size());
  std::vector<float> expected(static_cast<std::size_t>(of.batch.rows * outputs));
  predict_margins(ready->model(), {of.features.data(), of.batch.rows, features, 1, of.batch.rows},
                  expected);
  std::vector<TypeKind> kinds;
  for (const auto& column : of.batch.columns) kinds.push_back(column.type.kind);
  auto plan = plan_fusion(of.manifest.program, *ready, kinds);
  REQUIRE(plan);
  const auto text = compiler()->print(*plan);
  if (!text) FAIL(text.errors().front().message);
  auto code = compiler()->compile(*plan, {});
  REQUIRE(code.ok());
  const FusedScorer fused(of.manifest, ready, {of.inputs, {}}, std::move(*plan), std::move(*code));
  REQUIRE(fused.fits(of.batch));
  std::vector<float> margins;
  REQUIRE(fused.score(of.batch, margins).ok());
  INFO(*text);
  CHECK(same_bits(margins, expected));
}

TEST_CASE("fusion: forests over random programs") {
  if (compiler() == nullptr) return;
  Dice dice(11);
  for (int round = 0; round < 60; ++round) {
    const auto of = random_case(dice, 1 + pick(dice, 1300));
    auto forest =
        random_forest(dice, {.trees = 1 + pick(dice, 12),
                             .depth = pick(dice, 4) == 0 ? 13 : pick(dice, 7),
                             .early = pick(dice, 2) * 0.4 + 0.05,
                             .features = static_cast<int>(of.manifest.program.features.size()),
                             .outputs = 1 + pick(dice, 3),
                             .thresholds = 1 + pick(dice, 40),
                             .categorical = chance(dice, 0.3) ? 0.3 : 0});
    use_values(dice, of, forest);
    const ReadyModel ready(forest);
    if (ready.kernel()->questions() == nullptr) continue;
    check(of, std::move(forest));
  }
}

TEST_CASE("fusion: linear models over random programs") {
  if (compiler() == nullptr) return;
  Dice dice(12);
  for (int round = 0; round < 30; ++round) {
    const auto of = random_case(dice, 1 + pick(dice, 1300));
    check(of, random_linear(dice, static_cast<std::int32_t>(of.manifest.program.features.size())));
  }
}

/// Scores by the interpreter and the oracle.
class PlainScorer final : public Scorer {
 public:
  PlainScorer(const Case& of, const ReadyModel& model) : of_(of), model_(model) {}
  std::int32_t outputs() const override { return model_.shape().outputs; }
  Link link() const override { return model_.shape().link; }
  Result<void> score(const ColumnBatch& batch, std::vector<float>& margins) const override {
    margins.resize(static_cast<std::size_t>(batch.rows * outputs()));
    predict_margins(
        model_.model(),
        {of_.features.data(), batch.rows,
         static_cast<std::int32_t>(of_.manifest.program.features.size()), 1, batch.rows},
        margins);
    return {};
  }

 private:
  const Case& of_;
  const ReadyModel& model_;
};

TEST_CASE("fusion: a scorer changes over to code while several threads score") {
  if (compiler() == nullptr) return;
  Dice dice(13);
  const auto of = random_case(dice, 1000);
  auto forest = random_forest(
      dice, {.trees = 50, .features = static_cast<int>(of.manifest.program.features.size())});
  const auto ready = std::make_shared<const ReadyModel>(std::move(forest));
  const TieredScorer scorer(std::make_unique<PlainScorer>(of, *ready), of.manifest, ready,
                            {of.inputs, {}}, {});
  std::vector<float> expected;
  REQUIRE(PlainScorer(of, *ready).score(of.batch, expected).ok());
  std::atomic<int> wrong = 0;
  const auto score = [&] {
    std::vector<float> margins;
    // The compiler begins when scoring has taken long enough, so this ends.
    for (int after = 0; after < 3; after += scorer.is_compiled() ? 1 : 0) {
      if (!scorer.score(of.batch, margins) || !same_bits(margins, expected)) ++wrong;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(score);
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

/// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "quern-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::vector<std::filesystem::path> files() const {
    return {std::filesystem::directory_iterator(path_), {}};
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

FusionPlan plan_of_one(float weight) {
  FusionPlan plan{.columns = {{"x", TypeKind::float64}}, .features = {{"x", 0}}, .model = {}};
  plan.model = FusedLinear{1, {{0, {weight}, false}}};
  return plan;
}

/// What code makes of a row of 2.
float run_one(const CompiledBlock& code) {
  const std::vector<double> x(kBlockRows, 2);
  Mask all{};
  std::memset(&all, 0xFF, sizeof all);
  alignas(64) float sums[kBlockRows] = {};
  const RawColumn column{x.data(), all.words};
  code.function()(&column, nullptr, sums);
  return sums[7];
}

TEST_CASE("fusion: objects are kept, and what is not as it was stored is compiled anew") {
  if (compiler() == nullptr) return;
  const Folder folder;
  const CodeOptions options{.cache = folder.path().string()};
  for (int round = 0; round < 4; ++round) {
    const auto code = compiler()->compile(plan_of_one(1.5F), options);
    REQUIRE(code.ok());
    CHECK(run_one(**code) == 3);
    REQUIRE(folder.files().size() == 1);
    const auto file = folder.files()[0];
    if (round == 1) std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
    if (round == 2) std::ofstream(file, std::ios::trunc) << "not an object";
  }
  REQUIRE(compiler()->compile(plan_of_one(2.5F), options).ok());
  CHECK(folder.files().size() == 2);
}

TEST_CASE("fusion: a cache keeps within its size, and is not shared with others") {
  if (compiler() == nullptr) return;
  const Folder folder;
  CodeOptions options{.cache = folder.path().string(), .cache_bytes = 12000};
  for (int i = 0; i < 12; ++i)
    REQUIRE(compiler()->compile(plan_of_one(static_cast<float>(i)), options).ok());
  std::uintmax_t total = 0;
  for (const auto& file : folder.files()) total += std::filesystem::file_size(file);
  CHECK(total <= 12000);
  CHECK(total > 0);

  const Folder open;
  std::filesystem::permissions(open.path(), std::filesystem::perms::all);
  options.cache = open.path().string();
  REQUIRE(compiler()->compile(plan_of_one(1), options).ok());
  CHECK(open.files().empty());
}

TEST_CASE("pull back: the threshold of a scaled column is exact") {
  const std::vector<ir::Step> steps{ir::Standardize{3.7, 1.3}};
  const auto pulled = PullBack::make(steps, TypeKind::float64);
  REQUIRE(pulled);
  const auto found = pulled->find(0.25F);
  REQUIRE(found);
  const auto least = std::bit_cast<double>(*found);
  const auto feature = [](double x) { return static_cast<float>((x - 3.7) / 1.3); };
  CHECK_FALSE(feature(least) < 0.25F);
  CHECK(feature(std::nextafter(least, -kInfinity)) < 0.25F);
}

TEST_CASE("pull back: what a logarithm has no value for lies below a floor") {
  const std::vector<ir::Step> steps{ir::Standardize{2, 1}, ir::Logarithm{}};
  const auto pulled = PullBack::make(steps, TypeKind::int32);
  REQUIRE(pulled);
  REQUIRE(pulled->floor());
  CHECK(static_cast<std::int32_t>(*pulled->floor()) == 2);
  CHECK(std::isnan(pulled->of_low()));
  CHECK(static_cast<std::int32_t>(pulled->find(1.0F).value()) == 5);  // log(3) = 1.0986
}

TEST_CASE("pull back: a threshold beyond a kind's values is left alone") {
  const std::vector<ir::Step> none;
  const auto pulled = PullBack::make(none, TypeKind::uint8);
  REQUIRE(pulled);
  CHECK_FALSE(pulled->find(255.5F));
  CHECK(pulled->find(254.5F) == 255);
  CHECK_FALSE(pulled->find(-1.0F));
}

TEST_CASE("pull back: a step that falls is refused") {
  const std::vector<ir::Step> falling{ir::Standardize{0, -1}};
  CHECK_FALSE(PullBack::make(falling, TypeKind::float64));
  const std::vector<ir::Step> identity{ir::Identity{5, true}};
  CHECK_FALSE(PullBack::make(identity, TypeKind::float64));
}

}  // namespace
}  // namespace quern::codegen
