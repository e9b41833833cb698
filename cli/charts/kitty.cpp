// RGBA, as zlib's format has it (RFC 1950, RFC 1951), in base64 (RFC 4648).

#include <array>
#include <cstdint>
#include <string_view>

#include "cli/charts/picture_bytes.h"

namespace quern::cli {
namespace {

constexpr std::size_t kPiece = 4096;
constexpr std::size_t kPoint = 4;  ///< bytes

/// One block of deflate with its fixed codes. A chart is made of runs of equal points, so a match
/// is always with the point before.
class Deflate {
 public:
  explicit Deflate(std::string_view bytes) {
    bits(1, 1);  // the last block
    bits(1, 2);  // fixed codes
    for (std::size_t at = 0; at < bytes.size();) {
      const auto run = at < kPoint ? 0 : run_length(bytes, at);
      for (std::size_t i = 0; run == 0 && i < kPoint; ++i)
        literal(static_cast<std::uint8_t>(bytes[at + i]));
      if (run > 0) repeat(static_cast<unsigned>(run));
      at += run > 0 ? run : kPoint;
    }
    code(0, 7);  // the end
    bits(0, 7);  // the last byte is whole
  }

  std::string take() { return std::move(out_); }

 private:
  static constexpr std::size_t kLongest = 256;  ///< of 258 that it allows: whole points

  /// Bytes from `at` on that repeat the point before them.
  static std::size_t run_length(std::string_view bytes, std::size_t at) {
    const auto point = bytes.substr(at - kPoint, kPoint);
    std::size_t length = 0;
    while (length < kLongest && bytes.substr(at + length, kPoint) == point) length += kPoint;
    return length;
  }

  /// The lowest bit first.
  void bits(unsigned value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      byte_ |= (value >> i & 1U) << used_;
      if (++used_ < 8) continue;
      out_ += static_cast<char>(byte_);
      byte_ = used_ = 0;
    }
  }
  /// Huffman codes come with their highest bit first.
  void code(unsigned value, unsigned count) {
    for (unsigned i = count; i-- > 0;) bits(value >> i, 1);
  }
  void literal(unsigned value) {
    value < 144 ? code(0x30 + value, 8) : code(0x190 + value - 144, 9);
  }
  /// Lengths 4 to 256, at distance 4. RFC 1951, 3.2.5: behind the first eight, every four codes
  /// have one more bit behind them.
  void repeat(unsigned length) {
    unsigned symbol = 257, first = 3, extra = 0;
    while (length >= first + (1U << extra)) {
      first += 1U << extra;
      ++symbol;
      if (symbol >= 265 && (symbol - 265) % 4 == 0) ++extra;
    }
    symbol < 280 ? code(symbol - 256, 7) : code(0xC0 + symbol - 280, 8);
    bits(length - first, extra);
    code(3, 5);
  }

  std::string out_;
  unsigned byte_ = 0;
  unsigned used_ = 0;
};

std::string zlib(std::string_view bytes) {
  std::uint32_t a = 1, b = 0;  // Adler-32
  for (const char c : bytes) {
    a = (a + static_cast<std::uint8_t>(c)) % 65521;
    b = (b + a) % 65521;
  }
  const auto sum = b << 16U | a;
  std::string out = "\x78\x01" + Deflate(bytes).take();
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>(sum >> shift & 0xFFU);
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto here = bytes.substr(at, 3);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8U | (i < here.size() ? static_cast<std::uint8_t>(here[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      out += i <= here.size() ? kLetters[group >> (18 - 6 * i) & 63U] : '=';
  }
  return out;
}

}  // namespace

std::string kitty_picture(const Image& image, std::size_t columns, std::size_t rows) {
  const auto data = base64(zlib(image.bytes()));
  const auto number = [](std::size_t n) { return std::to_string(n); };
  std::string out;
  for (std::size_t at = 0; at < data.size(); at += kPiece) {
    out += "\x1b_G";
    if (at == 0) {
      out += "a=T,f=32,o=z,C=1,s=" + number(image.width()) + ",v=" + number(image.height()) +
             ",c=" + number(columns) + ",r=" + number(rows) + ",";
    }
    const bool more = at + kPiece < data.size();
    out += std::string("q=2,m=") + (more ? "1;" : "0;") + data.substr(at, kPiece) + "\x1b\\";
  }
  return out;
}

}  // namespace quern::cli
