// The declarations of EXPORT MODEL, IMPORT MODEL and SET quern.name.

#include "compiler/ir/attributes.h"

namespace quern::ir {
namespace {

using Specs = std::vector<AttributeSpec>;
using enum AttributeType;

AttributeSpec attribute(std::string name, AttributeType type, Owner owner, std::string default_text,
                        std::string doc) {
  return {.name = std::move(name),
          .aliases = {},
          .type = type,
          .owner = owner,
          .default_text = std::move(default_text),
          .doc = std::move(doc)};
}

Specs make_export() {
  Specs out = {attribute("output.mode", choice, Owner::output, "an error",
                         "what happens to an existing file")};
  out.back().choices = {"replace"};
  return out;
}

Specs make_import() {
  return {attribute("label", text, Owner::importer, "label",
                    "name of the label of a model that does not know it"),
          attribute("classes", scalars, Owner::importer, "0, 1, 2, ...",
                    "classes of a model that others wrote, in its order"),
          attribute("columns", columns, Owner::importer, "the file's names, else f0, f1, ...",
                    "names of the columns that a model reads which others wrote, in its order")};
}

Specs make_session() {
  Specs out = {attribute("model_store", text, Owner::session, "default",
                         "where models without a schema in their name are kept: "
                         "duckdb:FILE[/SCHEMA], or default, the database in use"),
               attribute("threads", integer, Owner::session, "as many as the database was told",
                         "threads of trainings that do not set nthread; 0: all cores")};
  out.back().range = {.low = 0, .high = 1024};
  out.push_back(attribute("fetch_connections", integer, Owner::session, "2",
                          "connections that read one large table of PostgreSQL's at once"));
  out.back().range = {.low = 1, .high = 64};
  out.push_back(
      attribute("kernel", choice, Owner::session, "auto",
                "who scores: the oracle, a kernel that walks every tree or of one set of "
                "instructions, or code compiled "
                "for the model and query; all give the same bits, auto begins with the fastest "
                "set of the machine and compiles where there are rows enough"));
  out.back().choices = {"auto", "interpreted", "walked", "portable", "avx2", "avx512", "compiled"};
  out.push_back(attribute("allow_torchscript", boolean, Owner::session, "false",
                          "TO TRAIN 'model.pt' may read a file of TorchScript, which holds a "
                          "program: true only for files that you trust"));
  return out;
}

}  // namespace

std::span<const AttributeSpec> export_attributes() {
  static const Specs specs = make_export();
  return specs;
}

std::span<const AttributeSpec> import_attributes() {
  static const Specs specs = make_import();
  return specs;
}

std::span<const AttributeSpec> session_attributes() {
  static const Specs specs = make_session();
  return specs;
}

}  // namespace quern::ir
