// What trains networks without the library: optimizers, schedules and losses against figures of
// PyTorch 1.13 (Ftrl: of TensorFlow's formulas in NumPy), rows in blocks, and what weights begin
// with.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "runtime/dataset/pages.h"
#include "runtime/engines/torch/batches.h"
#include "runtime/engines/torch/initial_weights.h"
#include "runtime/engines/torch/loss.h"
#include "runtime/engines/torch/rate.h"
#include "runtime/engines/torch/row_reader.h"
#include "runtime/engines/torch/soft_clusters.h"
#include "runtime/engines/torch/table.h"
#include "runtime/engines/torch/tower_input.h"
#include "runtime/engines/torch/update_rule.h"

namespace quern::runtime::training {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Weights after six steps whose gradients are sin(1 + t + 2i).
std::vector<float> six_steps(const Optimizer& optimizer, std::vector<float> w) {
  auto rule = make_update_rule(optimizer);
  REQUIRE(rule.ok());
  std::vector<std::vector<float>> kept(static_cast<std::size_t>((*rule)->states()),
                                       std::vector<float>(3));
  std::vector<float*> states;
  for (auto& state : kept) states.push_back(state.data());
  (*rule)->begin(w.data(), states.data(), 3);
  for (int t = 0; t < 6; ++t) {
    std::vector<float> g;
    for (int i = 0; i < 3; ++i) g.push_back(static_cast<float>(std::sin(1 + t + 2 * i)));
    (*rule)->begin_step((*rule)->learning_rate());
    (*rule)->update(w.data(), g.data(), states.data(), 3);
  }
  return w;
}

TEST_CASE("optimizers step as PyTorch's do") {
  const std::vector<std::pair<Optimizer, std::vector<double>>> cases{
      {{"SGD", {}}, {0.501032538, -0.297923226, 0.197238976}},
      {{"SGD", {{"learning_rate", 0.1}, {"momentum", 0.9}}},
       {0.100054275, 0.12552752, 0.245781863}},
      {{"SGD", {{"learning_rate", 0.1}, {"momentum", 0.9}, {"nesterov", 1}}},
       {0.150374232, 0.103742509, 0.213593432}},
      {{"Adam", {}}, {0.497132777, -0.298590613, 0.201353413}},
      {{"Adam",
        {{"learning_rate", 0.05},
         {"beta_1", 0.8},
         {"beta_2", 0.9},
         {"epsilon", 0.01},
         {"amsgrad", 1}}},
       {0.381012383, -0.235995879, 0.249237728}},
      {{"AdamW", {{"weight_decay", 0.1}}}, {0.496834052, -0.298410824, 0.201232626}},
      {{"Adamax", {}}, {0.494683271, -0.298627216, 0.202506771}},
      // Of PyTorch 2; in 1.13 one product is wrong. From its formulas in NumPy.
      {{"Nadam", {}}, {0.498826199, -0.300116922, 0.200233278}},
      {{"Adagrad", {{"learning_rate", 0.1}, {"initial_accumulator_value", 0.1}}},
       {0.444626581, -0.254092307, 0.212403117}},
      {{"Adadelta", {}}, {0.500725324, -0.301048729, 0.198786199}},
      {{"RMSprop", {}}, {0.43889012, -0.305525972, 0.21518382}},
      {{"RMSprop", {{"momentum", 0.9}, {"centered", 1}, {"rho", 0.8}}},
       {0.353726701, -0.264670624, 0.250555796}}};
  for (const auto& [optimizer, expected] : cases) {
    INFO(optimizer.name << " with " << optimizer.numbers.size() << " numbers");
    const auto w = six_steps(optimizer, {0.5F, -0.3F, 0.2F});
    for (std::size_t i = 0; i < 3; ++i) CHECK(w[i] == Approx(expected[i]).epsilon(2e-6));
  }
}

TEST_CASE("Ftrl steps by its formulas and keeps weights it begins with") {
  const std::vector<std::pair<Optimizer, std::vector<double>>> cases{
      {{"Ftrl", {}}, {-0.000553734191, 0.000459076927, 0.000124031173}},
      {{"Ftrl",
        {{"learning_rate", 0.1},
         {"l1_regularization_strength", 0.3},
         {"l2_regularization_strength", 0.2},
         {"beta", 0.5}}},
       {-0.00471890212, 0.0152735985, 0}},
      {{"Ftrl", {{"learning_rate", 0.1}, {"learning_rate_power", -0.7}}},
       {-0.0735688269, 0.0399638309, 0.0246901316}}};
  for (const auto& [optimizer, expected] : cases) {
    const auto w = six_steps(optimizer, {0, 0, 0});
    for (std::size_t i = 0; i < 3; ++i)
      CHECK(w[i] == Approx(expected[i]).epsilon(2e-5).margin(1e-9));
    auto rule = make_update_rule(optimizer);
    float weight = -0.25F, slope = 0, sum = 0, linear = 0;
    float* states[] = {&sum, &linear};
    (*rule)->begin(&weight, states, 1);
    (*rule)->begin_step((*rule)->learning_rate());
    (*rule)->update(&weight, &slope, states, 1);
    CHECK(weight == Approx(-0.25).epsilon(1e-5));
  }
}

std::vector<double> factors(const Schedule& schedule, int epochs,
                            const std::vector<double>& losses) {
  Rate rate(schedule, epochs, 4);
  std::vector<double> out;
  for (int e = 0; e < epochs; ++e) {
    out.push_back(rate.factor(e, 2));
    rate.end_epoch(losses.empty() ? 1 : losses[static_cast<std::size_t>(e)]);
  }
  return out;
}

TEST_CASE("the learning rate changes as PyTorch's schedulers say") {
  using Kind = Schedule::Kind;
  const auto check = [](const std::vector<double>& found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i]));
  };
  check(factors({Kind::constant}, 2, {}), {1, 1});
  check(factors({Kind::step, 0.5, 3}, 8, {}), {1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25});
  check(factors({Kind::exponential, 0.9}, 5, {}), {1, 0.9, 0.81, 0.729, 0.6561});
  check(factors({Kind::cosine}, 6, {}), {1, 0.933012702, 0.75, 0.5, 0.25, 0.0669872981});
  check(factors({Kind::plateau, 0.5, 1}, 9, {3, 2, 2, 2, 2, 2, 1.9999, 1, 1}),
        {1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25});
  check(factors({Kind::step, 0.5, 1, 2}, 4, {}), {3 / 8.0, 7 / 8.0, 1, 0.5});
}

