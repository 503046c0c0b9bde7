// What the convolution kernels are told. These are C structs because the kernels are compiled twice, in NASLib and in WideKernels: a struct
// of either would bring code for its own processor into the other, a C struct brings none (see NASLib/Kernels/Kernels.swift).
//
// Offsets are in floats and are lists of int32; see NASLib/Kernels/Geometry.swift, which makes and keeps them.
#pragma once
#include <stdint.h>

#pragma clang assume_nonnull begin

/// The sums of a convolution: each output pixel is a sum over taps of an image. Forward and input gradient differ in their lists only.
typedef struct {
    /// For each pixel, the offset of its first input channel in the image.
    const int32_t *pixels;
    /// For each pixel, the offset of its first output channel; a multiple of 8.
    const int32_t *outputOffsets;
    /// For each tap, its offset from a pixel.
    const int32_t *taps;
    /// For each tap, which of the weights' taps it uses.
    const int32_t *tapWeights;
    long pixelCount;
    /// How many pixels at a time are evenly spaced, and their outputs too; divides `pixelCount`. For depthwise kernels.
    long run;
    long tapCount;
    /// How many taps at a time are one pixel apart; divides `tapCount`. For depthwise kernels.
    long columns;
    /// Taps that the weights have in all.
    long weightTaps;
    /// Channels that each output sums over.
    long inputs;
    /// Channels that are computed, a multiple of 8.
    long outputs;
} PixelSum;

/// The weight gradient of a convolution: for each tap the sum over pixels of what the tap sees there, times the pixel's delta.
typedef struct {
    /// For each pixel, the offset of its first input channel in the image.
    const int32_t *pixels;
    /// For each pixel, the offset of its first delta.
    const int32_t *deltaOffsets;
    /// Offsets from a pixel: for dense kernels of each pair of a tap and an input channel, in the order of the weights; otherwise of each
    /// tap.
    const int32_t *rows;
    /// For each part of the pixels, how many pixels come before its end. Each part's sum begins at 0. For dense kernels.
    const int32_t *ends;
    long partCount;
    /// The last part's end.
    long pixelCount;
    /// How many pixels at a time are evenly spaced, and their deltas too; divides `pixelCount`. For depthwise kernels.
    long run;
    long rowCount;
    /// How many taps at a time are one pixel apart; divides `rowCount`. For depthwise kernels.
    long columns;
    /// Channels of the deltas, a multiple of 8.
    long outputs;
} WeightSum;

/// An image with a border of zeros on all sides, rows of pixels of `channels` floats.
typedef struct {
    long height;
    long width;
    long channels;
    long border;
} PaddedImage;

#pragma clang assume_nonnull end
