// One loop per transform.

#include "codegen/interpret/features.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "base/box.h"
#include "base/format.h"
#include "base/hash.h"
#include "codegen/interpret/date_parts.h"

namespace quern::codegen {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// The nearest double; infinite beyond its range.
double digits_to_double(std::string_view digits) {
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc{}) return value;
  const bool small = digits.substr(0, digits.find('.')).find_first_of("123456789") == digits.npos;
  if (small) return 0;
  return digits.starts_with('-') ? -kInfinity : kInfinity;
}

/// PostgreSQL's and DuckDB's extract(epoch): a year has 365.25 days, a month of a broken one 30.
double interval_seconds(const Interval& value) {
  constexpr __int128 kDay = 86400000000;
  const __int128 years = value.months / 12;
  const __int128 days =
      years * 1461 * kDay / 4 + (value.months % 12 * 30 + __int128{value.days}) * kDay;
  return static_cast<double>(days + value.micros) / 1e6;
}

template <typename T, typename Out>
void copy_values(const Column& column, Out* out) {
  const auto values = column.as<T>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    out[i] = static_cast<Out>(static_cast<double>(values[i]));
  }
}

/// More digits than a double holds: rounded once, from the digits.
double wide_decimal(__int128 value, int scale) {
  const bool negative = value < 0;
  auto rest =
      negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::string digits;
  for (; rest != 0; rest /= 10) digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits_to_double(digits + "e-" + std::to_string(scale));
}

/// Of the many decimals that 64 bits hold, the processor does it itself.
double to_double(__int128 value) {
  const auto narrow = static_cast<std::int64_t>(value);
  return narrow == value ? static_cast<double>(narrow) : static_cast<double>(value);
}

/// The double nearest to each decimal: one division rounds once where both of its sides are exact.
template <typename Out>
void copy_decimals(const Column& column, Out* out) {
  constexpr __int128 kExact = 1LL << 53;
  constexpr int kExactScale = 22;
  const auto values = column.as<__int128>();
  const int scale = column.type.scale;
  const double unit = std::pow(10.0, scale);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = values[i];
    const bool narrow = scale == 0 || (value <= kExact && value >= -kExact && scale <= kExactScale);
    out[i] = static_cast<Out>(narrow || column.is_null(static_cast<std::int64_t>(i))
                                  ? to_double(value) / unit
                                  : wide_decimal(value, scale));
  }
}

template <typename Out>
void copy_digits(const Column& column, Out* out) {
  for (std::int64_t i = 0; i < column.length; ++i)
    out[i] = column.is_null(i) ? static_cast<Out>(kNaN)
                               : static_cast<Out>(digits_to_double(column.text(i)));
}

template <typename Out>
void copy_times(const Column& column, Out* out) {
  const auto values = column.as<std::int64_t>();
  for (std::size_t i = 0; i < values.size(); ++i)
    out[i] = static_cast<Out>(static_cast<double>(values[i]) / 1e6);
}

template <typename Out>
void copy_intervals(const Column& column, Out* out) {
  const auto values = column.as<Interval>();
  for (std::size_t i = 0; i < values.size(); ++i)
    out[i] = static_cast<Out>(interval_seconds(values[i]));
}

template <typename Out>
void copy_booleans(const Column& column, Out* out) {
  for (std::int64_t i = 0; i < column.length; ++i) out[i] = column.boolean(i) ? Out{1} : Out{0};
}

template <typename Out>
void convert(const Column& column, Out* out) {
  switch (column.type.kind) {
    case TypeKind::boolean: copy_booleans(column, out); break;
    case TypeKind::int8: copy_values<std::int8_t>(column, out); break;
    case TypeKind::int16: copy_values<std::int16_t>(column, out); break;
    case TypeKind::int32: copy_values<std::int32_t>(column, out); break;
    case TypeKind::int64: copy_values<std::int64_t>(column, out); break;
    case TypeKind::uint8: copy_values<std::uint8_t>(column, out); break;
    case TypeKind::uint16: copy_values<std::uint16_t>(column, out); break;
    case TypeKind::uint32: copy_values<std::uint32_t>(column, out); break;
    case TypeKind::uint64: copy_values<std::uint64_t>(column, out); break;
    case TypeKind::float32: copy_values<float>(column, out); break;
    case TypeKind::float64: copy_values<double>(column, out); break;
    case TypeKind::decimal: copy_decimals(column, out); break;
    case TypeKind::big_number: copy_digits(column, out); break;
    case TypeKind::time: copy_times(column, out); break;
    case TypeKind::interval: copy_intervals(column, out); break;
    default: std::fill(out, out + column.length, static_cast<Out>(kNaN)); return;
  }
  if (column.null_count == 0) return;
  for (std::int64_t i = 0; i < column.length; ++i) {
    if (column.is_null(i)) out[i] = static_cast<Out>(kNaN);
  }
}

