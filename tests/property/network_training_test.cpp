// Training of networks against answers known otherwise: closed forms, the same rows said in another
// way, and what the interface promises.

#include <algorithm>

#include "network_pages.h"

namespace quern::test {
namespace {

using namespace ir;
using runtime::Loss;
using runtime::NetworkTask;

Network linear_network(std::int32_t features, std::int32_t outputs = 1) {
  return {features, {}, {{"linear", {DenseBlock{0, features}}, {LinearLayer{outputs}}}}, outputs};
}

Network deep_network(std::int32_t features, std::int32_t outputs = 1) {
  return {features,
          {},
          {{"dnn",
            {DenseBlock{0, features}},
            {LinearLayer{16}, BatchNormLayer{}, ActivationLayer{}, DropoutLayer{0.1F},
             LinearLayer{8}, ActivationLayer{Activation::tanh}, LinearLayer{outputs}}}},
          outputs};
}

NetworkTask task_of(runtime::PageSource& pages, Network network, Loss loss) {
  NetworkTask task;
  task.train = &pages;
  task.network = std::move(network);
  task.loss = loss;
  task.optimizers = {{"SGD", {{"learning_rate", 0.1}}}};
  task.batch_rows = 64;
  task.seed = 7;
  return task;
}

/// Three normal features; the label is 2a - b + 0.5 and noise, or whether that is above 0.
NetworkPages made_up(std::int64_t rows, bool classes, unsigned seed = 3,
                     std::int64_t page_rows = 1000) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  NetworkPages pages(3, page_rows);
  for (std::int64_t r = 0; r < rows; ++r) {
    const float a = normal(random), b = normal(random), c = normal(random);
    const float y = 2 * a - b + 0.5F + (classes ? 2 : 0.3F) * normal(random);
    pages.add({a, b, c}, classes ? static_cast<float>(y > 0) : y);
  }
  return pages;
}

/// Solves a small system of equations, row-major with the right side behind, by elimination.
std::vector<double> solve(std::vector<std::vector<double>> m) {
  const auto n = m.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (j == i) continue;
      const double factor = m[j][i] / m[i][i];
      for (std::size_t k = i; k <= n; ++k) m[j][k] -= factor * m[i][k];
    }
  }
  std::vector<double> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(m[i][n] / m[i][i]);
  return out;
}

/// One step of Newton's method for three weights and a bias; `slope` and `curve` of a row's loss by
/// its margin.
template <typename Slope, typename Curve>
std::vector<double> newton(const NetworkPages& pages, std::vector<double> w, Slope slope,
                           Curve curve) {
  std::vector<std::vector<double>> m(4, std::vector<double>(5));
  for (std::int64_t r = 0; r < pages.rows(); ++r) {
    const double x[] = {pages.row(r)[0], pages.row(r)[1], pages.row(r)[2], 1};
    double margin = 0;
    for (int i = 0; i < 4; ++i) margin += w[i] * x[i];
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) m[i][j] += curve(margin) * x[i] * x[j];
      m[i][4] += slope(margin, pages.label(r)) * x[i];
    }
  }
  const auto step = solve(m);
  for (int i = 0; i < 4; ++i) w[i] -= step[i];
  return w;
}

void check_weights(const runtime::TrainedModel& model, const std::vector<double>& expected) {
  const auto weight = tensor_of(model, "linear.layer0.weight");
  for (std::size_t i = 0; i < 3; ++i) CHECK(weight[i] == Approx(expected[i]).margin(2e-4));
  CHECK(tensor_of(model, "linear.layer0.bias")[0] == Approx(expected[3]).margin(2e-4));
}

TEST_CASE("linear regression reaches the least squares") {
  QUERN_REQUIRE_TORCH();
  auto pages = made_up(500, false);
  auto task = task_of(pages, linear_network(3), Loss::squared);
  task.batch_rows = 1000000;
  task.epochs = 200;
  const auto expected = newton(
      pages, {0, 0, 0, 0}, [](double m, double y) { return m - y; }, [](double) { return 1.0; });
  check_weights(trained(task), expected);
}

