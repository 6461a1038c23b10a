#include "simd/vmath.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "buffers.h"

namespace luge {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kSubnormal = 1e-40f;
constexpr float kMost = std::numeric_limits<float>::max();

using Reference = std::function<double(double, double, double)>;

struct Case {
  Reference reference;
  double ulps;      // largest error in units in the last place ...
  double absolute;  // ... or absolute, whichever is more
};

double remainder_of(double a, double b) {
  const double r = std::fmod(a, b);
  if (r == 0) return std::copysign(0.0, b);
  return (r < 0) == (b < 0) ? r : r + b;
}

// float32 functions against the double precision of the C library.
const std::map<std::string, Case>& cases() {
  using D = double;
  static const std::map<std::string, Case> table = {
      {"neg", {[](D a, D, D) { return -a; }, 0, 0}},
      {"abs", {[](D a, D, D) { return std::fabs(a); }, 0, 0}},
      {"sign", {[](D a, D, D) { return a > 0   ? 1
                                       : a < 0 ? -1
                                               : a; }, 0, 0}},
      {"exp", {[](D a, D, D) { return std::exp(a); }, 1.5, 0}},
      {"log", {[](D a, D, D) { return std::log(a); }, 1.5, 0}},
      {"log1p", {[](D a, D, D) { return std::log1p(a); }, 4, 0}},
      {"expm1", {[](D a, D, D) { return std::expm1(a); }, 4, 0}},
      {"sqrt", {[](D a, D, D) { return std::sqrt(a); }, 0.5, 0}},
      {"rsqrt", {[](D a, D, D) { return 1 / std::sqrt(a); }, 1.5, 0}},
      {"square", {[](D a, D, D) { return a * a; }, 0.5, 0}},
      {"reciprocal", {[](D a, D, D) { return 1 / a; }, 0.5, 0}},
      {"tanh", {[](D a, D, D) { return std::tanh(a); }, 4, 0}},
      {"sigmoid", {[](D a, D, D) { return 1 / (1 + std::exp(-a)); }, 4, 0}},
      {"relu", {[](D a, D, D) { return a <= 0 ? 0 : a; }, 0, 0}},
      {"softplus", {[](D a, D, D) { return a > 700 ? a : std::log1p(std::exp(a)); }, 4, 0}},
      {"erf", {[](D a, D, D) { return std::erf(a); }, 4, 0}},
      {"sin", {[](D a, D, D) { return std::sin(a); }, 4, 1e-7}},
      {"cos", {[](D a, D, D) { return std::cos(a); }, 4, 1e-7}},
      {"floor", {[](D a, D, D) { return std::floor(a); }, 0, 0}},
      {"ceil", {[](D a, D, D) { return std::ceil(a); }, 0, 0}},
      {"round", {[](D a, D, D) { return std::nearbyint(a); }, 0, 0}},
      {"add", {[](D a, D b, D) { return a + b; }, 0.5, 0}},
      {"sub", {[](D a, D b, D) { return a - b; }, 0.5, 0}},
      {"mul", {[](D a, D b, D) { return a * b; }, 0.5, 0}},
      {"div", {[](D a, D b, D) { return a / b; }, 0.5, 0}},
      {"pow", {[](D a, D b, D) { return std::pow(a, b); }, 1.5, 0}},
      {"max", {[](D a, D b, D) { return a != a   ? a
                                        : b != b ? b
                                                 : std::max(a, b); }, 0, 0}},
      {"min", {[](D a, D b, D) { return a != a   ? a
                                        : b != b ? b
                                                 : std::min(a, b); }, 0, 0}},
      {"eq", {[](D a, D b, D) { return a == b; }, 0, 0}},
      {"ne", {[](D a, D b, D) { return a != b; }, 0, 0}},
      {"lt", {[](D a, D b, D) { return a < b; }, 0, 0}},
      {"le", {[](D a, D b, D) { return a <= b; }, 0, 0}},
      {"gt", {[](D a, D b, D) { return a > b; }, 0, 0}},
      {"ge", {[](D a, D b, D) { return a >= b; }, 0, 0}},
      {"relu_grad", {[](D a, D b, D) { return b > 0 ? a : 0; }, 0, 0}},
      {"tanh_grad", {[](D a, D b, D) { return a * (1 - b * b); }, 2, 1e-6}},
      {"sigmoid_grad", {[](D a, D b, D) { return a * b * (1 - b); }, 2, 1e-6}},
      {"floor_mod", {[](D a, D b, D) { return remainder_of(a, b); }, 1, 0}},
      {"floor_div",
       {[](D a, D b, D) {
          if (a == 0 || b == 0) return a / b;
          const double r = std::fmod(a, b);
          return std::rint((a - r) / b) - (r != 0 && (r < 0) != (b < 0));
        },
        1, 0}},
      {"mul_add", {[](D a, D b, D c) { return a * b + c; }, 2, 1e-6}},
      {"select", {[](D a, D b, D c) { return a != 0 ? b : c; }, 0, 0}},
  };
  return table;
}

// Whether y is the rounded double `expected`, within the case's error.
bool close(float y, double expected, const Case& c) {
  const float rounded = static_cast<float>(expected);
  if (std::isnan(rounded) || std::isnan(y)) return std::isnan(rounded) && std::isnan(y);
  if (y == rounded) return true;
  if (std::isinf(y) || std::isinf(rounded)) {
    return std::fabs(std::min(std::fabs(y), std::fabs(rounded))) > 0.999999f * kMost && c.ulps > 0;
  }
  const double ulp = std::max(std::ldexp(1.0, std::ilogb(expected) - 23), 0x1p-149);
  return std::fabs(y - expected) <= std::max(c.ulps * ulp, c.absolute);
}

const VmathInfo& info(int f) { return kVmath[f]; }

// Arguments that sweep magnitudes and signs, among them every special.
std::vector<float> arguments(uint32_t seed, bool specials) {
  std::vector<float> x = random_floats(4000, -4.0f, 4.0f, seed);
  for (float v : random_floats(2000, -110.0f, 110.0f, seed + 1)) x.push_back(v);
  for (float v : random_floats(2000, -126.0f, 127.0f, seed + 2)) {
    x.push_back(std::exp2(v) * (std::fmod(v, 2.0f) > 0.5f ? -1.0f : 1.0f));
  }
  const float special[] = {0.0f,   -0.0f,      1.0f,        -1.0f,    2.0f,   -2.0f,  0.5f,
                           3.0f,   -3.0f,      kInf,        -kInf,    kNan,   kMost,  -kMost,
                           1e-38f, 88.7f,      89.0f,       -104.0f,  -88.0f, 105.0f, 0.93f,
                           4.0f,   kSubnormal, -kSubnormal, 40000.0f, 1e9f};
  if (specials) {
    for (size_t i = 0; i < 26 * 26; ++i) x.push_back(special[seed % 2 ? i % 26 : i / 26]);
  }
  return x;
}

TEST_CASE("every float32 function agrees with double precision") {
  for_each_target([] {
    for (int f = 0; f < kVmathCount; ++f) {
      const auto found = cases().find(info(f).name);
      if (found == cases().end()) continue;
      const Case& c = found->second;
      const std::string name = info(f).name;
      CAPTURE(name);
      const std::vector<float> a = arguments(1, true);
      const std::vector<float> b = arguments(2, true);
      const std::vector<float> d = random_floats(static_cast<int64_t>(a.size()), -2.0f, 2.0f, 9);
      std::vector<float> y(a.size());
      vmath(static_cast<Vmath>(f), y.data(), a.data(), b.data(), d.data(), y.size());
      int failures = 0;
      for (size_t i = 0; i < a.size(); ++i) {
        // floor_div and floor_mod of values far apart lose the quotient's last bits in double too.
        if (name.starts_with("floor_") && info(f).arity == 2 && std::fabs(a[i] / b[i]) > 1e7f &&
            std::isfinite(a[i] / b[i])) {
          continue;
        }
        // Rounded factors cancel: the error is absolute, and stated for factors of moderate size.
        const double expected = c.reference(a[i], b[i], d[i]);
        if ((name == "tanh_grad" || name == "sigmoid_grad" || name == "mul_add") &&
            !(std::fabs(a[i]) < 4 && std::fabs(b[i]) < 1.5f)) {
          continue;
        }
        const bool good = close(y[i], expected, c);
        if (!good && failures++ < 3) {
          CAPTURE(a[i]);
          CAPTURE(b[i]);
          CAPTURE(y[i]);
          CAPTURE(expected);
          CHECK(good);
        }
      }
      CHECK(failures == 0);
    }
  });
}

TEST_CASE("NaN and infinities come through") {
  for_each_target([] {
    const auto at = [](Vmath f, float a, float b = 0.0f) {
      float y;
      vmath(f, &y, &a, &b, &b, 1);
      return y;
    };
    for (Vmath f :
         {Vmath::exp, Vmath::log, Vmath::log1p, Vmath::expm1, Vmath::sqrt, Vmath::tanh,
          Vmath::sigmoid, Vmath::softplus, Vmath::erf, Vmath::sin, Vmath::relu, Vmath::sign}) {
      CAPTURE(info(static_cast<int>(f)).name);
      CHECK(std::isnan(at(f, kNan)));
    }
    CHECK(at(Vmath::exp, kInf) == kInf);
    CHECK(at(Vmath::exp, -kInf) == 0.0f);
    CHECK(at(Vmath::log, kInf) == kInf);
    CHECK(at(Vmath::log, 0.0f) == -kInf);
    CHECK(std::isnan(at(Vmath::log, -1.0f)));
    CHECK(at(Vmath::log1p, -1.0f) == -kInf);
    CHECK(at(Vmath::tanh, kInf) == 1.0f);
    CHECK(at(Vmath::tanh, -kInf) == -1.0f);
    CHECK(at(Vmath::sigmoid, kInf) == 1.0f);
    CHECK(at(Vmath::sigmoid, -kInf) == 0.0f);
    CHECK(at(Vmath::softplus, kInf) == kInf);
    CHECK(at(Vmath::softplus, -kInf) == 0.0f);
    CHECK(at(Vmath::erf, -kInf) == -1.0f);
    CHECK(std::isnan(at(Vmath::max, kNan, 1.0f)));
    CHECK(std::isnan(at(Vmath::max, 1.0f, kNan)));
    CHECK(std::isnan(at(Vmath::min, kNan, 1.0f)));
    CHECK(std::isnan(at(Vmath::min, 1.0f, kNan)));
  });
}

TEST_CASE("int32 functions") {
  constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
  constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
  const std::vector<int32_t> values = {0, 1, -1, 7, -7, 3, -3, 1000003, kMin, kMax};
  const auto wrap = [](int64_t v) { return static_cast<int32_t>(v); };
  const auto quotient = [](int64_t a, int64_t b) {
    return b == 0 ? 0 : static_cast<int64_t>(std::floor(static_cast<long double>(a) / b));
  };
  for_each_target([&] {
    for (int32_t a : values) {
      for (int32_t b : values) {
        const auto at = [&](Vmath f) {
          const float x = std::bit_cast<float>(a), z = std::bit_cast<float>(b);
          float y;
          vmath(f, &y, &x, &z, &z, 1);
          return y;
        };
        const auto int_at = [&](Vmath f) { return std::bit_cast<int32_t>(at(f)); };
        const int64_t p = a, q = b;
        CAPTURE(a);
        CAPTURE(b);
        CHECK(int_at(Vmath::i32_add) == wrap(p + q));
        CHECK(int_at(Vmath::i32_sub) == wrap(p - q));
        CHECK(int_at(Vmath::i32_mul) == wrap(p * q));
        CHECK(int_at(Vmath::i32_max) == std::max(a, b));
        CHECK(int_at(Vmath::i32_min) == std::min(a, b));
        CHECK(int_at(Vmath::i32_neg) == wrap(-p));
        CHECK(int_at(Vmath::i32_abs) == wrap(std::abs(p)));
        CHECK(int_at(Vmath::i32_sign) == (a > 0) - (a < 0));
        CHECK(int_at(Vmath::i32_floor_div) == wrap(quotient(p, q)));
        CHECK(int_at(Vmath::i32_floor_mod) == (q == 0 ? 0 : wrap(p - quotient(p, q) * q)));
        CHECK(at(Vmath::i32_eq) == (a == b));
        CHECK(at(Vmath::i32_ne) == (a != b));
        CHECK(at(Vmath::i32_lt) == (a < b));
        CHECK(at(Vmath::i32_le) == (a <= b));
        CHECK(at(Vmath::i32_gt) == (a > b));
        CHECK(at(Vmath::i32_ge) == (a >= b));
        CHECK(at(Vmath::i32_to_f32) == static_cast<float>(a));
      }
    }
  });
}

TEST_CASE("conversions truncate and saturate") {
  const std::vector<float> x = {0.0f, -0.5f, 0.99f, 1.5f,  -1.5f, 254.9f, 255.0f, 256.0f, 1e9f,
                                3e9f, -3e9f, kInf,  -kInf, kNan,  -7.9f,  100.1f, 0x1p31f};
  const std::vector<int32_t> ints = {0,         0,   0,          1,         -1,        254,
                                     255,       256, 1000000000, INT32_MAX, INT32_MIN, INT32_MAX,
                                     INT32_MIN, 0,   -7,         100,       INT32_MAX};
  for_each_target([&] {
    const int64_t n = static_cast<int64_t>(x.size());
    GuardedBuffer<int32_t> y(n, 1);
    GuardedBuffer<uint8_t> bytes(n, 3);
    vmath(Vmath::f32_to_i32, reinterpret_cast<float*>(y.data()), x.data(), nullptr, nullptr, n);
    f32_to_u8(bytes.data(), x.data(), n);
    for (int64_t i = 0; i < n; ++i) {
      CAPTURE(x[i]);
      CHECK(y[i] == ints[i]);
      CHECK(bytes[i] == std::min(std::max(ints[i], 0), 255));
    }
    CHECK(y.intact());
    CHECK(bytes.intact());
    std::vector<uint8_t> all(256 + 7);
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint8_t>(i);
    GuardedBuffer<float> floats(static_cast<int64_t>(all.size()), 1);
    u8_to_f32(floats.data(), all.data(), floats.size());
    for (int64_t i = 0; i < floats.size(); ++i) CHECK(floats[i] == all[i]);
    CHECK(floats.intact());
  });
}

TEST_CASE("an element's bits depend on its operands alone") {
  const std::vector<float> a = arguments(1, true), b = arguments(2, true), c = arguments(3, false);
  const int64_t most = 1000;
  for_each_target([&] {
    for (int f = 0; f < kVmathCount; ++f) {
      const Vmath function = static_cast<Vmath>(f);
      CAPTURE(info(f).name);
      const int64_t from = static_cast<int64_t>(c.size()) - most;
      std::vector<float> whole(most);
      vmath(function, whole.data(), &a[from], &b[from], &c[from], most);
      for (int64_t n : {0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 100, 999}) {
        for (int64_t offset : {0, 1, 5}) {
          if (offset + n > most) continue;
          GuardedBuffer<float> y(n, offset);
          vmath(function, y.data(), &a[from + offset], &b[from + offset], &c[from + offset], n);
          CHECK(same_bits(y.values(),
                          std::vector<float>(whole.begin() + offset, whole.begin() + offset + n)));
          CHECK(y.intact());
        }
      }
    }
  });
}

}  // namespace
}  // namespace luge