struct Measured {
  double loss;
  std::vector<float> slopes;
};

Measured measured(Loss loss, std::int32_t outputs, const std::vector<float>& margins,
                  const std::vector<float>& labels, const std::vector<float>& weights = {}) {
  Measured out{0, std::vector<float>(margins.size())};
  const Truth truth{static_cast<std::int64_t>(margins.size()) / outputs, outputs, labels.data(),
                    weights.empty() ? nullptr : weights.data()};
  const auto sum = measure_loss(loss, truth, margins.data(), out.slopes.data());
  out.loss = sum.loss / sum.weight;
  return out;
}

TEST_CASE("losses and their slopes are PyTorch's") {
  const auto check = [](const Measured& found, double loss, const std::vector<double>& slopes) {
    CHECK(found.loss == Approx(loss));
    for (std::size_t i = 0; i < slopes.size(); ++i) CHECK(found.slopes[i] == Approx(slopes[i]));
  };
  const std::vector<float> m{-2, 0.3F, 4, 0.5F}, y{0, 1, 1, 0}, t{-1.5F, 2, 4, 0.1F};
  check(measured(Loss::logistic, 1, m, y), 0.418377542,
        {0.0298007305, -0.106389371, -0.00449655249, 0.155614833});
  check(measured(Loss::squared, 1, m, t), 0.825, {-0.25, -0.85, 0, 0.2});
  check(measured(Loss::reconstruction, 2, m, t), 0.825, {-0.25, -0.85, 0, 0.2});
  check(measured(Loss::absolute, 1, m, t), 0.65, {-0.25, -0.25, 0, 0.25});
  check(measured(Loss::huber, 1, m, t), 0.35125, {-0.125, -0.25, 0, 0.1});
  check(measured(Loss::poisson, 1, m, y), 13.3580163,
        {0.0338338208, 0.0874647019, 13.3995375, 0.412180318});
  check(measured(Loss::hinge, 1, m, y), (0 + 0.7 + 0 + 1.5) / 4, {0, -0.25, 0, 0.25});
  check(measured(Loss::cross_entropy, 3, {1, 2, -1, 0, 0, 3}, {2, 0}, {1, 3}), 3.15844527,
        {0.0648741151, 0.176346128, -0.241220243, -0.716041124, 0.0339588756, 0.682082249});
}

