#pragma once
// Marks what the shared library shows to programs that link it.

#define QUERN_API __attribute__((visibility("default")))
