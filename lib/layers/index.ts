import { type ClassConfig, Registry } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import { ActivationLayer, type ActivationOptions } from './activation_layer.js';
import { BatchNormalization, type BatchNormalizationOptions } from './batch_normalization.js';
import { Conv2D, type Conv2DOptions } from './conv2d.js';
import { Dense, type DenseOptions } from './dense.js';
import { DepthwiseConv2D, type DepthwiseConv2DOptions } from './depthwise_conv2d.js';
import { Dropout, type DropoutOptions } from './dropout.js';
import {
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  type GlobalPooling2DOptions,
} from './global_pooling2d.js';
import { GRU, type GRUOptions } from './gru.js';
import { InputLayer, type InputOptions } from './input_layer.js';
import { Layer, type LayerOptions } from './layer.js';
import { LSTM, type LSTMOptions } from './lstm.js';
import {
  Add,
  Average,
  Concatenate,
  type ConcatenateOptions,
  Maximum,
  Minimum,
  Multiply,
  Subtract,
} from './merging.js';
import { AveragePooling2D, L2Pooling2D, MaxPooling2D, type Pooling2DOptions } from './pooling2d.js';
import { Rescaling, type RescalingOptions } from './rescaling.js';
import { Flatten, type FlattenOptions, Reshape, type ReshapeOptions } from './reshaping.js';
import { SeparableConv2D, type SeparableConv2DOptions } from './separable_conv2d.js';
import { ZeroPadding2D, type ZeroPadding2DOptions } from './zero_padding2d.js';

export type { ActivationFunction, ActivationLike } from './activations.js';
export { InputLayer, type InputOptions, input } from './input_layer.js';
export { Layer, type LayerOptions, type WeightOptions } from './layer.js';
export type {
  ActivationOptions,
  BatchNormalizationOptions,
  ConcatenateOptions,
  Conv2DOptions,
  DenseOptions,
  DepthwiseConv2DOptions,
  DropoutOptions,
  FlattenOptions,
  GlobalPooling2DOptions,
  GRUOptions,
  LSTMOptions,
  Pooling2DOptions,
  RescalingOptions,
  ReshapeOptions,
  SeparableConv2DOptions,
  ZeroPadding2DOptions,
};

const registry = new Registry<Layer>('layer', Layer);

/** Makes a class of your own known by its class name, so that configurations can hold it. */
export const register = registry.add.bind(registry);

for (const type of [
  ...[InputLayer, Dense, Conv2D, MaxPooling2D, AveragePooling2D, L2Pooling2D],
  ...[GlobalAveragePooling2D, GlobalMaxPooling2D, Flatten, Reshape, Dropout, ActivationLayer],
  ...[BatchNormalization, Rescaling, Add, Subtract, Multiply, Average, Maximum, Minimum],
  ...[Concatenate, ZeroPadding2D, DepthwiseConv2D, SeparableConv2D, LSTM, GRU],
]) {
  register(type);
}

/** The layer of a configuration `{ class_name, config }`, or the layer itself. Throws UNKNOWN_NAME. */
export const get = (identifier: ClassConfig | Layer): Layer => registry.get(identifier);

/** Where data enters a model, as a layer; `input` gives its symbolic tensor. */
export const inputLayer = (
  options: InputOptions & { inputShape?: PartialShape; batchInputShape?: PartialShape },
): InputLayer => new InputLayer(options);

/** activation(x kernel + bias) on the last axis: [batch, ..., n] to [batch, ..., units]. */
export const dense = (options: DenseOptions): Dense => new Dense(options);

/** Convolution of images: [batch, rows, columns, channels] to [batch, ., ., filters]. */
export const conv2d = (options: Conv2DOptions): Conv2D => new Conv2D(options);

/** Convolution of each channel alone: [batch, rows, columns, channels] to [batch, ., ., channels * m]. */
export const depthwiseConv2d = (options: DepthwiseConv2DOptions): DepthwiseConv2D =>
  new DepthwiseConv2D(options);

