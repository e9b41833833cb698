#pragma once
// The attribute registry: each WITH attribute is declared once, and that declaration checks it,
// suggests it and documents it.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/span.h"
#include "compiler/ir/scalar.h"

namespace quern::ir {

enum class AttributeType : std::uint8_t {
  boolean,
  integer,
  real,
  choice,      ///< one of `choices`, case ignored
  text,        ///< a string or bare word
  texts,       ///< one, or a list of them
  column,      ///< the name of a selected column
  columns,     ///< one such name, or a list of them that may be empty
  scalar,      ///< any constant
  number_map,  ///< {name: number, ...}, or one of `choices`; any text where there are none
  groups,      ///< lists of names, [[a, b], [c]]; or text
  scalars,     ///< a list of constants of one kind
  layers,      ///< a list of a network's layers: [Linear(20, 64), ReLU(), ...]
  duration,    ///< seconds, or text like '90s', '10m', '2h', '1d'; a double of seconds above zero
};

/// Who reads the attribute; each one has exactly one owner.
enum class Owner : std::uint8_t {
  engine,    ///< the training library, under `library_name`
  training,  ///< fit and the training pipeline
  output,    ///< the sink
  predictor,
  evaluator,
  explainer,
  session,
  importer,
};

/// Numeric range; a bound is excluded where the flag says so.
struct AttributeRange {
  std::optional<double> low = {};
  std::optional<double> high = {};
  bool low_open = false;
  bool high_open = false;
};

struct AttributeSpec {
  std::string name;                  ///< canonical, as documented
  std::vector<std::string> aliases;  ///< other systems' names for it
  AttributeType type;
  Owner owner;
  std::string library_name = {};  ///< engine's own name; Owner::engine only
  AttributeRange range = {};
  std::vector<std::string> choices = {};
  std::string default_text = {};           ///< as documented; "" where there is none
  std::string doc = {};                    ///< one sentence without full stop
  bool available = true;                   ///< false: accepted by the language, built later
  std::vector<std::string> boosters = {};  ///< only for these; empty: all
  std::string refusal = {};  ///< why the library's name is an error here; "" where it is none
  /// Values, as printed, that ask for what is done anyway: they are no error where others are.
  std::vector<std::string> harmless = {};
  bool tunable = false;  ///< RANGE and CHOICE may stand for its value
};

using NumberMap = std::vector<std::pair<std::string, double>>;
using NameGroups = std::vector<std::vector<std::string>>;

/// A checked value: null never gets here.
using AttributeValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, NumberMap,
                 NameGroups, std::vector<Scalar>>;

/// RANGE(low, high[, 'log']): both ends are included.
struct SearchRange {
  double low = 0;
  double high = 0;
  bool log = false;  ///< even in the logarithm
};

/// What a tuned attribute may be: a number of `range`, else one of `choices`.
struct SearchSpace {
  std::vector<AttributeValue> choices = {};
  std::optional<SearchRange> range = {};
};

/// An attribute as bound: claimed by the owner of its declaration.
struct Setting {
  const AttributeSpec* spec = nullptr;
  AttributeValue value;
  SourceSpan span = SourceSpan::none();        ///< of `name = value`
  SourceSpan value_span = SourceSpan::none();  ///< of the value
  /// Where the attribute is tuned; `value` then is one of those that it may have.
  std::optional<SearchSpace> search = {};
};

/// The value as the library and EXPLAIN read it; floats so that they read back equal.
std::string format_attribute(const AttributeValue& value);

/// The declarations of TO TRAIN with XGBoost, TO PREDICT, TO EVALUATE and TO EXPLAIN, in the order
/// of the documentation.
std::span<const AttributeSpec> xgboost_attributes();
/// Of TO TRAIN with a network of a kind, see EstimatorDescriptor::booster.
std::span<const AttributeSpec> network_attributes(std::string_view kind);
/// Of TO TRAIN with what finds clusters or components: "kmeans", "dec", "pca".
std::span<const AttributeSpec> cluster_attributes(std::string_view kind);
std::span<const AttributeSpec> predict_attributes();
std::span<const AttributeSpec> evaluate_attributes();
std::span<const AttributeSpec> explain_attributes();
/// Those of EXPORT MODEL, IMPORT MODEL and `SET quern.name`, which are named without the `quern.`
std::span<const AttributeSpec> export_attributes();
std::span<const AttributeSpec> import_attributes();
std::span<const AttributeSpec> session_attributes();

/// "at least 0 and below 1"; "" for a range without bounds.
std::string range_words(const AttributeRange& range);

/// The declaration a name or alias stands for, case ignored; nullptr when there is none.
const AttributeSpec* find_attribute(std::span<const AttributeSpec> specs, std::string_view name);

/// Settings by canonical name.
const Setting* find_setting(const std::vector<Setting>& settings, std::string_view name);

}  // namespace quern::ir
