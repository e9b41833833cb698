#pragma once
// What C's handle of a session holds.

#include <string>

#include "api/quern.hpp"

struct quern_session {
  quern::Session session;
  std::string engine = {};  ///< as quern_engine() last gave it
};
