#pragma once
// What all models are from outside: features in, margins out. Their insides stand in forest.h and
// linear.h.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace quern::codegen {

/// The link function that turns margins into predictions. `shares` leaves them as they are: they
/// are probabilities, of the second of two classes or one a class.
enum class Link : std::uint8_t {
  identity,
  logistic,
  softmax,
  exponential,
  hinge,
  softmax_class,
  shares
};

struct ModelShape {
  std::int32_t features = 0;              ///< columns of the feature matrix
  std::int32_t outputs = 1;               ///< margins a row
  std::vector<float> base_margins = {0};  ///< [outputs], added first
  Link link = Link::identity;
  std::string objective;
  friend bool operator==(const ModelShape&, const ModelShape&) = default;
};

/// Row-major or column-major float32 view of features; NaN is SQL NULL.
struct FeatureView {
  const float* data = nullptr;
  std::int64_t rows = 0;
  std::int32_t features = 0;
  std::int64_t row_stride = 0;      ///< elements from a row to the next
  std::int64_t feature_stride = 0;  ///< elements from a feature to the next
  float at(std::int64_t row, std::int32_t feature) const {
    return data[row * row_stride + feature * feature_stride];
  }
};

/// What the rows' margins begin with, in place of the model's base margins: f32 [rows, outputs],
/// row-major. Empty: the model's own.
using BaseMargins = std::span<const float>;

/// Turns margins [rows, outputs] into predictions in place, in float32 as XGBoost does:
/// probabilities for logistic and softmax, the mean for exponential, 0 or 1 for hinge.
/// softmax_class leaves the class's index in the first element of each row and 0 in the others.
void apply_link(Link link, std::int32_t outputs, std::span<float> margins);

/// The margins that a row begins with. \param base of all rows; see BaseMargins.
std::span<const float> first_margins(const ModelShape& shape, BaseMargins base, std::int64_t row);

}  // namespace quern::codegen
