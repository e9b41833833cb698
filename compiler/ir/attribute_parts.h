#pragma once
// What the tables of attributes are made of, and attributes that every kind of training has.

#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/attributes.h"

namespace quern::ir::parts {

using Specs = std::vector<AttributeSpec>;
using enum AttributeType;

constexpr AttributeRange at_least(double low) { return {.low = low}; }
constexpr AttributeRange above(double low) { return {.low = low, .low_open = true}; }
constexpr AttributeRange between(double low, double high) { return {.low = low, .high = high}; }
/// (0, 1]: a share of rows or columns.
inline constexpr AttributeRange kShare{.low = 0, .high = 1, .low_open = true};

inline AttributeSpec engine(std::string name, std::vector<std::string> aliases, AttributeType type,
                            AttributeRange range, std::string default_text, std::string doc) {
  auto library_name = name;
  return {.name = std::move(name),
          .aliases = std::move(aliases),
          .type = type,
          .owner = Owner::engine,
          .library_name = std::move(library_name),
          .range = range,
          .default_text = std::move(default_text),
          .doc = std::move(doc)};
}

inline AttributeSpec engine_choice(std::string name, std::vector<std::string> aliases,
                                   std::vector<std::string> choices, std::string default_text,
                                   std::string doc) {
  auto spec = engine(std::move(name), std::move(aliases), choice, {}, std::move(default_text),
                     std::move(doc));
  spec.choices = std::move(choices);
  return spec;
}

inline AttributeSpec ours(std::string name, std::vector<std::string> aliases, AttributeType type,
                          AttributeRange range, std::string default_text, std::string doc) {
  return {.name = std::move(name),
          .aliases = std::move(aliases),
          .type = type,
          .owner = Owner::training,
          .range = range,
          .default_text = std::move(default_text),
          .doc = std::move(doc)};
}

inline AttributeSpec later(std::string name, std::vector<std::string> aliases, std::string doc) {
  return {.name = std::move(name),
          .aliases = std::move(aliases),
          .type = scalar,
          .owner = Owner::training,
          .doc = std::move(doc),
          .available = false};
}

/// A name of the library's that has no meaning here; the answer says why.
inline AttributeSpec refused(std::string name, std::string why) {
  auto spec = ours(std::move(name), {}, scalar, {}, "", why);
  spec.refusal = std::move(why);
  return spec;
}

/// One of which some values ask for what is done anyway.
inline AttributeSpec refused_but(std::string name, std::vector<std::string> harmless,
                                 std::string why) {
  auto spec = refused(std::move(name), std::move(why));
  spec.harmless = std::move(harmless);
  return spec;
}

void add_weight(Specs& out);
/// positive_class, weight, class_weight.
void add_label(Specs& out);
/// num_class.
void add_classes(Specs& out);
void add_order(Specs& out);
void add_standardize(Specs& out);
/// split.*, train.order_by, validation.select.
void add_validation(Specs& out);
/// tune.*. \param usual  by what trials are compared unless told. \param metrics  the attribute
/// that names what training reports.
void add_tuning(Specs& out, const std::string& usual, const std::string& metrics);
void mark_tunable(Specs& specs, const std::vector<std::string>& names);

}  // namespace quern::ir::parts
