// Networks: the oracle against answers worked out by hand, and the kernels against the oracle.

#include "codegen/network/network_model.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "codegen/interpret/network.h"
#include "codegen/interpret/network_gradients.h"
#include "codegen/network/kernel.h"
#include "codegen/network/steps.h"
#include "tests/unit/codegen/made_up_networks.h"

namespace quern::codegen {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

std::vector<VectorSet> sets_here() {
  std::vector<VectorSet> out;
  for (const auto set : {VectorSet::portable, VectorSet::avx2, VectorSet::avx512}) {
    if (runs_here(set)) out.push_back(set);
  }
  return out;
}

NetworkModel model_of(ir::Network network, std::vector<std::vector<float>> numbers) {
  NetworkModel model;
  model.features = network.features;
  for (const auto width : network.group_widths) model.features += width;
  model.outputs = network.outputs;
  model.base_margins.assign(static_cast<std::size_t>(network.outputs), 0.0F);
  const auto shapes = ir::tensor_shapes(network);
  REQUIRE(shapes.size() == numbers.size());
  for (std::size_t i = 0; i < shapes.size(); ++i)
    model.tensors.push_back({shapes[i].name, shapes[i].shape, std::move(numbers[i])});
  model.network = std::move(network);
  return model;
}

std::vector<float> oracle(const NetworkModel& model, const std::vector<float>& x,
                          std::int64_t rows) {
  std::vector<float> out(static_cast<std::size_t>(rows * model.outputs));
  predict_margins(model, view_of(x, model, rows), out);
  return out;
}

void check_close(const std::vector<float>& found, const std::vector<float>& wanted) {
  REQUIRE(found.size() == wanted.size());
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double bar = 1e-6 + 1e-5 * std::abs(static_cast<double>(wanted[i]));
    worst = std::max(worst, std::abs(static_cast<double>(found[i]) - wanted[i]) / bar);
  }
  CHECK(worst <= 1);
}

}  // namespace

TEST_CASE("a network of two columns and a category, by hand") {
  const ir::Network network{
      .features = 3,
      .group_widths = {},
      .towers = {{"dnn",
                  {ir::DenseBlock{0, 2}, ir::EmbeddingBlock{2, 2, 1}},
                  {ir::LinearLayer{2}, ir::ActivationLayer{}, ir::LinearLayer{1}}}},
      .outputs = 1};
  const auto model = model_of(network, {{10, 20}, {1, 2, 0.5F, -1, 0, 1}, {0.5F, -1}, {2, 3}, {1}});
  // Hidden: 1*a + 2*b + 0.5*e + 0.5 and -a + e - 1, cut off at 0; margin 2h + 3k + 1.
  const std::vector<float> x{1, 0, -9, 3, kMissing, 0, 1, 7, kMissing};
  // Rows (1, 3, code 1): h = 1+6+10+0.5, k = -1+20-1; (0, NaN, code 7): h = 0.5, k < 0;
  // (-9, 0, NULL): h < 0, k = 9-1.
  CHECK(oracle(model, x, 3) == std::vector<float>{2 * 17.5F + 3 * 18 + 1, 2, 25});
}

TEST_CASE("bags are combined as their combiner says, by hand") {
  const auto margin = [](ir::Combiner combiner, bool weighted) {
    const ir::Network network{.features = 0,
                              .group_widths = {3},
                              .towers = {{"dnn", {ir::BagBlock{0, 3, 1, combiner, weighted}}, {}}},
                              .outputs = 1};
    return oracle(model_of(network, {{10, 100, 1000}}), {3, kMissing, 4}, 1)[0];
  };
  CHECK(margin(ir::Combiner::sum, true) == 3 * 10 + 4 * 1000);
  CHECK(margin(ir::Combiner::sum, false) == 1010);
  CHECK(margin(ir::Combiner::mean, true) == Approx(4030.0 / 7));
  CHECK(margin(ir::Combiner::mean, false) == 505);
  CHECK(margin(ir::Combiner::sqrtn, true) == 4030.0F / 5);
}