TEST_CASE("slopes are differences of the loss, and no margin is too large") {
  for (const auto loss :
       {Loss::logistic, Loss::squared, Loss::huber, Loss::log_cosh, Loss::poisson}) {
    for (const float m : {-30.0F, -0.7F, 0.2F, 3.0F}) {
      INFO(static_cast<int>(loss) << " at " << m);
      const float step = std::max(0.004F, std::fabs(m) / 512);
      const auto at = [&](float x) { return measured(loss, 1, {x}, {1}).loss; };
      const double slope = (at(m + step) - at(m - step)) / (2 * double{step});
      CHECK(measured(loss, 1, {m}, {1}).slopes[0] == Approx(slope).epsilon(1e-3).margin(1e-4));
    }
  }
  for (const auto loss : {Loss::logistic, Loss::log_cosh, Loss::hinge}) {
    CHECK(std::isfinite(measured(loss, 1, {1e30F, -1e30F}, {1, 1}).loss));
  }
  CHECK(measured(Loss::cross_entropy, 2, {1e30F, -1e30F}, {0}).loss == 0);
  // A row of weight 0 is left out whatever its loss, and no rows have no slope.
  const auto left_out = measured(Loss::poisson, 1, {1e30F, 0}, {1, 1}, {0, 2});
  CHECK(left_out.loss == 1);
  CHECK(left_out.slopes == std::vector<float>{0, 0});
  CHECK(measured(Loss::squared, 1, {1}, {3}, {0}).slopes[0] == 0);
}

TEST_CASE("batches have every row once") {
  Random random(1, 2);
  for (const std::int64_t rows : {1, 2, 10, 11, 21}) {
    for (const std::int64_t size : {1, 5, 10, 100}) {
      Batches batches(rows, size, &random);
      std::vector<std::int64_t> seen;
      std::int64_t count = 0;
      for (auto batch = batches.next(); !batch.empty(); batch = batches.next()) {
        seen.insert(seen.end(), batch.begin(), batch.end());
        ++count;
        if (size > 1 && rows > 1) CHECK(batch.size() > 1);
      }
      CHECK(count == batch_count(rows, size));
      std::sort(seen.begin(), seen.end());
      std::vector<std::int64_t> all(static_cast<std::size_t>(rows));
      std::iota(all.begin(), all.end(), 0);
      CHECK(seen == all);
    }
  }
}

/// Pages of some rows whose one feature and label count up; fails in a page if told to.
class CountingPages final : public PageSource {
 public:
  CountingPages(std::int64_t pages, std::int64_t failing = -1) : pages_(pages), failing_(failing) {}
  std::int64_t rows() const override { return pages_ * kRows; }
  std::int32_t features() const override { return 1; }
  void rewind() override { next_ = 0; }
  Result<bool> next(PageView& page) override {
    if (next_ == failing_) return Diagnostic{Code::database_error, "the file is gone"};
    if (next_ == pages_) return false;
    std::iota(values_.begin(), values_.end(), static_cast<float>(next_++ * kRows));
    page = {values_.data(), kRows, kRows, values_.data()};
    return true;
  }

 private:
  static constexpr std::int64_t kRows = 10;
  std::int64_t pages_, failing_;
  std::int64_t next_ = 0;
  std::vector<float> values_ = std::vector<float>(kRows);
};