TEST_CASE("logistic regression reaches Newton's answer") {
  QUERN_REQUIRE_TORCH();
  auto pages = made_up(500, true);
  auto task = task_of(pages, linear_network(3), Loss::logistic);
  task.batch_rows = 500;
  task.epochs = 1000;
  task.optimizers = {{"SGD", {{"learning_rate", 1}, {"momentum", 0.5}}}};
  std::vector<double> w(4);
  const auto p = [](double m) { return 1 / (1 + std::exp(-m)); };
  for (int i = 0; i < 20; ++i) {
    w = newton(
        pages, w, [&](double m, double y) { return p(m) - y; },
        [&](double m) { return p(m) * (1 - p(m)); });
  }
  check_weights(trained(task), w);
}

TEST_CASE("the same training gives the same bytes, another seed gives others") {
  QUERN_REQUIRE_TORCH();
  auto pages = made_up(300, true);
  auto task = task_of(pages, deep_network(3), Loss::logistic);
  task.epochs = 3;
  const auto first = trained(task);
  CHECK(first.payload == trained(task).payload);
  CHECK(first.format == "quern.network");
  CHECK(first.library.starts_with("LibTorch "));
  task.seed = 8;
  CHECK(first.payload != trained(task).payload);
}

TEST_CASE("every optimizer and every loss makes the loss smaller") {
  QUERN_REQUIRE_TORCH();
  auto numbers = made_up(400, false);
  auto classes = made_up(400, true);
  const auto check_falls = [](const NetworkTask& task) {
    const auto model = trained(task);
    CHECK(model.history.back().metrics[0].value < 0.97 * model.history.front().metrics[0].value);
  };
  for (const auto* name :
       {"SGD", "Adam", "AdamW", "Adamax", "Nadam", "Adagrad", "Adadelta", "RMSprop", "Ftrl"}) {
    INFO(name);
    auto task = task_of(classes, deep_network(3), Loss::logistic);
    task.optimizers = {{name, {}}};
    if (std::string(name) == "Ftrl") {  // forgets what weights begin with: for linear models
      task.network = linear_network(3);
      task.optimizers[0].numbers = {{"learning_rate", 0.1}};
    }
    check_falls(task);
  }
  for (const auto loss : {Loss::logistic, Loss::cross_entropy, Loss::squared, Loss::absolute,
                          Loss::huber, Loss::log_cosh, Loss::hinge, Loss::poisson}) {
    INFO(static_cast<int>(loss));
    const bool two = loss == Loss::logistic || loss == Loss::cross_entropy || loss == Loss::hinge ||
                     loss == Loss::poisson;
    auto task = task_of(two ? classes : numbers,
                        deep_network(3, loss == Loss::cross_entropy ? 2 : 1), loss);
    task.optimizers = {{"Adam", {{"learning_rate", 0.01}}}};
    check_falls(task);
  }
}

TEST_CASE("early stopping keeps the best epoch") {
  QUERN_REQUIRE_TORCH();
  auto pages = made_up(60, true, 3);
  auto validation = made_up(200, true, 4);
  auto task = task_of(pages, deep_network(3), Loss::logistic);
  task.validation = &validation;
  task.test = &validation;
  task.metrics = {"accuracy", "auc"};
  task.optimizers = {{"Adam", {{"learning_rate", 0.05}}}};
  task.epochs = 200;
  task.early_stopping = 5;
  const auto model = trained(task);
  REQUIRE(model.history.size() < 200);
  const auto loss_of = [](const runtime::RoundReport& report) { return report.metrics[3].value; };
  const auto best =
      std::min_element(model.history.begin(), model.history.end(),
                       [&](const auto& a, const auto& b) { return loss_of(a) < loss_of(b); });
  CHECK(model.best_round == best->round);
  CHECK(model.history.back().round == best->round + 5);
  CHECK(best->metrics[3].data == "validation");
  CHECK(best->metrics[3].metric == "loss");
  for (int i = 0; i < 3; ++i) CHECK(model.test[i].value == best->metrics[i + 3].value);

  double sum = 0, right = 0;
  const auto margins = margins_of(model, validation);
  for (std::int64_t r = 0; r < 200; ++r) {
    const double m = margins[static_cast<std::size_t>(r)];
    sum += std::log1p(std::exp(-m)) + (validation.label(r) == 0 ? m : 0);
    right += (m > 0) == (validation.label(r) == 1);
  }
  CHECK(loss_of(*best) == Approx(sum / 200).epsilon(1e-6));
  CHECK(model.test[1].value == Approx(right / 200));
}