TEST_CASE("a cell's state by hand, over sequences that end early") {
  const ir::Network network{
      .features = 3,
      .group_widths = {},
      .towers = {{"rnn", {ir::SequenceBlock{0, 3, 1}}, {ir::RecurrentLayer{ir::Cell::rnn, 1}}}},
      .outputs = 1};
  const auto model = model_of(network, {{0.5F}, {2}, {0.1F}, {0.2F}});
  const std::vector<float> x{1, 1, kMissing, -1, kMissing,
                             5, 2, 5,        5};  // the second ends after one
  const auto step = [](double v, double h) { return std::tanh(0.5 * v + 2 * h + 0.3); };
  const auto out = oracle(model, x, 3);
  CHECK(out[0] == Approx(step(2, step(-1, step(1, 0)))).epsilon(1e-6));
  CHECK(out[1] == Approx(step(1, 0)).epsilon(1e-6));
  CHECK(out[2] == 0);
}

TEST_CASE("kernels of networks agree with the oracle") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    MadeUpNetworks made(seed);
    const auto model = seed % 3 == 2 ? made.recurrent() : made.dense();
    REQUIRE(ir::check(model.network).ok());
    const std::int64_t rows = seed % 5 == 0 ? 5 : 150;
    const auto x = made.rows_for(model, rows);
    const auto wanted = oracle(model, x, rows);
    for (const auto set : sets_here()) {
      INFO("seed " << seed << " " << vector_set_name(set) << "\n" << ir::dump(model.network));
      const auto kernel = make_network_kernel(model, set);
      std::vector<float> out(wanted.size());
      kernel->score(view_of(x, model, rows), out);
      check_close(out, wanted);
    }
  }
}

TEST_CASE("a row has the same bits alone and among others") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    MadeUpNetworks made(seed);
    const auto model = seed % 3 == 2 ? made.recurrent() : made.dense();
    const std::int64_t rows = 70;
    const auto x = made.rows_for(model, rows);
    const auto view = view_of(x, model, rows);
    const auto groups = groups_of(model, view);
    const auto outputs = static_cast<std::size_t>(model.outputs);
    for (const auto set : sets_here()) {
      const auto kernel = make_network_kernel(model, set);
      std::vector<float> together(static_cast<std::size_t>(rows) * outputs);
      kernel->score(view, together, {}, groups);
      for (std::int64_t r = 0; r < rows; ++r) {
        std::vector<float> row;
        for (std::int32_t f = 0; f < model.features; ++f) row.push_back(view.at(r, f));
        std::vector<SparseEntry> entries;
        std::vector<std::size_t> ends;
        for (const auto& group : groups) {
          entries.insert(entries.end(), group.row(r).begin(), group.row(r).end());
          ends.push_back(entries.size());
        }
        std::vector<float> alone(outputs);
        kernel->add_row(row.data(), entries, ends, alone);
        const auto first = together.begin() + r * static_cast<std::ptrdiff_t>(outputs);
        CHECK(std::equal(alone.begin(), alone.end(), first));
      }
    }
  }
}

TEST_CASE("a row-major view and base margins give the same margins") {
  MadeUpNetworks made(7);
  const auto model = made.dense();
  const std::int64_t rows = 20;
  const auto x = made.rows_for(model, rows);
  std::vector<float> by_rows;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int32_t f = 0; f < model.features; ++f)
      by_rows.push_back(x[static_cast<std::size_t>(f * rows + r)]);
  }
  const auto kernel = make_network_kernel(model, VectorSet::portable);
  const auto size = static_cast<std::size_t>(rows * model.outputs);
  std::vector<float> base(size);
  std::iota(base.begin(), base.end(), 1.0F);
  std::vector<float> a(size), b(size);
  kernel->score(view_of(x, model, rows), a, base);
  kernel->score({by_rows.data(), rows, model.features, model.features, 1}, b, base);
  CHECK(a == b);
  auto wanted = oracle(model, x, rows);
  for (std::size_t i = 0; i < size; ++i) wanted[i] += base[i];
  check_close(a, wanted);
}

