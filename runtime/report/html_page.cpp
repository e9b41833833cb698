// HTML text. Its colours follow the reader's choice of light or dark.

#include "runtime/report/html_page.h"

#include <cmath>
#include <cstdio>

#include "base/utf8.h"

namespace quern::runtime {
namespace {

constexpr std::string_view kStyle = R"css(
:root { --ground: #ffffff; --ink: #1d2733; --faint: #67727e; --rule: #d8dee4; --tint: 9, 105, 218;
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #cc79a7; --c4: #b8860b; --c5: #56b4e9;
  --c6: #7a5195; --c7: #6b7280; color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14181d; --ink: #e3e8ee; --faint: #98a3af; --rule: #363f49; --tint: 88, 166, 255;
    --c0: #58a6ff; --c1: #ff9e64; --c2: #3fc79a; --c3: #e69fc8; --c4: #e0b040; --c5: #8bd3ff;
    --c6: #b79ae0; --c7: #a3acb8; } }
body { background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem;
  border-bottom: 1px solid var(--rule); padding-bottom: .2rem; }
pre { background: rgba(var(--tint), .07); padding: .8rem; overflow-x: auto; white-space: pre-wrap; }
table { border-collapse: collapse; margin: .8rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--rule);
  vertical-align: top; }
th { color: var(--faint); font-weight: 500; }
td.n, th.n { text-align: right; padding-left: .8rem; }
figure { margin: 1rem 1.5rem 1rem 0; display: inline-block; vertical-align: top;
  width: min-content; }
figcaption { color: var(--faint); }
svg { display: block; max-width: calc(100vw - 2rem); height: auto; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg text.f { fill: var(--faint); } svg .rule { stroke: var(--rule); fill: none; }
svg .dash { stroke-dasharray: 4 4; }
)css";

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// What stands for a byte in text, or nothing where it stands for itself.
std::string_view entity(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  const bool control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
  return control ? kReplacement : std::string_view();
}

std::string shade_style(double shade) {
  if (!(shade > 0)) return "";
  char out[64];
  std::snprintf(out, sizeof out, " style=\"background: rgba(var(--tint), %.3f)\"", 0.75 * shade);
  return out;
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = decode_utf8(text, at);
    const auto known = point.valid ? entity(text[at]) : kReplacement;
    out += known.empty() ? text.substr(at, point.size) : known;
    at += point.size;
  }
  return out;
}

std::string short_number(double value) {
  if (std::isnan(value)) return "-";
  char out[32];
  std::snprintf(out, sizeof out, "%.4g", value);
  return out;
}

void HtmlPage::heading(std::string_view text) { body_ += "<h2>" + escape_markup(text) + "</h2>\n"; }

void HtmlPage::paragraph(std::string_view text) { body_ += "<p>" + escape_markup(text) + "</p>\n"; }

void HtmlPage::code(std::string_view text) {
  body_ += "<pre><code>" + escape_markup(text) + "</code></pre>\n";
}

void HtmlPage::facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  body_ += "<table>\n";
  for (const auto& [name, value] : facts) {
    body_ += "<tr><th scope=\"row\">" + escape_markup(name) + "</th><td>" + escape_markup(value) +
             "</td></tr>\n";
  }
  body_ += "</table>\n";
}

void HtmlPage::table(const std::vector<std::string>& header,
                     const std::vector<std::vector<Cell>>& rows) {
  body_ += "<table>\n<tr>";
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool number = !rows.empty() && rows.front()[i].number;
    body_ += std::string("<th scope=\"col\"") + (number ? " class=\"n\">" : ">") +
             escape_markup(header[i]) + "</th>";
  }
  body_ += "</tr>\n";
  for (const auto& row : rows) {
    body_ += "<tr>";
    for (const auto& cell : row) {
      body_ += std::string("<td") + (cell.number ? " class=\"n\"" : "") + shade_style(cell.shade) +
               ">" + escape_markup(cell.text) + "</td>";
    }
    body_ += "</tr>\n";
  }
  body_ += "</table>\n";
}

void HtmlPage::drawing(const std::string& svg, std::string_view caption) {
  body_ +=
      "<figure>\n" + svg + "<figcaption>" + escape_markup(caption) + "</figcaption></figure>\n";
}

std::string HtmlPage::finish() const {
  const auto title = escape_markup(title_);
  return std::string(kPageMark) + "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
         "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" + title +
         "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n<h1>" + title +
         "</h1>\n" + body_ + "</body>\n</html>\n";
}

}  // namespace quern::runtime
