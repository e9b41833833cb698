// What the training library makes of blocks and layers, against plain loops in double, and the way
// a training step goes, against differences of the loss.

#include <algorithm>
#include <map>

#include "network_pages.h"

namespace quern::test {
namespace {

using namespace ir;
using runtime::Loss;
using runtime::NetworkTask;
using Vector = std::vector<double>;

/// A tensor's numbers as double.
Vector numbers_of(const runtime::TrainedModel& model, const std::string& name) {
  const auto floats = tensor_of(model, name);
  return {floats.begin(), floats.end()};
}

/// out = W x + b, with W row-major.
Vector linear(const Vector& w, const Vector& b, const Vector& x) {
  Vector out = b;
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t j = 0; j < x.size(); ++j) out[i] += w[i * x.size() + j] * x[j];
  }
  return out;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// One direction of cells over steps, by the formulas in torch's documentation.
std::vector<Vector> run_cells(const RecurrentLayer& layer, const runtime::TrainedModel& model,
                              const std::string& prefix, const std::string& direction,
                              const std::vector<Vector>& steps) {
  const auto n = static_cast<std::size_t>(layer.outputs);
  Vector h(n), c(n);
  std::vector<Vector> out;
  for (const auto& x : steps) {
    const auto a = linear(numbers_of(model, prefix + "weight_ih_l0" + direction),
                          numbers_of(model, prefix + "bias_ih_l0" + direction), x);
    const auto b = linear(numbers_of(model, prefix + "weight_hh_l0" + direction),
                          numbers_of(model, prefix + "bias_hh_l0" + direction), h);
    for (std::size_t i = 0; i < n; ++i) {
      const auto gate = [&](std::size_t g) { return a[g * n + i] + b[g * n + i]; };
      if (layer.cell == Cell::rnn) {
        h[i] = std::tanh(gate(0));
      } else if (layer.cell == Cell::lstm) {
        c[i] = sigmoid(gate(1)) * c[i] + sigmoid(gate(0)) * std::tanh(gate(2));
        h[i] = sigmoid(gate(3)) * std::tanh(c[i]);
      } else {
        const double z = sigmoid(gate(1));
        const double fresh = std::tanh(a[2 * n + i] + sigmoid(gate(0)) * b[2 * n + i]);
        h[i] = (1 - z) * fresh + z * h[i];
      }
    }
    out.push_back(h);
  }
  return out;
}

/// Both directions; of `whole` each step, else one vector: the last state of each direction.
std::vector<Vector> run_layer(const RecurrentLayer& layer, const runtime::TrainedModel& model,
                              const std::string& prefix, std::vector<Vector> steps) {
  auto out = run_cells(layer, model, prefix, "", steps);
  if (!layer.whole) out.erase(out.begin(), out.end() - 1);
  if (!layer.bidirectional) return out;
  std::reverse(steps.begin(), steps.end());
  auto back = run_cells(layer, model, prefix, "_reverse", steps);
  if (!layer.whole) back.erase(back.begin(), back.end() - 1);
  std::reverse(back.begin(), back.end());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].insert(out[i].end(), back[i].begin(), back[i].end());
  }
  return out;
}

NetworkTask task_of(runtime::PageSource& pages, Network network) {
  NetworkTask task;
  task.train = &pages;
  task.network = std::move(network);
  task.optimizers = {{"SGD", {{"learning_rate", 0.05}}}};
  task.epochs = 2;
  task.batch_rows = 8;
  task.seed = 3;
  return task;
}

/// Sequences of up to four steps of two numbers, some of length 0.
NetworkPages sequences(std::int64_t rows) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  NetworkPages pages(8, 7);
  for (std::int64_t r = 0; r < rows; ++r) {
    std::vector<float> row(8);
    for (auto& x : row) x = normal(random);
    const auto length = random() % 5;
    if (length < 4) row[2 * length] = kNan;
    if (length > 1) row[3] = kNan;  // a number that is NULL within a step reads as 0
    pages.add(row, normal(random));
  }
  return pages;
}

std::vector<Vector> steps_of(const float* row) {
  std::vector<Vector> out;
  for (int s = 0; s < 4 && !std::isnan(row[2 * s]); ++s) {
    out.push_back({row[2 * s], std::isnan(row[2 * s + 1]) ? 0 : row[2 * s + 1]});
  }
  return out;
}

