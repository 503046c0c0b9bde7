#if defined(__x86_64__)
/// Says that a thread waits for memory to change: the processor then saves power, and leaves a shared core to its other thread.
static inline void CProcessor_pause(void) { __builtin_ia32_pause(); }
#elif defined(__aarch64__)
static inline void CProcessor_pause(void) { __asm__ volatile("yield"); }
#else
static inline void CProcessor_pause(void) {}
#endif

// Whether the processor has what the engine is built for, see Package.swift.
#if defined(__x86_64__)
#include <cpuid.h>

// These two are asked by modules that are built for x86-64-v3 themselves, on processors that may not have it.
#define CPROCESSOR_ANYWHERE static __attribute__((noinline, unused, target("arch=x86-64")))

/// AVX2, FMA and the rest of x86-64-v3, and an operating system that saves the wide registers.
CPROCESSOR_ANYWHERE int CProcessor_runsTheEngine(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    unsigned fma = c >> 12 & 1, movbe = c >> 22 & 1, osxsave = c >> 27 & 1, f16c = c >> 29 & 1;
    if (!(fma && movbe && osxsave && f16c)) return 0;
    unsigned saved, high;
    __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
    if ((saved & 6) != 6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    unsigned bmi1 = b >> 3 & 1, avx2 = b >> 5 & 1, bmi2 = b >> 8 & 1;
    if (!(bmi1 && avx2 && bmi2)) return 0;
    return __get_cpuid(0x80000001, &a, &b, &c, &d) && (c >> 5 & 1);
}

/// AVX: without it not even an error can be made by code for x86-64-v3.
CPROCESSOR_ANYWHERE int CProcessor_hasVectors(void) {
    unsigned a, b, c, d, saved, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1) || !(c >> 28 & 1)) return 0;
    __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
    return (saved & 6) == 6;
}

/// The AVX-512 of x86-64-v4 on top of that.
CPROCESSOR_ANYWHERE int CProcessor_hasWideVectors(void) {
    if (!CProcessor_runsTheEngine()) return 0;
    unsigned saved, high;
    __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
    if ((saved & 0xe6) != 0xe6) return 0;
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    unsigned f = b >> 16 & 1, dq = b >> 17 & 1, cd = b >> 28 & 1, bw = b >> 30 & 1, vl = b >> 31 & 1;
    return f && dq && cd && bw && vl;
}
#else
static inline int CProcessor_runsTheEngine(void) { return 1; }
static inline int CProcessor_hasVectors(void) { return 1; }
static inline int CProcessor_hasWideVectors(void) { return 0; }
#endif