/// Gives each row the code of its text, of NULL that of the text in its place.
template <typename CodeOf>
void run_texts(const Column& column, const std::optional<ir::TextForNull>& for_null, float* out,
               CodeOf code_of) {
  const float missing = for_null ? code_of(for_null->text) : kMissing;
  if (is_bytes(column.type.kind)) {
    for (std::int64_t i = 0; i < column.length; ++i)
      out[i] = column.is_null(i) ? missing : code_of(column.text(i));
    return;
  }
  TextReader reader;
  for (std::int64_t i = 0; i < column.length; ++i) {
    const auto text = reader.text(column, i);
    out[i] = text ? code_of(*text) : missing;
  }
}

void run_category(const Column& column, const ir::Category& category, const TextTable& codes,
                  float* out) {
  run_texts(column, category.for_null, out,
            [&](std::string_view text) { return static_cast<float>(codes.find(text)); });
}

void run_hashed(const Column& column, const ir::HashedCategory& hashed, float* out) {
  run_texts(column, hashed.for_null, out, [&](std::string_view text) {
    return static_cast<float>(ir::hash_bucket(text, hashed.buckets));
  });
}

/// Folds the texts of one key into each row's hash, and marks the rows where it has none.
class CrossFolder {
 public:
  explicit CrossFolder(std::int64_t rows)
      : hashes_(static_cast<std::size_t>(rows), kFnvBasis),
        missing_(static_cast<std::size_t>(rows)) {}

  void add(const ir::CrossKey& key, const Column& column) {
    if (!key.part && key.steps.empty()) return add_texts(column);
    const ir::Feature feature{
        "", 0, key.part ? ir::Transform(ir::DatePart{*key.part}) : ir::Transform(ir::Number{}),
        key.steps};
    std::vector<float> values(hashes_.size());
    NumberFeatures().run(feature, column, values.data());
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::isnan(values[i]) ? leave_out(i) : fold(i, number_text(static_cast<double>(values[i])));
    }
  }

  void finish(std::uint32_t buckets, float* out) const {
    for (std::size_t i = 0; i < hashes_.size(); ++i)
      out[i] = missing_[i] ? kMissing : static_cast<float>(hashes_[i] % buckets);
  }

 private:
  void add_texts(const Column& column) {
    TextReader reader;
    for (std::size_t i = 0; i < hashes_.size(); ++i) {
      const auto text = reader.text(column, static_cast<std::int64_t>(i));
      text ? fold(i, *text) : leave_out(i);
    }
  }
  void fold(std::size_t row, std::string_view text) {
    hashes_[row] = ir::cross_hash(hashes_[row], text);
  }
  void leave_out(std::size_t row) { missing_[row] = true; }

  std::vector<std::uint64_t> hashes_;
  std::vector<bool> missing_;
};

TextTable make_codes(const ir::Feature& feature) {
  const auto* category = std::get_if<ir::Category>(&feature.transform);
  return category == nullptr ? TextTable() : TextTable(category->vocabulary);
}

}  // namespace

void numbers_to_float(const Column& column, float* out) { convert(column, out); }

void numbers_to_double(const Column& column, double* out) { convert(column, out); }

namespace {

void date_part(const Column& column, ir::Part part, float* out) {
  run_date_part(column, part, out);
}

void date_part(const Column& column, ir::Part part, double* out) {
  std::vector<float> values(static_cast<std::size_t>(column.length));
  run_date_part(column, part, values.data());
  std::copy(values.begin(), values.end(), out);
}

}  // namespace