/** A convolution of each channel alone, then one of 1 x 1: to [batch, ., ., filters]. */
export const separableConv2d = (options: SeparableConv2DOptions): SeparableConv2D =>
  new SeparableConv2D(options);

/** Zeros around images (1 on each side by default) [batch, rows, columns, channels]. */
export const zeroPadding2d = (options?: ZeroPadding2DOptions): ZeroPadding2D =>
  new ZeroPadding2D(options);

/** The largest number of each window (2 x 2 by default) of images [batch, rows, columns, channels]. */
export const maxPooling2d = (options?: Pooling2DOptions): MaxPooling2D => new MaxPooling2D(options);

/** The mean of each window (2 x 2 by default) of images [batch, rows, columns, channels]. */
export const averagePooling2d = (options?: Pooling2DOptions): AveragePooling2D =>
  new AveragePooling2D(options);

/** sqrt(mean(x^2)) of each window (2 x 2 by default) of images [batch, rows, columns, channels]. */
export const l2Pooling2d = (options?: Pooling2DOptions): L2Pooling2D => new L2Pooling2D(options);

/** The mean of each channel of images: [batch, rows, columns, channels] to [batch, channels]. */
export const globalAveragePooling2d = (options?: GlobalPooling2DOptions): GlobalAveragePooling2D =>
  new GlobalAveragePooling2D(options);

/** The largest number of each channel of images: [batch, rows, columns, channels] to [batch, channels]. */
export const globalMaxPooling2d = (options?: GlobalPooling2DOptions): GlobalMaxPooling2D =>
  new GlobalMaxPooling2D(options);

/** Each sample as one row: [batch, ...] to [batch, n]. */
export const flatten = (options?: FlattenOptions): Flatten => new Flatten(options);

/** Each sample under another shape: [batch, ...] to [batch, ...targetShape]. */
export const reshape = (options: ReshapeOptions): Reshape => new Reshape(options);

/** Drops elements at random in training, with probability `rate`. */
export const dropout = (options: DropoutOptions): Dropout => new Dropout(options);

/** An activation as a layer of its own: `activation({ activation: 'relu' })`. */
export const activation = (options: ActivationOptions): ActivationLayer =>
  new ActivationLayer(options);

/** Normalizes each channel by the mean and variance of the batch, or later by running ones. */
export const batchNormalization = (options?: BatchNormalizationOptions): BatchNormalization =>
  new BatchNormalization(options);

/** x * scale + offset, such as `rescaling({ scale: 1 / 255 })` for images of bytes. */
export const rescaling = (options: RescalingOptions): Rescaling => new Rescaling(options);

/** The sum of several inputs: `add().apply([a, b])`. */
export const add = (options?: LayerOptions): Add => new Add(options);

/** The first input minus the second: `subtract().apply([a, b])`. */
export const subtract = (options?: LayerOptions): Subtract => new Subtract(options);

/** The product of several inputs: `multiply().apply([a, b])`. */
export const multiply = (options?: LayerOptions): Multiply => new Multiply(options);

/** The mean of several inputs: `average().apply([a, b])`. */
export const average = (options?: LayerOptions): Average => new Average(options);

/** The largest of several inputs, element by element: `maximum().apply([a, b])`. */
export const maximum = (options?: LayerOptions): Maximum => new Maximum(options);

/** The smallest of several inputs, element by element: `minimum().apply([a, b])`. */
export const minimum = (options?: LayerOptions): Minimum => new Minimum(options);

/** Several inputs one after the other along an axis (the last by default). */
export const concatenate = (options?: ConcatenateOptions): Concatenate => new Concatenate(options);

/** Long short-term memory over a sequence: [batch, time, n] to [batch, units]. */
export const lstm = (options: LSTMOptions): LSTM => new LSTM(options);

/** Gated recurrent unit over a sequence: [batch, time, n] to [batch, units]. */
export const gru = (options: GRUOptions): GRU => new GRU(options);