TEST_CASE("activations of all kernels are those of the textbook") {
  std::vector<float> x;
  for (float v = -30; v <= 30; v += 0.01F) x.push_back(v);
  for (const float v : {0.0F, 1e-8F, -1e-8F, 1e-3F, -1e-3F, 100.0F, -100.0F, 1e4F, -1e4F})
    x.push_back(v);
  x.resize((x.size() + kTile - 1) / kTile * kTile, 1.0F);
  for (const auto set : sets_here()) {
    for (int a = 0; a <= static_cast<int>(ir::Activation::swish); ++a) {
      const auto activation = static_cast<ir::Activation>(a);
      INFO(ir::activation_name(activation) << " " << vector_set_name(set));
      auto y = x;
      network_steps(set).activate(activation, y.data(), static_cast<std::int64_t>(y.size()));
      double worst = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double wanted = activate(activation, x[i]);
        worst = std::max(worst, std::abs(y[i] - wanted) / (1.5e-7 + 2e-6 * std::abs(wanted)));
      }
      CHECK(worst <= 1);
    }
  }
}

TEST_CASE("slopes are those of the activations") {
  for (int a = 0; a <= static_cast<int>(ir::Activation::swish); ++a) {
    const auto activation = static_cast<ir::Activation>(a);
    INFO(ir::activation_name(activation));
    for (double x = -5.03; x < 8; x += 0.37) {
      const double h = 1e-6;
      const double wanted = (activate(activation, x + h) - activate(activation, x - h)) / (2 * h);
      CHECK(slope(activation, x) == Approx(wanted).margin(1e-6));
    }
  }
}

TEST_CASE("integrated gradients sum to the margin") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    MadeUpNetworks made(seed);
    const auto model = seed % 2 == 0 ? made.dense() : made.recurrent();
    const auto x = made.rows_for(model, 3);
    const auto view = view_of(x, model, 3);
    const auto groups = groups_of(model, view);
    const auto width = static_cast<std::size_t>(model.features) + 1;
    std::vector<double> values(width * static_cast<std::size_t>(model.outputs));
    const auto margins = oracle(model, x, 3);
    for (std::int64_t r = 0; r < 3; ++r) {
      explain_row(model, view, r, groups, values);
      for (std::size_t o = 0; o < static_cast<std::size_t>(model.outputs); ++o) {
        double moved = 0;
        for (std::size_t f = 0; f + 1 < width; ++f) moved += values[o * width + f];
        const double margin = margins[static_cast<std::size_t>(r * model.outputs) + o];
        const double bias = values[o * width + width - 1];
        INFO("seed " << seed);
        CHECK(bias + moved == Approx(margin).margin(0.02 * (std::abs(margin - bias) + 0.1)));
      }
    }
  }
}

/// Weights that can be made elsewhere: 1.2 sin(1.7 k), k counting through all tensors from 1.
NetworkModel with_waves(const ir::Network& network) {
  std::vector<std::vector<float>> numbers;
  double k = 0;
  for (const auto& shape : ir::tensor_shapes(network)) {
    std::int64_t size = 1;
    for (const auto n : shape.shape) size *= n;
    auto& tensor = numbers.emplace_back();
    for (std::int64_t i = 0; i < size; ++i)
      tensor.push_back(static_cast<float>(1.2 * std::sin(1.7 * ++k)));
  }
  return model_of(network, std::move(numbers));
}

