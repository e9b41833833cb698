#pragma once
// Forests and rows that are made up to be hard for kernels: shapes, splits, covers and values that
// trained models have, and some that they do not.

#include <random>

#include "codegen/forest/forest.h"

namespace quern::codegen {

using Dice = std::mt19937;

/// True with this probability.
bool chance(Dice& dice, double probability);
int pick(Dice& dice, int below);

struct Shape {
  int trees = 10;
  int depth = 4;
  double early = 0;  ///< probability that a node above the last level is a leaf
  int features = 5;
  int outputs = 1;
  int thresholds = 20;     ///< different ones of a feature
  double categorical = 0;  ///< probability that a split is one
  bool weighted = false;
};

Forest random_forest(Dice& dice, const Shape& shape);

/// A tree whose every right child is a leaf.
Tree chain(int depth);

/// A value at a threshold, next to one, or one that is hard; small whole numbers are categories.
float value(Dice& dice, int feature, int thresholds);

}  // namespace quern::codegen