TEST_CASE("a training goes on where another one ended") {
  QUERN_REQUIRE_TORCH();
  auto pages = made_up(200, false);
  auto task = task_of(pages, linear_network(3), Loss::squared);
  task.shuffle = false;
  task.epochs = 5;
  const auto whole = trained(task);
  task.epochs = 3;
  task.start = trained(task).payload;
  task.epochs = 2;
  const auto rest = trained(task);
  CHECK(rest.history.front().round == 4);
  CHECK(rest.history.front().rounds == 5);
  CHECK(rest.payload == whole.payload);
}

TEST_CASE("rows that are read in blocks train as rows in memory do") {
  QUERN_REQUIRE_TORCH();
  auto pages = made_up(1000, false, 3, 128);
  auto task = task_of(pages, deep_network(3), Loss::squared);
  task.shuffle = false;
  task.epochs = 3;
  const auto whole = trained(task);
  task.buffer_bytes = 1;
  CHECK(trained(task).payload == whole.payload);
  task.shuffle = true;
  CHECK(trained(task).payload == trained(task).payload);
}

TEST_CASE("a weight of two is a row twice") {
  QUERN_REQUIRE_TORCH();
  NetworkPages weighted(1), twice(1);
  for (int i = 0; i < 6; ++i) {
    const auto x = static_cast<float>(i) / 3;
    weighted.add({x}, x * x, i % 2 == 0 ? 1.0F : 2.0F);
    for (int k = 0; k <= i % 2; ++k) twice.add({x}, x * x);
  }
  auto task = task_of(weighted, linear_network(1), Loss::squared);
  auto other = task_of(twice, linear_network(1), Loss::squared);
  const auto a = trained(task), b = trained(other);
  CHECK(tensor_of(a, "linear.layer0.weight")[0] ==
        Approx(tensor_of(b, "linear.layer0.weight")[0]).epsilon(1e-5));
  CHECK(a.history.back().metrics[0].value == Approx(b.history.back().metrics[0].value));
}

TEST_CASE("batches of any size train") {
  QUERN_REQUIRE_TORCH();
  for (const std::int64_t rows : {1, 2, 65, 129}) {
    for (const std::int64_t batch : {1, 64, 1000}) {
      INFO(rows << " rows in batches of " << batch);
      auto pages = made_up(rows, false);
      auto task = task_of(pages, deep_network(3), Loss::squared);
      task.batch_rows = batch;
      task.optimizers = {{"Adam", {}}};
      CHECK(std::isfinite(trained(task).history.back().metrics[0].value));
    }
  }
}

TEST_CASE("a batch that goes through in parts is one batch") {
  QUERN_REQUIRE_TORCH();
  // 20000 rows of weight 1 and 2 in one batch, against their 200 distinct rows as often.
  auto few = made_up(200, false);
  NetworkPages many(3), heavy(3);
  for (int copy = 0; copy < 100; ++copy) {
    for (std::int64_t r = 0; r < 200; ++r) {
      const std::vector<float> row(few.row(r), few.row(r) + 3);
      many.add(row, few.label(r), static_cast<float>(1 + r % 2));
      if (copy == 0) heavy.add(row, few.label(r), static_cast<float>(1 + r % 2));
    }
  }
  auto network = deep_network(3);
  auto& layers = network.towers[0].layers;
  layers = {LinearLayer{8}, ActivationLayer{Activation::tanh}, LinearLayer{1}};
  auto task = task_of(many, network, Loss::squared);
  auto other = task_of(heavy, network, Loss::squared);
  task.batch_rows = other.batch_rows = 1000000;
  const auto a = tensor_of(trained(task), "dnn.layer0.weight");
  const auto b = tensor_of(trained(other), "dnn.layer0.weight");
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).epsilon(1e-4).margin(1e-5));
}

