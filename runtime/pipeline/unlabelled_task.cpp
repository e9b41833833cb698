// Attributes, one by one, and the networks that the rows lay out.

#include "runtime/pipeline/unlabelled_task.h"

#include <algorithm>

#include "base/format.h"
#include "codegen/network/network_model.h"
#include "compiler/ir/tensors.h"
#include "runtime/engines/cluster_engine.h"
#include "runtime/engines/network_engine.h"
#include "runtime/pipeline/network_task.h"
#include "runtime/pipeline/train_task.h"

namespace quern::runtime {
namespace {

using OnRound = std::function<void(const RoundReport&)>;

/// The attributes of one statement. What they fall back on is written down with the model.
class Attributes {
 public:
  Attributes(const ir::Train& statement, TrainTask& task) : statement_(statement), task_(task) {}

  template <typename T>
  T take(const char* name, T otherwise) {
    const auto* setting = ir::find_setting(statement_.settings, name);
    if (setting != nullptr) return static_cast<T>(std::get<Stored<T>>(setting->value));
    const ir::AttributeValue value = static_cast<Stored<T>>(otherwise);
    task_.params.emplace_back(name, ir::format_attribute(value));
    return otherwise;
  }
  /// Of one whose default is no number.
  std::int64_t whole_or(const char* name, std::int64_t otherwise) const {
    const auto* setting = ir::find_setting(statement_.settings, name);
    return setting == nullptr ? otherwise : std::get<std::int64_t>(setting->value);
  }
  SourceSpan place(const char* name) const {
    const auto* setting = ir::find_setting(statement_.settings, name);
    return setting == nullptr ? SourceSpan::none() : setting->value_span;
  }

 private:
  template <typename T>
  using Stored =
      std::conditional_t<std::is_same_v<T, bool>, bool,
                         std::conditional_t<std::is_integral_v<T>, std::int64_t, double>>;

  const ir::Train& statement_;
  TrainTask& task_;
};

/// What the rows' features are as columns, and the network over them.
struct Laid {
  ir::Network network;
  std::int32_t columns = 0;
};

Result<Laid> lay_out(const ir::Train& statement, const Fitted& fitted, std::int32_t outputs) {
  Laid out;
  QUERN_TRY(out.network, ir::lay_out(*statement.network, fitted.program, outputs));
  out.columns = ir::widths(out.network, out.network.towers.front()).front();
  if (out.columns <= kMostColumns) return out;
  return Diagnostic{Code::attribute_range,
                    statement.estimator->name + " reads up to " + std::to_string(kMostColumns) +
                        " columns, the features make " + std::to_string(out.columns),
                    statement.query.span,
                    "a category is one for each of its values: leave it out, or use "
                    "VOCABULARY(column, n)"};
}

/// Rows that cannot make so many clusters, which only k-means can tell, are an error at the number.
/// Other errors of an engine say what to try.
Result<TrainedModel> placed(Result<TrainedModel> model, SourceSpan span) {
  if (model) return model;
  auto errors = std::move(model).errors();
  for (auto& error : errors) {
    if (error.code != Code::engine_failed || !error.hint.empty()) continue;
    error.span = span;
    error.hint = "use fewer clusters";
  }
  return errors;
}

void name_clusters(std::int32_t count, ir::Label& label) {
  label.type.kind = TypeKind::int32;
  for (std::int32_t c = 0; c < count; ++c) label.classes.emplace_back(std::int64_t{c});
}

void name_numbers(std::int32_t count, ir::Label& label) {
  label.type = {.kind = TypeKind::list, .size = count};
}

class Builder {
 public:
  Builder(const plan::Train& plan, Fitted& fitted, std::int64_t block, TrainTask& task)
      : statement_(plan.statement),
        fitted_(fitted),
        block_(block),
        task_(task),
        take_(plan.statement, task) {}

  Result<void> run() {
    if (statement_.booster == "kmeans") return kmeans();
    if (statement_.booster == "dec") return deep_clusters();
    if (statement_.booster == "pca") return components();
    return autoencoder();
  }

 private:
  Result<void> kmeans() {
    ClusterTask task;
    task.buffer_bytes = block_;
    const auto clusters = take_.take<std::int32_t>("model.n_clusters", 8);
    QUERN_TRY(auto laid, lay_out(statement_, fitted_, clusters));
    task.network = std::move(laid.network);
    task.restarts = take_.take<int>("model.kmeans_init", 10);
    task.iterations = take_.take<int>("model.max_iter", 300);
    task.tolerance = take_.take<double>("model.tol", 1e-4);
    task.seed = static_cast<std::uint64_t>(take_.whole_or("seed", 0));
    name_clusters(clusters, fitted_.label);
    task_.fit = [task, span = take_.place("model.n_clusters")](
                    const TrainTask& of, const CancelToken& cancel, const OnRound& on_round) {
      auto run = task;
      run.train = of.train;
      return placed(fit_kmeans(run, cancel, on_round), span);
    };
    return {};
  }