TEST_CASE("blocks have all rows in their order, again and again") {
  std::mutex reading;
  for (const std::int64_t bytes : {1, 200, 1000000}) {
    CountingPages source(7);
    RowReader reader(source, bytes, reading);
    for (int pass = 0; pass < 3; ++pass) {
      float expected = 0;
      for (bool last = false; !last;) {
        const auto block = reader.next({});
        REQUIRE(block.ok());
        for (std::int64_t r = 0; r < (*block)->rows; ++r) {
          CHECK((*block)->row(r)[0] == expected);
          CHECK((*block)->labels[static_cast<std::size_t>(r)] == expected++);
        }
        last = (*block)->last;
      }
      CHECK(expected == 70);
    }
  }
}

TEST_CASE("two readers take turns at pages that lie in files") {
  PageStore store(2, 100, {.marked = true});
  store.keep_in_memory(100 * 2 * 4);
  for (int r = 0; r < 5000; ++r) {
    const auto slot = store.reserve(1);
    for (int f = 0; f < 2; ++f) slot.features[f * slot.stride] = static_cast<float>(2 * r + f);
    *slot.labels = static_cast<float>(r);
    *slot.marks = r % 3 == 0 ? 1 : 0;
  }
  store.split();
  const std::vector<std::uint8_t> learned{0}, validation{1};
  const auto train = store.part(learned), other = store.part(validation);
  std::mutex reading;
  RowReader a(*train, 1000, reading), b(*other, 1000, reading);
  std::int64_t rows_a = 0, rows_b = 0;
  const auto take = [](RowReader& reader, std::int64_t& rows, int mark) {
    const auto block = reader.next({});
    REQUIRE(block.ok());
    for (std::int64_t r = 0; r < (*block)->rows; ++r) {
      const auto label = static_cast<std::int64_t>((*block)->labels[static_cast<std::size_t>(r)]);
      CHECK((label % 3 == 0 ? 1 : 0) == mark);
      CHECK((*block)->row(r)[0] == static_cast<float>(2 * label));
      CHECK((*block)->row(r)[1] == static_cast<float>(2 * label + 1));
    }
    rows += (*block)->rows;
  };
  for (int i = 0; rows_a < 2 * train->rows(); ++i) {
    take(a, rows_a, 0);
    if (i % 2 == 0) take(b, rows_b, 1);
  }
  CHECK(rows_a == 2 * 3333);
  CHECK(rows_b >= 1667);
}

TEST_CASE("a reader passes errors on, and may be left at any time") {
  std::mutex reading;
  CountingPages failing(5, 3);
  RowReader reader(failing, 1, reading);
  for (int i = 0; i < 3; ++i) CHECK(reader.next({}).ok());
  const auto fourth = reader.next({});
  REQUIRE_FALSE(fourth.ok());
  CHECK(fourth.errors().front().message == "the file is gone");

  for (int blocks = 0; blocks < 4; ++blocks) {
    CountingPages source(5);
    RowReader left(source, 1, reading);
    for (int i = 0; i < blocks; ++i) CHECK(left.next({}).ok());
  }
}

TEST_CASE("a block reads groups, and refuses what networks cannot use") {
  std::vector<codegen::SparseRows> groups(1);
  for (const std::uint32_t keys : {2, 0, 3}) {
    for (std::uint32_t k = 0; k < keys; ++k) groups[0].entries.push_back({k, 0.5F});
    groups[0].end_row();
  }
  const float values[] = {1, 2};
  PageView page{values, 2, 2};
  page.sparse = groups;
  page.first = 1;
  RowBlock block;
  REQUIRE(block.append(page, 1).ok());
  CHECK(block.sparse[0].row(0).empty());
  CHECK(block.sparse[0].row(1).size() == 3);
  page.margins = values;
  CHECK(block.append(page, 1).errors().front().message ==
        "a network cannot use ranked groups, upper bounds or base margins");
}