TEST_CASE("penalties, clipping and schedules do what they say") {
  QUERN_REQUIRE_TORCH();
  auto pages = made_up(64, false);
  auto task = task_of(pages, linear_network(3), Loss::squared);
  task.epochs = 300;
  const auto norm = [&] {
    double sum = 0;
    for (const float w : tensor_of(trained(task), "linear.layer0.weight")) sum += std::fabs(w);
    return sum;
  };
  const double plain = norm();
  task.l1 = 1;  // each weight that is not 0 loses half of it, for features of variance 1
  CHECK(norm() == Approx(plain - 1).margin(0.25));
  task.l1 = 0;
  task.weight_decay = 1;
  CHECK(norm() < 0.9 * plain);

  // One step from zero: the weights are the rate times the clipped gradient.
  task.weight_decay = 0;
  task.epochs = 1;
  task.clip_norm = 0.01;
  double squares = 0;
  auto model = trained(task);
  for (const float w : tensor_of(model, "linear.layer0.weight")) squares += double{w} * w;
  const double bias = tensor_of(model, "linear.layer0.bias")[0];
  CHECK(std::sqrt(squares + bias * bias) == Approx(0.1 * 0.01).epsilon(1e-4));
  task.clip_norm = 0;
  task.clip_value = 0.01;
  for (const float w : tensor_of(trained(task), "linear.layer0.weight")) {
    CHECK(std::fabs(w) <= 0.1 * 0.01 * 1.0001);
  }
  // An epoch of warm-up with one batch has the whole rate, two have half of it in the first.
  task.clip_value = 0;
  model = trained(task);
  task.schedule.warmup = 2;
  const auto half = trained(task);
  CHECK(tensor_of(half, "linear.layer0.bias")[0] ==
        Approx(tensor_of(model, "linear.layer0.bias")[0] / 2));
}

/// Rows around three far corners of five columns; the label is the corner.
NetworkPages corners(std::int64_t rows) {
  std::mt19937 random(8);
  std::normal_distribution<float> normal;
  NetworkPages pages(5, 50);
  for (std::int64_t r = 0; r < rows; ++r) {
    std::vector<float> row;
    for (int c = 0; c < 5; ++c) row.push_back(0.3F * normal(random) + (c == r % 3 ? 2.0F : 0.0F));
    pages.add(row, static_cast<float>(r % 3));
  }
  return pages;
}

TEST_CASE("an autoencoder of as many units as there are columns of substance gives rows back") {
  QUERN_REQUIRE_TORCH();
  auto pages = corners(300);
  auto task =
      task_of(pages, {5, {}, {{"ae", {DenseBlock{0, 5}}, {LinearLayer{5}, LinearLayer{5}}}}, 5},
              Loss::reconstruction);
  task.targets = {0, 1, 2, 3, 4};
  task.optimizers = {{"Adam", {{"learning_rate", 0.02}}}};
  task.epochs = 60;
  const auto model = trained(task);
  CHECK(model.history.back().metrics[0].value < 1e-3);
  const auto margins = margins_of(model, pages);
  for (std::size_t i = 0; i < margins.size(); ++i) {
    CHECK(margins[i] == Approx(pages.row(static_cast<std::int64_t>(i / 5))[i % 5]).margin(0.2));
  }
}