TEST_CASE("cells over sequences of any length are those of their formulas") {
  QUERN_REQUIRE_TORCH();
  auto pages = sequences(40);
  for (const auto cell : {Cell::rnn, Cell::lstm, Cell::gru}) {
    for (const bool both : {false, true}) {
      INFO(static_cast<int>(cell) << (both ? ", both ways" : ""));
      const RecurrentLayer first{cell, 5, both, true}, second{cell, 3, both, false};
      const Network network{
          8, {}, {{"rnn", {SequenceBlock{0, 4, 2}}, {first, second, LinearLayer{1}}}}, 1};
      const auto model = trained(task_of(pages, network));
      const auto margins = margins_of(model, pages);
      for (std::int64_t r = 0; r < pages.rows(); ++r) {
        const auto steps = steps_of(pages.row(r));
        Vector state(both ? 6 : 3);
        if (!steps.empty()) {
          const auto whole = run_layer(first, model, "rnn.layer0.", steps);
          state = run_layer(second, model, "rnn.layer1.", whole).front();
        }
        const double expected = linear(numbers_of(model, "rnn.layer2.weight"),
                                       numbers_of(model, "rnn.layer2.bias"), state)[0];
        CHECK(margins[static_cast<std::size_t>(r)] == Approx(expected).epsilon(1e-5).margin(1e-6));
      }
    }
  }
}

/// Two columns of codes, one of a number, and a group of 12 keys with up to four entries a row.
struct Sparse {
  NetworkPages pages{3, 10};
  explicit Sparse(std::int64_t rows) {
    std::mt19937 random(9);
    std::normal_distribution<float> normal;
    auto& group = pages.groups().emplace_back();
    for (std::int64_t r = 0; r < rows; ++r) {
      std::vector<float> row{static_cast<float>(random() % 5), static_cast<float>(random() % 8),
                             normal(random)};
      if (row[0] == 4) row[0] = kNan;
      std::map<std::uint32_t, float> entries;
      for (auto k = random() % 5; k > 0; --k) entries[random() % 12] = std::fabs(normal(random));
      for (const auto& [key, value] : entries) group.entries.push_back({key, value});
      group.end_row();
      pages.add(row, normal(random));
    }
  }
};

Vector combined(const BagBlock& bag, const Vector& table,
                std::span<const codegen::SparseEntry> row) {
  Vector out(static_cast<std::size_t>(bag.width));
  double sum = 0, squares = 0;
  for (const auto& entry : row) {
    const double w = bag.weighted ? entry.value : 1;
    for (std::size_t k = 0; k < out.size(); ++k) out[k] += w * table[entry.key * out.size() + k];
    sum += w;
    squares += w * w;
  }
  const double by = bag.combiner == Combiner::mean    ? sum
                    : bag.combiner == Combiner::sqrtn ? std::sqrt(squares)
                                                      : 1;
  for (auto& x : out) x = by != 0 ? x / by : 0;
  return out;
}

TEST_CASE("embeddings, bags and one-hot blocks are sums of rows") {
  QUERN_REQUIRE_TORCH();
  Sparse data(50);
  for (const auto combiner : {Combiner::sum, Combiner::mean, Combiner::sqrtn}) {
    for (const bool weighted : {false, true}) {
      const BagBlock bag{0, 12, 2, combiner, weighted}, plain{0, 12, 0, Combiner::sum, weighted};
      const Network network{
          3,
          {12},
          {{"dnn",
            {OneHotBlock{0, 4}, EmbeddingBlock{1, 7, 3}, plain, bag, DenseBlock{2, 1}},
            {LinearLayer{6}, ActivationLayer{Activation::tanh}, LinearLayer{1}}}},
          1};
      const auto model = trained(task_of(data.pages, network));
      const auto margins = margins_of(model, data.pages);
      const auto table = numbers_of(model, "dnn.block1"), bags = numbers_of(model, "dnn.block3");
      for (std::int64_t r = 0; r < data.pages.rows(); ++r) {
        const float* row = data.pages.row(r);
        const auto entries = data.pages.groups()[0].row(r);
        Vector x(4 + 3 + 12);
        if (!std::isnan(row[0])) x[static_cast<std::size_t>(row[0])] = 1;
        if (row[1] < 7) {
          for (std::size_t k = 0; k < 3; ++k)
            x[4 + k] = table[static_cast<std::size_t>(row[1]) * 3 + k];
        }
        for (const auto& entry : entries) x[7 + entry.key] = weighted ? entry.value : 1;
        const auto of_bag = combined(bag, bags, entries);
        x.insert(x.end(), of_bag.begin(), of_bag.end());
        x.push_back(row[2]);
        auto hidden =
            linear(numbers_of(model, "dnn.layer0.weight"), numbers_of(model, "dnn.layer0.bias"), x);
        for (auto& h : hidden) h = std::tanh(h);
        const double expected = linear(numbers_of(model, "dnn.layer2.weight"),
                                       numbers_of(model, "dnn.layer2.bias"), hidden)[0];
        CHECK(margins[static_cast<std::size_t>(r)] == Approx(expected).epsilon(1e-5).margin(1e-6));
      }
    }
  }
}

