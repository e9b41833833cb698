/* What a training costs without a database: rows of float32 that lie in memory already are handed
 * to libxgboost as a QuantileDMatrix and trained on. Prints the seconds from the rows to the saved
 * model. The raw file holds rows of FEATURES features and the label.
 *
 *   bare_xgboost idle                           loads the library and does nothing
 *   bare_xgboost train RAW ROWS ROUNDS MODEL    trains and writes the model
 *   bare_xgboost stream RAW ROWS ROUNDS MODEL   reads page by page, judges the last round too
 *   bare_xgboost margins RAW ROWS MODEL OTHER   compares margins on rows of the file
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xgboost/c_api.h>

#define FEATURES 28

static void fail(const char* what) {
  fprintf(stderr, "bare_xgboost: %s\n", what);
  exit(1);
}

static void check(int status) {
  if (status != 0) fail(XGBGetLastError());
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Rows of a page that comes from a file. */
#define PAGE 65536

/* The rows to train on, or a page of them, and whether the library has seen them since the last
 * rewind. */
struct Rows {
  long count;
  float* features;
  float* labels;
  DMatrixHandle proxy;
  int shown;
  FILE* file; /* NULL: all rows are in memory */
  long left;  /* rows of the file that are still to be shown */
  long total;
};

static void read_some(struct Rows* rows, FILE* file) {
  for (long r = 0; r < rows->count; ++r) {
    if (fread(rows->features + r * FEATURES, sizeof(float), FEATURES, file) != FEATURES ||
        fread(rows->labels + r, sizeof(float), 1, file) != 1)
      fail("the raw file is too short");
  }
}

static struct Rows room_for(long count) {
  struct Rows rows = {count, NULL, NULL, NULL, 0, NULL, 0, 0};
  rows.features = malloc(sizeof(float) * FEATURES * (size_t)count);
  rows.labels = malloc(sizeof(float) * (size_t)count);
  if (rows.features == NULL || rows.labels == NULL) fail("out of memory");
  return rows;
}

static FILE* open_raw(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) fail("cannot read the raw file");
  return file;
}

static struct Rows read_rows(const char* path, long count) {
  struct Rows rows = room_for(count);
  FILE* file = open_raw(path);
  read_some(&rows, file);
  fclose(file);
  return rows;
}

static struct Rows stream_rows(const char* path, long count) {
  struct Rows rows = room_for(PAGE);
  rows.file = open_raw(path);
  rows.left = rows.total = count;
  return rows;
}

/* Reads the next page of the file; 0 at its end. */
static int read_page(struct Rows* rows) {
  if (rows->left == 0) return 0;
  rows->count = rows->left < PAGE ? rows->left : PAGE;
  read_some(rows, rows->file);
  rows->left -= rows->count;
  return 1;
}

static void describe(const struct Rows* rows, char* out, size_t size) {
  snprintf(out, size, "{\"data\":[%zu,true],\"shape\":[%ld,%d],\"typestr\":\"<f4\",\"version\":3}",
           (size_t)rows->features, rows->count, FEATURES);
}

static int next(void* handle) {
  struct Rows* rows = handle;
  char data[128];
  if (rows->file != NULL ? !read_page(rows) : rows->shown) return 0;
  describe(rows, data, sizeof data);
  check(XGProxyDMatrixSetDataDense(rows->proxy, data));
  check(XGDMatrixSetFloatInfo(rows->proxy, "label", rows->labels, (bst_ulong)rows->count));
  rows->shown = 1;
  return 1;
}

static void rewind_rows(void* handle) {
  struct Rows* rows = handle;
  rows->shown = 0;
  rows->left = rows->total;
  if (rows->file != NULL) rewind(rows->file);
}

/* Prints the metric of the last round on the rows it learned from: "[2]\ttrain-logloss:0.65". */
static void judge(BoosterHandle booster, DMatrixHandle matrix, int round) {
  const char* name = "train";
  const char* line = "";
  check(XGBoosterEvalOneIter(booster, round, &matrix, &name, 1, &line));
  printf("%s\n", line);
}