TEST_CASE("deep clusters find far groups") {
  QUERN_REQUIRE_TORCH();
  auto pages = corners(300);
  runtime::DeepClusterTask task;
  task.train = &pages;
  task.network = {5,
                  {},
                  {{"dec",
                    {DenseBlock{0, 5}},
                    {LinearLayer{12}, ActivationLayer{}, LinearLayer{3}, LinearLayer{3}}}},
                  3};
  task.pretrain_optimizer.numbers = {{"learning_rate", 0.01}};
  task.pretrain_epochs = 20;
  task.most_steps = 200;
  task.update_interval = 20;
  task.batch_rows = 64;
  const auto run = [&] {
    auto model = (*runtime::torch_engine())->cluster(task, {}, {});
    if (!model) FAIL(model.errors().front().message);
    return *std::move(model);
  };
  const auto model = run();
  CHECK(model.history.front().metrics[0].metric == "loss");
  CHECK(model.history.back().metrics[1].metric == "changed");
  const auto margins = margins_of(model, pages);
  std::vector<std::ptrdiff_t> cluster_of(3, -1);
  for (std::int64_t r = 0; r < 300; ++r) {
    const auto* m = margins.data() + r * 3;
    const auto cluster = std::max_element(m, m + 3) - m;
    auto& known = cluster_of[static_cast<std::size_t>(pages.label(r))];
    if (known < 0) known = cluster;
    CHECK(known == cluster);
  }
  CHECK(*read_tensors(model.payload)->text("sizes") == "100 100 100");
  CHECK(run().payload == model.payload);
  task.buffer_bytes = 1;
  CHECK(*read_tensors(run().payload)->text("sizes") == "100 100 100");
  task.network.towers[0].layers.emplace_back(DropoutLayer{});
  CHECK_FALSE((*runtime::torch_engine())->cluster(task, {}, {}).ok());
}

std::string error_of(const NetworkTask& task, Code code) {
  auto engine = runtime::torch_engine();
  REQUIRE(engine.ok());
  const auto model = (*engine)->train(task, {}, {});
  REQUIRE_FALSE(model.ok());
  CHECK(code_number(model.errors().front().code) == code_number(code));
  return model.errors().front().message;
}

TEST_CASE("what goes wrong is said") {
  QUERN_REQUIRE_TORCH();
  auto pages = made_up(200, false);
  auto task = task_of(pages, linear_network(3), Loss::squared);
  task.optimizers[0].numbers = {{"learning_rate", 1e20}};
  CHECK(
      error_of(task, Code::engine_failed).starts_with("the loss is not finite in epoch 1, batch "));
  task.epochs = 1;
  task.batch_rows = 1000;
  task.optimizers[0].numbers = {{"learning_rate", 1e39}};
  CHECK(error_of(task, Code::engine_failed)
            .starts_with("a weight is not finite in epoch 1, batch 1"));
  task.optimizers = {{"Adam", {{"rho", 1}}}};
  CHECK(error_of(task, Code::engine_failed) == "optimizer Adam has no rho");
  task.optimizers = {{"Eve", {}}};
  CHECK(error_of(task, Code::engine_failed) == "there is no optimizer Eve");
  task.optimizers = {{}};
  task.metrics = {"auc"};
  CHECK(error_of(task, Code::engine_failed) == "a network for a number has no metric auc");
  task.metrics = {};
  task.loss = Loss::logistic;
  CHECK(error_of(task, Code::engine_failed).find("expected a class below 2") != std::string::npos);
  task.loss = Loss::squared;
  task.early_stopping = 1;
  CHECK(error_of(task, Code::engine_failed) == "early stopping needs validation rows");
  task.early_stopping = 0;
  auto other = task_of(pages, linear_network(2), Loss::squared);
  other.epochs = 1;
  task.start = trained(other).payload;
  CHECK(error_of(task, Code::corrupt_model) ==
        "tensor linear.layer0.weight is [1, 2], the network has [1, 3]");
  task.start = {};
  task.network = linear_network(4);
  CHECK(error_of(task, Code::engine_failed) ==
        "rows have 3 columns and 0 groups, the network reads 4 and 0");
  NetworkPages none(3);
  CHECK(error_of(task_of(none, linear_network(3), Loss::squared), Code::no_rows) ==
        "there are no rows to train the network on");
}

TEST_CASE("a training that is cancelled ends") {
  QUERN_REQUIRE_TORCH();
  auto pages = made_up(200, false);
  auto task = task_of(pages, linear_network(3), Loss::squared);
  task.epochs = 1000000;
  const CancelToken cancel;
  int rounds = 0;
  const auto model = (*runtime::torch_engine())->train(task, cancel, [&](const auto& /*report*/) {
    if (++rounds == 3) cancel.request();
  });
  REQUIRE_FALSE(model.ok());
  CHECK(model.errors().front().code == Code::cancelled);
  CHECK(rounds == 3);
}

}  // namespace
}  // namespace quern::test
