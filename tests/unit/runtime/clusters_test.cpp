// Clusters and principal components against scikit-learn 1.2 on the same rows, and against what
// must hold of any answer.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "runtime/engines/cluster_engine.h"
#include "runtime/engines/clusters/kmeans.h"
#include "runtime/engines/clusters/symmetric.h"
#include "tests/property/network_pages.h"

namespace quern::test {
namespace {

using namespace ir;

/// Row r, column c: sin(r (c + 1)) + (r mod 3) c.
NetworkPages made_up(bool weighted = false) {
  NetworkPages pages(4, 7);
  for (int r = 0; r < 60; ++r) {
    std::vector<float> row;
    for (int c = 0; c < 4; ++c)
      row.push_back(static_cast<float>(std::sin(r * (c + 1)) + (r % 3) * c));
    pages.add(row, kNan, weighted ? static_cast<float>(1 + r % 4) : 1);
  }
  return pages;
}

Network flat(std::int32_t columns, std::int32_t outputs) {
  return {columns, {}, {{"m", {DenseBlock{0, columns}}, {LinearLayer{outputs}}}}, outputs};
}

runtime::TrainedModel clustered(const runtime::ClusterTask& task) {
  auto model = runtime::fit_kmeans(task, {}, {});
  if (!model) FAIL(model.errors().front().message);
  return *std::move(model);
}

std::string text_of(const runtime::TrainedModel& model, const char* name) {
  const auto tensors = read_tensors(model.payload);
  REQUIRE(tensors.ok());
  REQUIRE(tensors->text(name) != nullptr);
  return *tensors->text(name);
}

/// The centres, sorted where asked, for clusters have no order.
std::vector<std::vector<float>> centres_of(const runtime::TrainedModel& model, bool sort = true) {
  auto values = tensor_of(model, "m.layer0.weight");
  std::istringstream origin(text_of(model, "origin"));
  std::vector<float> means(4);
  for (auto& x : means) origin >> x;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += means[i % 4];
  std::vector<std::vector<float>> out;
  for (std::size_t i = 0; i < values.size(); i += 4) {
    out.emplace_back(values.begin() + static_cast<long>(i),
                     values.begin() + static_cast<long>(i) + 4);
  }
  if (sort) std::sort(out.begin(), out.end());
  return out;
}

void check_centres(const runtime::TrainedModel& model,
                   const std::vector<std::vector<double>>& expected) {
  const auto centres = centres_of(model);
  REQUIRE(centres.size() == expected.size());
  for (std::size_t k = 0; k < centres.size(); ++k) {
    for (std::size_t c = 0; c < 4; ++c)
      CHECK(centres[k][c] == Approx(expected[k][c]).epsilon(1e-5));
  }
}

TEST_CASE("k-means finds scikit-learn's clusters") {
  auto pages = made_up();
  runtime::ClusterTask task{&pages, flat(4, 3)};
  task.restarts = 5;
  const auto model = clustered(task);
  CHECK(std::stod(text_of(model, "inertia")) == Approx(119.71906658));
  CHECK(text_of(model, "sizes") == "20 20 20");
  check_centres(model, {{0.011081643, -0.047104464, 0.028646164, -0.081557468},
                        {0.039280138, 2.104337788, 4.017546117, 5.948184967},
                        {0.046605184, 0.931234244, 1.976670390, 3.102022338}});
  CHECK(model.payload == clustered(task).payload);
  task.buffer_bytes = 1;
  CHECK(model.payload == clustered(task).payload);

  task.network = flat(4, 5);
  task.restarts = 100;
  task.tolerance = 0;
  // Five clusters have many answers; scikit-learn's best of 200 has 100.70.
  CHECK(std::stod(text_of(clustered(task), "inertia")) < 1.001 * 100.70077635);
}

TEST_CASE("k-means weighs rows") {
  auto pages = made_up(true);
  runtime::ClusterTask task{&pages, flat(4, 3)};
  task.restarts = 5;
  const auto model = clustered(task);
  CHECK(std::stod(text_of(model, "inertia")) == Approx(297.77664928));
  check_centres(model, {{-0.014207661, 2.101811858, 4.071431742, 5.946778803},
                        {-0.001605391, 0.923915004, 2.020261614, 3.105876555},
                        {0.138306446, -0.045115442, 0.037668787, -0.083847782}});
}

TEST_CASE("the largest margin is the nearest centre, and inertia falls") {
  auto pages = made_up();
  runtime::ClusterTask task{&pages, flat(4, 4)};
  std::vector<double> inertia;
  const auto model = runtime::fit_kmeans(task, {}, [&](const runtime::RoundReport& report) {
    inertia.push_back(report.metrics.front().value);
  });
  REQUIRE(model.ok());
  for (std::size_t i = 1; i < inertia.size(); ++i) CHECK(inertia[i] <= inertia[i - 1]);
  CHECK(model->history.size() == inertia.size());
  const auto weight = tensor_of(*model, "m.layer0.weight"),
             bias = tensor_of(*model, "m.layer0.bias");
  const auto centres = centres_of(*model, false);
  for (std::int64_t r = 0; r < pages.rows(); ++r) {
    const float* x = pages.row(r);
    std::vector<double> margins, distances;
    for (std::size_t k = 0; k < 4; ++k) {
      double margin = bias[k], distance = 0;
      for (std::size_t c = 0; c < 4; ++c) {
        margin += double{weight[k * 4 + c]} * x[c];
        distance += std::pow(double{x[c]} - centres[k][c], 2);
      }
      margins.push_back(margin);
      distances.push_back(distance);
    }
    CHECK(std::max_element(margins.begin(), margins.end()) - margins.begin() ==
          std::min_element(distances.begin(), distances.end()) - distances.begin());
  }
}

TEST_CASE("far from 0, near centres are told apart") {
  NetworkPages pages(1);
  for (int r = 0; r < 90; ++r) pages.add({static_cast<float>(2000 + 10 * (r % 3) + r % 2)}, 0);
  const auto model = clustered({&pages, flat(1, 3), 5});
  const auto w = tensor_of(model, "m.layer0.weight"), b = tensor_of(model, "m.layer0.bias");
  CHECK(text_of(model, "sizes") == "30 30 30");
  for (int r = 0; r < 3; ++r) {
    std::vector<float> margins;
    for (std::size_t k = 0; k < 3; ++k)
      margins.push_back(b[k] + w[k] * (2000.5F + 10 * static_cast<float>(r)));
    const auto best = std::max_element(margins.begin(), margins.end()) - margins.begin();
    CHECK(w[static_cast<std::size_t>(best)] == Approx(10 * (r - 1)).margin(0.01));
  }
}

TEST_CASE("an empty cluster moves to the farthest row") {
  const float rows[][1] = {{0}, {1}, {10}, {12}};
  runtime::clusters::Centres centres({0, 100}, {30});
  runtime::clusters::Iteration iteration(centres, 1);
  for (const auto& row : rows) iteration.add(row, 1);
  CHECK(iteration.inertia() == 0 + 1 + 100 + 144);
  CHECK(iteration.means() == std::vector<double>{11.0 / 3, 12});
}

TEST_CASE("clusters that there cannot be are refused") {
  NetworkPages pages(4);
  for (int i = 0; i < 10; ++i) pages.add({1, 2, i % 2 == 0 ? kNan : 0, 4}, 0);
  runtime::ClusterTask task{&pages, flat(4, 3)};
  auto model = runtime::fit_kmeans(task, {}, {});
  REQUIRE_FALSE(model.ok());
  CHECK(model.errors().front().message == "1 distinct row cannot make 3 clusters");
  task.network.towers[0].layers.emplace_back(ActivationLayer{});
  CHECK_FALSE(runtime::fit_kmeans(task, {}, {}).ok());
  NetworkPages none(4);
  CHECK(runtime::fit_kmeans({&none, flat(4, 3)}, {}, {}).errors().front().code == Code::no_rows);
  const CancelToken cancel;
  cancel.request();
  auto full = made_up();
  CHECK(runtime::fit_kmeans({&full, flat(4, 3)}, cancel, {}).errors().front().code ==
        Code::cancelled);
}

TEST_CASE("components are scikit-learn's") {
  auto pages = made_up();
  const auto model = runtime::fit_components({&pages, flat(4, 2)}, {});
  REQUIRE(model.ok());
  const auto weight = tensor_of(*model, "m.layer0.weight"),
             bias = tensor_of(*model, "m.layer0.bias");
  const double expected[] = {0.003485599, 0.286275514,  0.529923121, 0.798257895,
                             0.124735592, -0.558524453, 0.761042062, -0.305461042};
  for (std::size_t i = 0; i < 8; ++i) CHECK(weight[i] == Approx(expected[i]).epsilon(1e-5));
  const double projected[][2] = {
      {-3.735604266, -0.062347241}, {-0.260807086, -0.079502266}, {4.174396436, 0.053262785}};
  for (std::int64_t r = 0; r < 3; ++r) {
    for (std::size_t k = 0; k < 2; ++k) {
      double margin = bias[k];
      for (std::size_t c = 0; c < 4; ++c) margin += double{weight[k * 4 + c]} * pages.row(r)[c];
      CHECK(margin == Approx(projected[r][k]).margin(1e-5));
    }
  }
  CHECK(model->history.front().metrics.front().value ==
        Approx(0.8708549477657073 + 0.0449585169427446));
  CHECK(std::stod(text_of(*model, "explained_variance")) == Approx(10.173445967));

  const auto whitened = runtime::fit_components({&pages, flat(4, 2), true}, {});
  CHECK(tensor_of(*whitened, "m.layer0.weight")[3] ==
        Approx(0.798257895 / std::sqrt(10.173445967)).epsilon(1e-5));
  CHECK(runtime::fit_components({&pages, flat(4, 5)}, {}).errors().front().message ==
        "5 components of 4 columns");
  NetworkPages one(4);
  one.add({1, 2, 3, 4}, 0);
  CHECK(runtime::fit_components({&one, flat(4, 2)}, {}).errors().front().message ==
        "components need two rows or more");
}

TEST_CASE("eigenvectors are what the word says") {
  std::mt19937 random(2);
  std::normal_distribution<double> normal;
  for (const std::size_t n : {1, 2, 3, 10, 60}) {
    for (const int kind : {0, 1, 2, 3}) {  // any, of rank 1, diagonal, nothing
      INFO(n << " rows, kind " << kind);
      std::vector<double> one(n), a(n * n);
      for (auto& x : one) x = normal(random);
      double trace = 0;
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
          double x = kind == 0 ? normal(random) : kind == 1 ? one[i] * one[j] : 0;
          if (kind == 2 && i == j) x = static_cast<double>(i % 3);
          a[i * n + j] = a[j * n + i] = x;
        }
        trace += a[i * n + i];
      }
      const auto eigen = runtime::clusters::find_eigen(a, n);
      REQUIRE(eigen.values.size() == n);
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k) {
        sum += eigen.values[k];
        if (k > 0) CHECK(eigen.values[k] <= eigen.values[k - 1]);
        for (std::size_t l = 0; l <= k; ++l) {
          double product = 0;
          for (std::size_t i = 0; i < n; ++i) product += eigen.vectors[k][i] * eigen.vectors[l][i];
          CHECK(product == Approx(k == l ? 1 : 0).margin(1e-12));
        }
        for (std::size_t i = 0; i < n; ++i) {
          double product = 0;
          for (std::size_t j = 0; j < n; ++j) product += a[i * n + j] * eigen.vectors[k][j];
          CHECK(product == Approx(eigen.values[k] * eigen.vectors[k][i]).margin(1e-11));
        }
      }
      CHECK(sum == Approx(trace).margin(1e-11));
    }
  }
  CHECK(runtime::clusters::find_eigen({std::nan(""), 0, 0, 1}, 2).values.empty());
}

}  // namespace
}  // namespace quern::test