TEST_CASE("integrated gradients through cells are those of PyTorch's autograd") {
  const ir::Network network{
      .features = 6,
      .group_widths = {},
      .towers = {{"rnn",
                  {ir::SequenceBlock{0, 3, 2}},
                  {ir::RecurrentLayer{ir::Cell::gru, 2, true, true}, ir::DropoutLayer{0.5F},
                   ir::RecurrentLayer{ir::Cell::rnn, 3, false, true},
                   ir::RecurrentLayer{ir::Cell::lstm, 2, true}, ir::LinearLayer{2}}}},
      .outputs = 2};
  const auto model = with_waves(network);
  const std::vector<float> x{0.5F, -1, 2, 0.25F, -0.75F, 1.5F};
  // torch.nn.GRU, RNN and LSTM of PyTorch 1.13 in float64, gradients at 4000 midpoints.
  const std::vector<double> wanted{
      0.021091713, -0.15911465, 0.05703623,  0.001247935,  -0.040924302, 0.032337072, -0.034818634,
      0.025323436, -0.19429539, 0.069843914, 0.0014614368, -0.054524684, 0.044128472, -0.89127376};
  check_close(oracle(model, x, 1), {-0.12314463F, -0.99933657F});
  std::vector<double> values(14);
  explain_row(model, view_of(x, model, 1), 0, {}, values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    INFO(i);
    CHECK(values[i] == Approx(wanted[i]).margin(2e-4));
  }
}

TEST_CASE("a sequence without a step moves nothing") {
  const ir::Network network{
      .features = 3,
      .group_widths = {},
      .towers = {{"rnn",
                  {ir::SequenceBlock{0, 2, 1}, ir::DenseBlock{2, 1}},
                  {ir::RecurrentLayer{ir::Cell::lstm, 2, true, true},
                   ir::RecurrentLayer{ir::Cell::gru, 2}, ir::LinearLayer{1}}}},
      .outputs = 1};
  const auto model = with_waves(network);
  const std::vector<float> x{kMissing, 1, 5};
  std::vector<double> values(4);
  explain_row(model, view_of(x, model, 1), 0, {}, values);
  CHECK(values == std::vector<double>{0, 0, 0, values[3]});
  CHECK(values[3] == Approx(oracle(model, x, 1)[0]));
}

TEST_CASE("integrated gradients of a linear network are its terms") {
  const ir::Network network{
      .features = 2,
      .group_widths = {},
      .towers = {{"linear", {ir::DenseBlock{0, 1}, ir::OneHotBlock{1, 3}}, {ir::LinearLayer{1}}}},
      .outputs = 1};
  const auto model = model_of(network, {{2, 10, 20, 30}, {5}});
  std::vector<double> values(3);
  const std::vector<float> x{-3, 1};
  explain_row(model, view_of(x, model, 1), 0, {}, values);
  CHECK(values[0] == Approx(-6));
  CHECK(values[1] == Approx(20));
  CHECK(values[2] == 5);
}

TEST_CASE("a stored network is read and checked") {
  MadeUpNetworks made(3);
  const auto model = made.dense();
  ir::Tensors stored{.metadata = {{"network", ir::to_json(model.network)}},
                     .tensors = model.tensors};
  auto read = read_network(ir::write_tensors(stored), "squared_error");
  REQUIRE(read.ok());
  CHECK(read->tensors == model.tensors);
  CHECK(read->link == Link::identity);
  CHECK(read->features == model.features);

  const auto refused = [&](const ir::Tensors& bad, const char* objective = "squared_error") {
    const auto result = read_network(ir::write_tensors(bad), objective);
    REQUIRE_FALSE(result.ok());
    return result.errors()[0].code;
  };
  CHECK(refused(stored, "reg:gamma") == Code::corrupt_model);
  auto bad = stored;
  bad.metadata.clear();
  CHECK(refused(bad) == Code::corrupt_model);
  bad = stored;
  bad.tensors.pop_back();
  CHECK(refused(bad) == Code::corrupt_model);
  bad = stored;
  bad.tensors[0].values[0] = kMissing;
  CHECK(refused(bad) == Code::corrupt_model);
  bad = stored;
  bad.tensors[0].shape.push_back(1);
  CHECK(refused(bad) == Code::corrupt_model);
}

}  // namespace quern::codegen