static BoosterHandle train(struct Rows* rows, int rounds) {
  static const char* parameters[][2] = {{"objective", "binary:logistic"},
                                        {"tree_method", "hist"},
                                        {"max_depth", "6"},
                                        {"max_bin", "256"},
                                        {"seed", "7"}};
  DMatrixHandle matrix;
  BoosterHandle booster;
  check(XGProxyDMatrixCreate(&rows->proxy));
  check(XGQuantileDMatrixCreateFromCallback(rows, rows->proxy, NULL, rewind_rows, next,
                                            "{\"missing\":NaN,\"nthread\":0,\"max_bin\":256}",
                                            &matrix));
  check(XGBoosterCreate(&matrix, 1, &booster));
  for (size_t i = 0; i < sizeof parameters / sizeof *parameters; ++i)
    check(XGBoosterSetParam(booster, parameters[i][0], parameters[i][1]));
  for (int round = 0; round < rounds; ++round)
    check(XGBoosterUpdateOneIter(booster, round, matrix));
  if (rows->file != NULL) judge(booster, matrix, rounds - 1);
  return booster;
}

static void save(BoosterHandle booster, const char* path) {
  FILE* file = fopen(path, "wb");
  bst_ulong size = 0;
  const char* bytes = NULL;
  check(XGBoosterSaveModelToBuffer(booster, "{\"format\":\"ubj\"}", &size, &bytes));
  if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
    fail("cannot write the model");
}

/* The margins of the rows, to be freed. */
static float* margins(const struct Rows* rows, const char* path) {
  BoosterHandle booster;
  DMatrixHandle matrix;
  const bst_ulong* shape;
  bst_ulong dimensions;
  const float* values;
  char data[128];
  float* out = malloc(sizeof(float) * (size_t)rows->count);
  describe(rows, data, sizeof data);
  check(XGDMatrixCreateFromDense(data, "{\"missing\":NaN}", &matrix));
  check(XGBoosterCreate(NULL, 0, &booster));
  check(XGBoosterLoadModel(booster, path));
  check(XGBoosterPredictFromDMatrix(booster, matrix,
                                    "{\"type\":1,\"iteration_begin\":0,\"iteration_end\":0,"
                                    "\"strict_shape\":false,\"training\":false}",
                                    &shape, &dimensions, &values));
  if (out == NULL) fail("out of memory");
  memcpy(out, values, sizeof(float) * (size_t)rows->count);
  XGDMatrixFree(matrix);
  XGBoosterFree(booster);
  return out;
}

/* Prints the largest difference, and between what bounds the margins lie. */
static void compare(const struct Rows* rows, const char* one, const char* other) {
  float* a = margins(rows, one);
  float* b = margins(rows, other);
  float worst = 0, low = a[0], high = a[0];
  for (long r = 0; r < rows->count; ++r) {
    worst = fmaxf(worst, fabsf(a[r] - b[r]));
    low = fminf(low, a[r]);
    high = fmaxf(high, a[r]);
  }
  printf("%.9g %.9g %.9g\n", worst, low, high);
  free(a);
  free(b);
}

int main(int argc, char** argv) {
  int major, minor, patch;
  XGBoostVersion(&major, &minor, &patch);
  if (argc == 2 && strcmp(argv[1], "idle") == 0) {
    printf("XGBoost %d.%d.%d\n", major, minor, patch);
    return 0;
  }
  if (argc != 6) fail("usage: see the head of its source");
  const long count = strtol(argv[3], NULL, 10);
  struct Rows rows =
      strcmp(argv[1], "stream") == 0 ? stream_rows(argv[2], count) : read_rows(argv[2], count);
  if (strcmp(argv[1], "margins") == 0) {
    compare(&rows, argv[4], argv[5]);
    return 0;
  }
  const double start = now();
  BoosterHandle booster = train(&rows, (int)strtol(argv[4], NULL, 10));
  save(booster, argv[5]);
  printf("%.6f\n", now() - start);
  XGBoosterFree(booster);
  return 0;
}