TEST_CASE("clusters grow clearer down the slope of the divergence") {
  SoftClusters soft{2, 3, {0, 0, 1, 0.5F, -1, 2}};
  const std::vector<float> point{0.3F, 0.7F};
  std::vector<double> q(3);
  soft.shares(point.data(), q.data());
  double total = 0;
  const double heavy[] = {1 / (1 + 0.09 + 0.49), 1 / (1 + 0.49 + 0.04), 1 / (1 + 1.69 + 1.69)};
  for (const double h : heavy) total += h;
  for (std::size_t k = 0; k < 3; ++k) CHECK(q[k] == Approx(heavy[k] / total).epsilon(1e-6));

  // Two points: q^2 / f, by hand.
  std::vector<float> shares{0.5F, 0.25F, 0.25F, 0.25F, 0.25F, 0.5F};
  soft.sharpen(shares);
  const double a = 0.25 / 0.75, b = 0.0625 / 0.5, c = 0.0625 / 0.75;
  CHECK(shares[0] == Approx(a / (a + b + c)));
  CHECK(shares[1] == Approx(b / (a + b + c)));
  CHECK(shares[5] == Approx(a / (a + b + c)));

  const std::vector<float> aim{0.2F, 0.7F, 0.1F};
  std::vector<float> slope(2), centre_slopes(6), unused(2), rest(6);
  const double at = soft.add_slopes(point.data(), aim.data(), 1, slope.data(), centre_slopes);
  CHECK(at > 0);
  const auto divergence = [&](const std::vector<float>& x) {
    return soft.add_slopes(x.data(), aim.data(), 1, unused.data(), rest);
  };
  const float step = 1e-3F;
  CHECK(slope[0] == Approx((divergence({0.3F + step, 0.7F}) - divergence({0.3F - step, 0.7F})) /
                           (2 * double{step}))
                        .epsilon(1e-3));
  for (std::size_t i = 0; i < 6; ++i) {
    const float kept = soft.centres[i];
    soft.centres[i] = kept + step;
    const double above = divergence(point);
    soft.centres[i] = kept - step;
    CHECK(centre_slopes[i] ==
          Approx((above - divergence(point)) / (2 * double{step})).epsilon(2e-3).margin(1e-5));
    soft.centres[i] = kept;
  }
}

TEST_CASE("weights begin as torch's layers do") {
  using namespace ir;
  const Network network{
      3,
      {50},
      {{"dnn",
        {DenseBlock{0, 2}, EmbeddingBlock{2, 400, 4}, BagBlock{0, 50, 0}},
        {LinearLayer{32}, BatchNormLayer{}, ActivationLayer{}, LinearLayer{1}}},
       {"wide", {DenseBlock{0, 3}}, {LinearLayer{1}}},
       {"cells", {SequenceBlock{0, 3}}, {RecurrentLayer{Cell::gru, 9, true}, LinearLayer{1}}}},
      1};
  const auto weights = initial_weights(network, 1);
  const auto shapes = tensor_shapes(network);
  REQUIRE(weights.tensors.size() == shapes.size());
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    CHECK(weights.tensors[i].name == shapes[i].name);
    CHECK(weights.tensors[i].shape == shapes[i].shape);
  }
  const auto most = [&](const char* name) {
    float out = 0;
    for (const float w : weights.find(name)->values) out = std::max(out, std::fabs(w));
    return out;
  };
  const auto within = [&](const char* name, double bound) {
    CHECK(most(name) <= bound);
    CHECK(most(name) >= 0.5 * bound);
  };
  within("dnn.layer0.weight", 1 / std::sqrt(56.0));
  within("dnn.layer0.bias", 1 / std::sqrt(56.0));
  within("dnn.layer3.weight", 1 / std::sqrt(32.0));
  within("cells.layer0.weight_hh_l0_reverse", 1 / 3.0);
  CHECK(most("wide.layer0.weight") == 0);
  CHECK(weights.find("dnn.layer1.weight")->values == std::vector<float>(32, 1));
  CHECK(weights.find("dnn.layer1.running_mean")->values == std::vector<float>(32, 0));
  CHECK(weights.find("dnn.layer1.running_var")->values == std::vector<float>(32, 1));
  double sum = 0, squares = 0;
  for (const float w : weights.find("dnn.block1")->values) {
    sum += w;
    squares += double{w} * w;
  }
  CHECK(sum / 1600 == Approx(0).margin(0.1));
  CHECK(squares / 1600 == Approx(1).margin(0.15));
  CHECK(initial_weights(network, 1).tensors == weights.tensors);
  CHECK(initial_weights(network, 2).tensors != weights.tensors);
}

}  // namespace
}  // namespace quern::runtime::training
