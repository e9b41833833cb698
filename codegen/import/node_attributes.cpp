// Words of nodes, and the lists of classes, which have three names.

#include "codegen/import/node_attributes.h"

namespace quern::codegen {

std::string shortened(const std::string& name) {
  constexpr std::size_t kMost = 60;
  if (name.size() <= kMost) return name;
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  return name.substr(0, end);
}

std::string node_words(const GraphNode& node) {
  auto name = node.name;
  if (name.empty() && !node.outputs.empty()) name = node.outputs.front();
  const auto out = "operator " + shortened(node.op);
  return name.empty() ? out : out + " (node " + shortened(name) + ")";
}

Diagnostic bad_node(const GraphNode& node, const std::string& what) {
  return {Code::corrupt_model, "the ONNX file is damaged: " + node_words(node) + " " + what};
}

Diagnostic unread_node(const GraphNode& node, const std::string& what) {
  return {Code::not_in_this_version, "the ONNX graph is not read: " + node_words(node) + " " + what,
          SourceSpan::none(),
          "read are tree ensembles, linear models and stacks of dense layers; "
          "docs/model_files.md lists their operators"};
}

Result<std::vector<std::variant<std::int64_t, std::string>>> class_labels(const GraphNode& node) {
  std::vector<std::variant<std::int64_t, std::string>> out;
  QUERN_TRY(const auto* texts, attribute<std::vector<std::string>>(node, "classlabels_strings"));
  if (texts != nullptr) out.insert(out.end(), texts->begin(), texts->end());
  for (const auto* name : {"classlabels_int64s", "classlabels_ints"}) {
    QUERN_TRY(const auto* wholes, attribute<std::vector<std::int64_t>>(node, name));
    if (out.empty() && wholes != nullptr) out.insert(out.end(), wholes->begin(), wholes->end());
  }
  return out;
}

}  // namespace quern::codegen
