// Functions of vectors, for any vector: included as steps_multiply.h is. Accuracy: a few units in
// the last place, checked against float64 by tests/unit/codegen.

QUERN_TARGET inline Vector least(Vector a, Vector b) { return a < b ? a : b; }
QUERN_TARGET inline Vector most(Vector a, Vector b) { return a > b ? a : b; }
QUERN_TARGET inline Vector size_of(Vector x) { return most(x, -x); }

/// Polynomial and range reduction of Cephes' expf; the argument is bounded so that neither end
/// leaves the normal numbers.
QUERN_TARGET inline Vector exponential(Vector x) {
  const Vector magic = broadcast(12582912.0F);  // adding it rounds to a whole number
  x = least(most(x, broadcast(-87.0F)), broadcast(88.0F));
  const Vector n = fuse(x, broadcast(1.44269504088896341F), magic) - magic;
  Vector r = fuse(n, broadcast(-0.693359375F), x);
  r = fuse(n, broadcast(2.12194440e-4F), r);
  Vector p = broadcast(1.9875691500e-4F);
  p = fuse(p, r, broadcast(1.3981999507e-3F));
  p = fuse(p, r, broadcast(8.3334519073e-3F));
  p = fuse(p, r, broadcast(4.1665795894e-2F));
  p = fuse(p, r, broadcast(1.6666665459e-1F));
  p = fuse(p, r, broadcast(5.0000001201e-1F));
  const Vector y = fuse(p, r * r, r + 1.0F);
  const Integers power = (__builtin_convertvector(n, Integers) + 127) << 23;
  return y * __builtin_bit_cast(Vector, power);
}

QUERN_TARGET inline Vector s_curve(Vector x) { return 1.0F / (1.0F + exponential(-x)); }

/// Cephes' tanhf.
QUERN_TARGET inline Vector tangent(Vector x) {
  const Vector size = size_of(x);
  const Vector z = x * x;
  Vector p = broadcast(-5.70498872745e-3F);
  p = fuse(p, z, broadcast(2.06390887954e-2F));
  p = fuse(p, z, broadcast(-5.37397155531e-2F));
  p = fuse(p, z, broadcast(1.33314422036e-1F));
  p = fuse(p, z, broadcast(-3.33332819422e-1F));
  const Vector small = fuse(p * z, x, x);
  const Vector large = 1.0F - 2.0F / (exponential(size + size) + 1.0F);
  return size < 0.625F ? small : (x < 0.0F ? -large : large);
}

/// log(1 + exp(x)): the larger of x and 0, and 2 atanh(u / (2 + u)) of u = exp(-|x|).
QUERN_TARGET inline Vector soft_plus(Vector x) {
  const Vector u = exponential(-size_of(x));
  const Vector s = u / (2.0F + u);
  const Vector z = s * s;
  Vector p = broadcast(1.0F / 15);
  for (int k = 13; k >= 1; k -= 2) p = fuse(p, z, broadcast(1.0F / static_cast<float>(k)));
  return fuse(2.0F * s, p, most(x, broadcast(0.0F)));
}

/// erfc, relative error 1.2e-7. Rule: a rational Chebyshev fit, W. J. Cody's form as in Numerical
/// Recipes' erfcc.
QUERN_TARGET inline Vector complementary_error(Vector x) {
  const Vector z = size_of(x);
  const Vector t = 1.0F / fuse(z, broadcast(0.5F), broadcast(1.0F));
  Vector p = broadcast(0.17087277F);
  p = fuse(p, t, broadcast(-0.82215223F));
  p = fuse(p, t, broadcast(1.48851587F));
  p = fuse(p, t, broadcast(-1.13520398F));
  p = fuse(p, t, broadcast(0.27886807F));
  p = fuse(p, t, broadcast(-0.18628806F));
  p = fuse(p, t, broadcast(0.09678418F));
  p = fuse(p, t, broadcast(0.37409196F));
  p = fuse(p, t, broadcast(1.00002368F));
  p = fuse(p, t, broadcast(-1.26551223F));
  const Vector tail = t * exponential(fuse(-z, z, p));
  return x < 0.0F ? 2.0F - tail : tail;
}

template <ir::Activation kOf>
QUERN_TARGET inline Vector activated(Vector x) {
  using enum ir::Activation;
  constexpr float kScale = 1.0507009873554805F;
  constexpr float kAlpha = 1.6732632423543772F;
  const Vector zero = broadcast(0.0F);
  if constexpr (kOf == relu) return most(x, zero);
  if constexpr (kOf == relu6) return least(most(x, zero), broadcast(6.0F));
  if constexpr (kOf == leaky_relu) return x > 0.0F ? x : 0.01F * x;
  if constexpr (kOf == elu) return x > 0.0F ? x : exponential(x) - 1.0F;
  if constexpr (kOf == selu)
    return x > 0.0F ? kScale * x : kScale * kAlpha * (exponential(x) - 1.0F);
  if constexpr (kOf == gelu) return 0.5F * x * complementary_error(-0.70710678118654752F * x);
  if constexpr (kOf == sigmoid) return s_curve(x);
  if constexpr (kOf == tanh) return tangent(x);
  if constexpr (kOf == softplus) return soft_plus(x);
  if constexpr (kOf == softsign) return x / (1.0F + size_of(x));
  if constexpr (kOf == swish) return x * s_curve(x);
}

template <ir::Activation kOf>
QUERN_TARGET void activate_all(float* values, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += kLanes)
    store(values + i, activated<kOf>(load(values + i)));
}

void activate(ir::Activation activation, float* values, std::int64_t count) {
  using enum ir::Activation;
  switch (activation) {
    case relu: return activate_all<relu>(values, count);
    case relu6: return activate_all<relu6>(values, count);
    case leaky_relu: return activate_all<leaky_relu>(values, count);
    case elu: return activate_all<elu>(values, count);
    case selu: return activate_all<selu>(values, count);
    case gelu: return activate_all<gelu>(values, count);
    case sigmoid: return activate_all<sigmoid>(values, count);
    case tanh: return activate_all<tanh>(values, count);
    case softplus: return activate_all<softplus>(values, count);
    case softsign: return activate_all<softsign>(values, count);
    case swish: return activate_all<swish>(values, count);
  }
}