  Result<void> deep_clusters() {
    DeepClusterTask task;
    task.buffer_bytes = block_;
    const auto clusters = take_.take<std::int32_t>("model.n_clusters", 10);
    QUERN_TRY(auto laid, lay_out(statement_, fitted_, clusters));
    task.network = std::move(laid.network);
    task.restarts = take_.take<int>("model.kmeans_init", 20);
    task.pretrain = take_.take("model.run_pretrain", true);
    task.pretrain_epochs = take_.take<int>("model.pretrain_epochs", 30);
    task.pretrain_optimizer.numbers = {
        {"learning_rate", take_.take<double>("model.pretrain_lr", 0.001)}};
    task.optimizer.numbers = {{"learning_rate", take_.take<double>("model.train_lr", 0.01)},
                              {"momentum", 0.9}};
    task.batch_rows = take_.take<std::int64_t>("train.batch_size", 256);
    task.most_steps = take_.take<int>("model.train_max_iters", 8000);
    task.update_interval = take_.take<int>("model.update_interval", 100);
    task.tolerance = take_.take<double>("model.tol", 1e-4);
    task.seed = static_cast<std::uint64_t>(take_.whole_or("seed", 0));
    task.threads = static_cast<int>(take_.whole_or("nthread", 0));
    task_.params.emplace_back("network", ir::plan_words(*statement_.network));
    name_clusters(clusters, fitted_.label);
    task_.fit = [task, span = take_.place("model.n_clusters")](
                    const TrainTask& of, const CancelToken& cancel,
                    const OnRound& on_round) -> Result<TrainedModel> {
      QUERN_TRY(auto* engine, torch_engine());
      auto run = task;
      run.train = of.train;
      return placed(engine->cluster(run, cancel, on_round), span);
    };
    return {};
  }

  Result<void> components() {
    constexpr std::int32_t kUsual = 10;
    ComponentTask task;
    task.buffer_bytes = block_;
    QUERN_TRY(auto laid, lay_out(statement_, fitted_, 1));
    const auto count =
        take_.take<std::int32_t>("model.n_components", std::min(laid.columns, kUsual));
    if (count > laid.columns) {
      return Diagnostic{Code::attribute_range,
                        "model.n_components is " + std::to_string(count) + ", the features make " +
                            counted(laid.columns, "column"),
                        take_.place("model.n_components")};
    }
    QUERN_TRY(laid, lay_out(statement_, fitted_, count));
    task.network = std::move(laid.network);
    task.whiten = take_.take("model.whiten", false);
    name_numbers(count, fitted_.label);
    task_.fit = [task](const TrainTask& of, const CancelToken& cancel, const OnRound&) {
      auto run = task;
      run.train = of.train;
      return fit_components(run, cancel);
    };
    return {};
  }

  Result<void> autoencoder() {
    const auto rows = task_.train->rows();
    auto task = network_settings(statement_, fitted_.objective->name, rows);
    QUERN_TRY(auto laid, lay_out(statement_, fitted_, 1));
    const auto size = take_.take<std::int32_t>("model.encoding_size",
                                               std::clamp(laid.columns / 2, 1, kMostNumbers));
    task.network = std::move(laid.network);
    task_.encoder_layers = give_back(size, laid.columns, task.network);
    if (!task_.start.empty()) QUERN_CHECK(go_on(task.network));
    auto encoder = task.network;
    encoder.towers.front().layers.resize(task_.encoder_layers);
    name_numbers(ir::widths(encoder, encoder.towers.front()).back(), fitted_.label);
    if (task_.rounds == 0) task_.rounds = default_epochs(rows, task.batch_rows);
    task_.network = std::make_shared<const NetworkTask>(std::move(task));
    return {};
  }

  /// Puts the encoding behind the hidden layers, and behind it their mirror image; layers that
  /// encode.
  static std::size_t give_back(std::int32_t size, std::int32_t columns, ir::Network& network) {
    auto& layers = network.towers.front().layers;
    layers.pop_back();  // that of an output
    const auto hidden = layers;
    layers.emplace_back(ir::LinearLayer{size});
    const auto encoding = layers.size();
    std::size_t end = hidden.size();
    while (end > 0) {
      auto begin = end - 1;
      while (!std::holds_alternative<ir::LinearLayer>(hidden[begin])) --begin;
      layers.insert(layers.end(), hidden.begin() + static_cast<std::ptrdiff_t>(begin),
                    hidden.begin() + static_cast<std::ptrdiff_t>(end));
      end = begin;
    }
    layers.emplace_back(ir::LinearLayer{columns});
    network.outputs = columns;
    return encoding;
  }

  /// The layers, and how many encode, are those of the model that is gone on from.
  Result<void> go_on(ir::Network& network) {
    QUERN_CHECK(keep_network(statement_, task_, network));
    QUERN_TRY(const auto stored, codegen::read_network(task_.start, fitted_.objective->name));
    task_.encoder_layers = stored.network.towers.front().layers.size();
    return {};
  }

  static constexpr std::int32_t kMostNumbers = 16;  ///< of an encoding, unless more are asked for

  const ir::Train& statement_;
  Fitted& fitted_;
  std::int64_t block_;  ///< bytes
  TrainTask& task_;
  Attributes take_;
};

}  // namespace

Result<void> add_unlabelled(const plan::Train& plan, Fitted& fitted,
                            std::optional<std::int64_t> memory, TrainTask& task) {
  return Builder(plan, fitted, block_bytes(memory), task).run();
}

Result<std::vector<std::uint8_t>> with_encoder(const std::vector<std::uint8_t>& payload,
                                               std::size_t layers) {
  QUERN_TRY(auto tensors, ir::read_tensors(payload));
  tensors.metadata.emplace_back(codegen::kEncoderLayers, std::to_string(layers));
  std::sort(tensors.metadata.begin(), tensors.metadata.end());
  return ir::write_tensors(tensors);
}

}  // namespace quern::runtime
