// Typo distances: base/similar.

#include <catch2/catch.hpp>

#include "base/similar.h"

using namespace quern;

TEST_CASE("edit distance counts a swap of neighbours once") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("klass", "class") == 1);
  CHECK(edit_distance("calss", "class") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("CLASS", "class") == 0);
  CHECK(edit_distance("ca", "abc") ==
        3);  // the restricted form: a swapped pair is not edited again
}

TEST_CASE("only what is near is suggested") {
  const std::vector<std::string> known{"class", "petal_length", "petal_width", "id", "sepal_width"};
  CHECK(nearest("klass", known) == "class");
  CHECK(nearest("klas", known).empty());  // two edits in four letters
  CHECK(nearest("petal_lenght", known) == "petal_length");
  CHECK(nearest("peta_widht", known) == "petal_width");
  CHECK(nearest("xx", known).empty());  // the whole of the word would change
  CHECK(nearest("ix", known) == "id");
  CHECK(nearest("", known).empty());
  CHECK(nearest("class", {}).empty());
  CHECK(nearest("Class", known) == "class");
}

TEST_CASE("the first of equally near names wins") {
  const std::vector<std::string> known{"bat", "cat"};
  CHECK(nearest("rat", known) == "bat");
  CHECK(suggest("rat", known) == "did you mean `bat`?");
  CHECK(suggest("zebra", known, "one of: bat, cat") == "one of: bat, cat");
}

TEST_CASE("case is ignored for ASCII letters alone") {
  CHECK(equal_ignoring_case("AbC", "aBc"));
  CHECK_FALSE(equal_ignoring_case("abc", "abcd"));
  CHECK_FALSE(equal_ignoring_case("É", "é"));
  CHECK(lower_ascii("ÉA_Z9") == "Éa_z9");
}
