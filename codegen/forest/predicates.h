#pragma once
// What a forest asks of a block of rows: which features it splits by, and its distinct predicates,
// each answered once for all trees. Private to codegen/forest.

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "codegen/forest/sliced.h"

namespace quern::codegen {

/// The features that some tree splits by, each a column of the block.
class BlockColumns {
 public:
  /// What one call works in.
  struct Values {
    std::vector<const float*> columns;  ///< [kBlockRows] each
    std::vector<float> copies;
  };

  explicit BlockColumns(const Forest& forest);
  /// The column of each feature; 0 of those that are not used.
  const std::vector<std::uint32_t>& of_features() const { return column_of_; }
  /// The feature of each column.
  const std::vector<std::int32_t>& features() const { return features_; }
  Values make_values() const;
  /// Finds the block's columns, or copies them where they are not as the steps need them.
  void load(const FeatureView& x, Values& values) const;

 private:
  std::vector<std::int32_t> features_;    ///< by column
  std::vector<std::uint32_t> column_of_;  ///< by feature
};

/// The distinct predicates of trees. First all trees are added, then they are numbered.
class Predicates {
 public:
  void add(const Tree& tree);
  void number();

  /// Of those that are numbered; before, of those that are added.
  std::size_t size() const { return numbers_.size(); }
  std::uint32_t number_of(const Tree& tree, const Node& node) const {
    return numbers_.at(key_of(tree, node));
  }
  /// Fills masks[size()]: bit r is set if row r goes right. \param columns  those of `block`.
  /// \param answered  features whose masks are filled already; null: none.
  void answer(const SlicedSteps& steps, const BlockColumns& block, const float* const* columns,
              Mask* masks, const std::vector<bool>* answered = nullptr) const;
  /// Tells who answers in our place what there is to ask.
  void list(BlockQuestions& questions) const;

 private:
  /// Predicates that are answered together: all of a numeric feature, or one of a categorical one.
  struct Group {
    std::int32_t feature = 0;
    std::size_t begin = 0;  ///< of predicates_ and the masks
    std::size_t lefts = 0;
    std::size_t rights = 0;
    std::size_t twins = 0;
    std::size_t first_twin = 0;     ///< of left_of_twin_
    std::int32_t categorical = -1;  ///< of categorical_
  };
  /// A categorical split on its own: what goes_left() needs.
  struct CategoricalSplit {
    Node node;
    Tree sets;  ///< no nodes
  };
  /// What is asked of a feature first; see Questions.
  enum class Kind { left, right, twin, categorical };
  /// Feature, default, threshold, categories: in this order.
  using Key = std::tuple<std::int32_t, bool, float, std::vector<std::uint32_t>>;

  static Key key_of(const Tree& tree, const Node& node);
  static void answer_categories(const CategoricalSplit& split, const float* column, Mask& mask);
  NumberQuestions number_questions(const Group& group) const;
  CategoryQuestion category_question(const Group& group) const;
  Kind kind_of(const Key& key) const;
  void append(const Key& key);

  std::map<Key, std::uint32_t> numbers_;
  std::vector<Predicate> predicates_;
  std::vector<Group> groups_;
  std::vector<std::uint32_t> left_of_twin_;
  std::vector<CategoricalSplit> categorical_;
};

}  // namespace quern::codegen
