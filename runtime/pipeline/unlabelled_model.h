#pragma once
// What a model without a label knows of a row besides its answer: how far the row is from its
// cluster's centre, or from what components or an encoding give back.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codegen/interpret/features.h"
#include "codegen/network/network_model.h"
#include "compiler/ir/manifest.h"

namespace quern::runtime {

/// Computes in double, row by row. Threads: const, re-entrant.
class UnlabelledModel {
 public:
  /// \param columns  of the batches, for each input of the program. The manifest must outlive it.
  /// Errors: corrupt_model, out_of_memory.
  static Result<std::unique_ptr<UnlabelledModel>> make(const ir::Manifest& manifest,
                                                       std::span<const std::uint8_t> payload,
                                                       std::vector<std::size_t> columns);

  struct Row {
    std::vector<double> read;  ///< what the network reads, [names().size()]; NULL is 0
    /// Of clusters where it lies among their centres: as read, or as a deep model encodes it. Else
    /// what is given back, as `read`.
    std::vector<double> made;
  };
  /// Calls `take` for the rows of a batch in their order. Errors: list_length_changed,
  /// bad_vector_text.
  Result<void> each_row(const ColumnBatch& batch,
                        const std::function<void(std::int64_t, const Row&)>& take) const;

  /// To the centre of a cluster.
  double distance(const Row& row, std::size_t cluster) const;
  /// The mean squared difference of what is read and what is given back.
  static double error(const Row& row);

  /// What the network reads: "age", "city = Rome", "words[7]".
  const std::vector<std::string>& names() const { return names_; }
  /// A number as read, as the column has it: less standardized.
  double in_own_units(std::size_t name, double value) const;

  /// Of components: weight of column c in component k at [k * names().size() + c], unit vectors;
  /// and each one's share of the variance.
  const std::vector<double>& loadings() const { return directions_; }
  const std::vector<double>& variance_shares() const { return shares_; }

 private:
  UnlabelledModel(const ir::Manifest& manifest, codegen::NetworkModel model,
                  std::vector<std::size_t> columns);
  Result<void> read_centres(const ir::Tensors& payload);
  Result<void> read_components(const ir::Tensors& payload);
  void name_columns(const ir::FeatureProgram& program);
  std::vector<double> give_back(const std::vector<double>& read) const;

  const ir::Manifest& manifest_;
  codegen::NetworkModel model_;
  ir::Tower made_by_;  ///< the layers that make Row::made
  codegen::FeatureInterpreter features_;
  std::vector<std::string> names_;
  std::vector<std::int32_t> numbers_;  ///< the feature of a name that is a number; else -1
  std::vector<double> origin_;         ///< of clusters and components: the mean of their rows
  std::vector<double> centres_;        ///< [clusters, made]
  std::vector<double> directions_;     ///< [components, names]
  std::vector<double> shares_;
};

}  // namespace quern::runtime