template <typename T>
void PlainValues<T>::run(const ir::Transform& transform, const Column& column, T* out) {
  if (const auto* part = std::get_if<ir::DatePart>(&transform))
    return date_part(column, part->part, out);
  if (const auto* element = std::get_if<ir::Element>(&transform)) {
    if (column.type.kind == TypeKind::text) return run_text(column, *element, out);
    return run_element(column, element->index, out);
  }
  convert(column, out);
}

template <typename T>
void PlainValues<T>::read_texts(const Column& column, const ir::Element& element) {
  const auto of = static_cast<std::size_t>(element.of);
  elements_.assign(static_cast<std::size_t>(column.length) * of, static_cast<T>(kNaN));
  std::vector<double> row;
  for (std::int64_t r = 0; r < column.length; ++r) {
    if (column.is_null(r)) continue;
    row.clear();
    const bool fits = parse_numbers(column.text(r), element.delimiter, row) &&
                      (row.size() == of || (element.ragged && row.size() < of));
    if (!fits) {
      bad_.add(column.text(r));
      continue;
    }
    for (std::size_t i = 0; i < row.size(); ++i)
      elements_[static_cast<std::size_t>(r) * of + i] = static_cast<T>(row[i]);
  }
}

template <typename T>
void PlainValues<T>::run_text(const Column& column, const ir::Element& element, T* out) {
  if (list_ != &column || delimiter_ != element.delimiter || of_ != element.of ||
      ragged_ != element.ragged) {
    list_ = &column;
    delimiter_ = element.delimiter;
    of_ = element.of;
    ragged_ = element.ragged;
    read_texts(column, element);
  }
  for (std::int64_t r = 0; r < column.length; ++r)
    out[r] = elements_[static_cast<std::size_t>(r) * static_cast<std::size_t>(of_) +
                       static_cast<std::size_t>(element.index)];
}

template <typename T>
void PlainValues<T>::run_element(const Column& column, std::int32_t index, T* out) {
  if (list_ != &column) {
    list_ = &column;
    elements_.resize(static_cast<std::size_t>(column.elements->length));
    convert(*column.elements, elements_.data());
  }
  for (std::int64_t i = 0; i < column.length; ++i) {
    const bool there = !column.is_null(i) && index < column.list_size(i);
    const std::int64_t at = column.offset(i) + std::int64_t{index};
    out[i] = there ? elements_[static_cast<std::size_t>(at)] : static_cast<T>(kMissing);
  }
}

template class PlainValues<float>;
template class PlainValues<double>;

void NumberFeatures::run(const ir::Feature& feature, const Column& column, float* out) {
  if (feature.steps.empty()) return plain_.run(feature.transform, column, out);
  const auto& steps = feature.steps;
  const bool as_it_is = column.type.kind == TypeKind::float64 && column.null_count == 0;
  if (as_it_is && steps.size() == 1) return run_last_step(steps[0], column.as<double>(), out);
  values_.resize(static_cast<std::size_t>(column.length));
  sources_.run(feature.transform, column, values_.data());
  for (std::size_t s = 0; s + 1 < steps.size(); ++s) run_step(steps[s], values_);
  run_last_step(steps.back(), values_, out);
}

void run_cross(const ir::Cross& cross, const ColumnBatch& batch,
               const std::vector<std::size_t>& columns, float* out) {
  CrossFolder folder(batch.rows);
  for (const auto& key : cross.keys) folder.add(key, batch.columns[columns[key.input]]);
  folder.finish(cross.buckets, out);
}

FeatureInterpreter::FeatureInterpreter(const ir::FeatureProgram& program,
                                       std::vector<std::size_t> columns)
    : program_(program), columns_(std::move(columns)) {
  for (const auto& feature : program_.features) codes_.push_back(make_codes(feature));
}