TEST_CASE("sparse blocks train as the same numbers in columns do") {
  QUERN_REQUIRE_TORCH();
  Sparse data(60);
  NetworkPages dense(12);
  for (std::int64_t r = 0; r < data.pages.rows(); ++r) {
    std::vector<float> row(12);
    for (const auto& entry : data.pages.groups()[0].row(r)) row[entry.key] = entry.value;
    dense.add(row, data.pages.label(r));
  }
  const std::vector<Layer> layers{LinearLayer{4}, ActivationLayer{}, LinearLayer{1}};
  for (const auto* name : {"SGD", "Adam", "Adagrad", "Ftrl", "RMSprop"}) {
    for (const double decay : {0.0, 0.01}) {
      INFO(name << " " << decay);
      auto task =
          task_of(data.pages, {3, {12}, {{"dnn", {BagBlock{0, 12, 0, {}, true}}, layers}}, 1});
      auto other = task_of(dense, {12, {}, {{"dnn", {DenseBlock{0, 12}}, layers}}, 1});
      task.optimizers = other.optimizers = {{name, {}}};
      task.weight_decay = other.weight_decay = decay;
      task.l1 = other.l1 = decay;
      const auto a = tensor_of(trained(task), "dnn.layer0.weight");
      const auto b = tensor_of(trained(other), "dnn.layer0.weight");
      for (std::size_t i = 0; i < a.size(); ++i)
        CHECK(a[i] == Approx(b[i]).epsilon(1e-4).margin(1e-6));
    }
  }
}

TEST_CASE("one step goes down the slope of the loss") {
  QUERN_REQUIRE_TORCH();
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  NetworkPages pages(9, 10);  // a code, two numbers, three steps of a number, three steps of a code
  auto& group = pages.groups().emplace_back();
  for (int r = 0; r < 24; ++r) {
    std::vector<float> row{static_cast<float>(random() % 4)};
    for (int i = 0; i < 5; ++i) row.push_back(normal(random));
    for (int i = 0; i < 3; ++i) row.push_back(static_cast<float>(random() % 3));
    const auto length = random() % 4;
    if (length < 3) row[3 + length] = row[6 + length] = kNan;
    for (std::uint32_t k = 0; k < 3; ++k) {
      const std::uint32_t key = k + 3 * static_cast<std::uint32_t>(random() % 2);
      if (random() % 2 == 0) group.entries.push_back({key, 1 + normal(random)});
    }
    std::sort(group.entries.begin() + group.offsets.back(), group.entries.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    group.end_row();
    pages.add(row, normal(random));
  }
  const Network network{
      9,
      {6},
      {{"dnn",
        {DenseBlock{1, 2}, EmbeddingBlock{0, 4, 2}, OneHotBlock{0, 4},
         BagBlock{0, 6, 2, Combiner::sqrtn, true}, BagBlock{0, 6, 0, Combiner::sum, true}},
        {LinearLayer{5}, ActivationLayer{Activation::swish}, LinearLayer{2}}},
       {"wide", {OneHotBlock{0, 4}, BagBlock{0, 6, 0}}, {ActivationLayer{}, LinearLayer{2, false}}},
       {"rnn",
        {SequenceBlock{3, 3}, SequenceBlock{6, 3, 1, 3, 2}, EmbeddingBlock{0, 4, 1}},
        {RecurrentLayer{Cell::gru, 3, true, true}, RecurrentLayer{Cell::lstm, 2, true},
         LinearLayer{2}}}},
      2};
  auto task = task_of(pages, network);
  task.targets = {1, 2};
  task.batch_rows = 24;
  task.epochs = 0;
  auto begin = trained(task);
  task.epochs = 1;
  task.start = begin.payload;
  const auto end = trained(task);
  auto tensors = *read_tensors(begin.payload);
  const auto after = *read_tensors(end.payload);
  const auto loss_at = [&] {
    begin.payload = write_tensors(tensors);
    const auto margins = margins_of(begin, pages);
    double sum = 0;
    for (std::size_t i = 0; i < margins.size(); ++i) {
      const double d = double{margins[i]} - pages.row(static_cast<std::int64_t>(i / 2))[1 + i % 2];
      sum += d * d;
    }
    return sum / static_cast<double>(margins.size());
  };
  for (std::size_t t = 0; t < tensors.tensors.size(); ++t) {
    auto& values = tensors.tensors[t].values;
    for (std::size_t i = 0; i < values.size(); i += 1 + random() % 3) {
      INFO(tensors.tensors[t].name << "[" << i << "]");
      const float kept = values[i];
      values[i] = kept + 0.01F;
      const double above = loss_at();
      values[i] = kept - 0.01F;
      const double slope = (above - loss_at()) / 0.02;
      values[i] = kept;
      CHECK((kept - after.tensors[t].values[i]) / 0.05 == Approx(slope).epsilon(0.02).margin(2e-3));
    }
  }
}

}  // namespace
}  // namespace quern::test
