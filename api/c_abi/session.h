#pragma once
// What C's handle of a session holds.

#include <string>

#include "api/quern.h"
#include "api/quern.hpp"

struct quern_session {
  quern::Session session;
  std::string engine = {};   ///< as quern_engine() last gave it
  std::string setting = {};  ///< as quern_setting() last gave it
  std::string inspected_title = {}, inspected_text = {};
  quern_inspection inspection = {};  ///< as quern_inspect() last gave it
};