namespace {

Diagnostic bad_text(const std::string& what, const BadTexts& bad) {
  return {Code::bad_vector_text, "a text is no " + what + " of the model's form in " +
                                     counted(bad.count, "row") +
                                     " read together, first: " + bad.first.substr(0, 60)};
}

/// What is wrong with the lists of a batch; "" where nothing is.
std::string wrong_lengths(const ir::Input& input, const Column& column) {
  std::int64_t count = 0;
  std::int32_t first = 0;
  for (std::int64_t i = 0; i < column.length; ++i) {
    if (column.is_null(i) || column.list_size(i) == input.elements) continue;
    if (count++ == 0) first = column.list_size(i);
  }
  if (count == 0) return "";
  return "the lists of column " + input.name + " had " + counted(input.elements, "element") +
         " in training, now one has " + std::to_string(first) + ": " + counted(count, "row") +
         " of " + std::to_string(column.length) + " read together differ";
}

}  // namespace

Result<void> FeatureInterpreter::check_lists(const ColumnBatch& batch) const {
  for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
    const auto& column = batch.columns[columns_[i]];
    if (program_.inputs[i].kind != TypeKind::list) continue;
    auto wrong = wrong_lengths(program_.inputs[i], column);
    if (!wrong.empty()) return Diagnostic{Code::list_length_changed, std::move(wrong)};
  }
  return {};
}

void FeatureInterpreter::run_feature(std::size_t f, const ColumnBatch& batch,
                                     NumberFeatures& numbers, float* out) const {
  const auto& feature = program_.features[f];
  const auto& column = batch.columns[columns_[feature.input]];
  std::visit(Overloaded{
                 [&](const ir::Category& c) { run_category(column, c, codes_[f], out); },
                 [&](const ir::HashedCategory& h) { run_hashed(column, h, out); },
                 [&](const ir::Cross& c) { run_cross(c, batch, columns_, out); },
                 [&](const auto&) { numbers.run(feature, column, out); },
             },
             feature.transform);
}

Result<void> FeatureInterpreter::run(const ColumnBatch& batch, float* out,
                                     std::int64_t stride) const {
  QUERN_CHECK(check_lists(batch));
  NumberFeatures numbers;
  for (std::size_t f = 0; f < program_.features.size(); ++f)
    run_feature(f, batch, numbers, out + static_cast<std::int64_t>(f) * stride);
  if (numbers.bad().count > 0) return bad_text("vector", numbers.bad());
  return {};
}

Result<void> FeatureInterpreter::run_some(const ColumnBatch& batch,
                                          const std::vector<std::size_t>& features, float* out,
                                          std::int64_t stride) const {
  QUERN_CHECK(check_lists(batch));
  NumberFeatures numbers;
  for (const auto f : features) {
    run_feature(f, batch, numbers, out);
    out += stride;
  }
  if (numbers.bad().count > 0) return bad_text("vector", numbers.bad());
  return {};
}

Result<void> FeatureInterpreter::run_groups(const ColumnBatch& batch, const float* features,
                                            std::int64_t stride,
                                            std::vector<SparseRows>& out) const {
  BadTexts bad;
  out.resize(program_.groups.size());
  for (std::size_t g = 0; g < out.size(); ++g) {
    const auto& group = program_.groups[g];
    if (const auto* hot = std::get_if<ir::OneHot>(&group.source)) {
      const auto* codes = features + static_cast<std::int64_t>(hot->feature) * stride;
      read_codes(codes, batch.rows, group.width, out[g]);
    } else {
      read_texts(group, batch.columns[columns_[group.input]], out[g], bad);
    }
  }
  if (bad.count > 0) return bad_text("sparse vector", bad);
  return {};
}

Result<void> FeatureInterpreter::run_wide(const ColumnBatch& batch, std::vector<float>& out) const {
  const auto rows = static_cast<std::size_t>(batch.rows);
  out.resize(std::max(program_.features.size(), ir::width(program_)) * rows);
  QUERN_CHECK(run(batch, out.data(), batch.rows));
  if (program_.groups.empty()) return {};
  std::vector<SparseRows> groups;
  QUERN_CHECK(run_groups(batch, out.data(), batch.rows, groups));
  auto column = ir::dense_width(program_);
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(column * rows), out.end(), kMissing);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto width = program_.groups[g].width;
    for (std::size_t r = 0; r < rows; ++r) {
      for (const auto& entry : groups[g].row(static_cast<std::int64_t>(r))) {
        if (entry.key < width) out[(column + entry.key) * rows + r] = entry.value;
      }
    }
    column += width;
  }
  out.resize(ir::width(program_) * rows);
  return {};
}

}  // namespace quern::codegen
