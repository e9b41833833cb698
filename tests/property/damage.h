#pragma once
// Damages model payloads at random and looks what the reader makes of them. Worth most in a build
// with QUERN_SANITIZE=address,undefined.

#include <cstdint>
#include <random>
#include <vector>

namespace quern::test {

using Bytes = std::vector<std::uint8_t>;

/// One damage: bits flipped, bytes overwritten, a run cut out or doubled, or the end missing.
void damage(Bytes& payload, std::mt19937& random);

/// Reads, and scores what is accepted: sanitizers see every index that is out of place.
bool survives(const Bytes& payload, std::mt19937& random);

/// Requires the model to be accepted whole, and damages that many copies of it.
void damage_many(const Bytes& model, unsigned seed, int times);

}  // namespace quern::test
