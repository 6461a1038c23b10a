import type { ClassConfig } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import { ActivationLayer, type ActivationOptions } from './activation_layer.js';
import {
  ActivityRegularization,
  type ActivityRegularizationOptions,
} from './activity_regularization.js';
import {
  AdditiveAttention,
  type AdditiveAttentionOptions,
  Attention,
  type AttentionOptions,
} from './attention.js';
import {
  GroupNormalization,
  type GroupNormalizationOptions,
  LayerNormalization,
  type LayerNormalizationOptions,
  RMSNormalization,
  type RMSNormalizationOptions,
  UnitNormalization,
  type UnitNormalizationOptions,
} from './axis_normalization.js';
import { BatchNormalization, type BatchNormalizationOptions } from './batch_normalization.js';
import { Bidirectional, type BidirectionalOptions } from './bidirectional.js';
import { Conv1D, type Conv1DOptions } from './conv1d.js';
import { Conv1DTranspose, type Conv1DTransposeOptions } from './conv1d_transpose.js';
import { Conv2D, type Conv2DOptions } from './conv2d.js';
import { Conv2DTranspose, type Conv2DTransposeOptions } from './conv2d_transpose.js';
import { Conv3D } from './conv3d.js';
import { Conv3DTranspose } from './conv3d_transpose.js';
import {
  Cropping1D,
  type Cropping1DOptions,
  Cropping2D,
  type Cropping2DOptions,
  Cropping3D,
} from './cropping.js';
import { Dense, type DenseOptions } from './dense.js';
import { DepthwiseConv1D, type DepthwiseConv1DOptions } from './depthwise_conv1d.js';
import { DepthwiseConv2D, type DepthwiseConv2DOptions } from './depthwise_conv2d.js';
import { Dot, type DotOptions } from './dot.js';
import {
  Dropout,
  type DropoutOptions,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  type SpatialDropoutOptions,
} from './dropout.js';
import { Embedding, type EmbeddingOptions } from './embedding.js';
import {
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  type GlobalPooling2DOptions,
} from './global_pooling2d.js';
import { GRU, type GRUOptions } from './gru.js';
import { InputLayer, type InputOptions } from './input_layer.js';
import { Lambda, type LambdaOptions } from './lambda.js';
import type { Layer, LayerOptions } from './layer.js';
import { LSTM, type LSTMOptions } from './lstm.js';
import { Masking, type MaskingOptions } from './masking.js';
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
import { MultiHeadAttention } from './multi_head_attention.js';
import type { MultiHeadAttentionOptions } from './multi_head_attention_options.js';
import {
  AlphaDropout,
  type AlphaDropoutOptions,
  GaussianDropout,
  type GaussianDropoutOptions,
  GaussianNoise,
  type GaussianNoiseOptions,
} from './noise.js';
import {
  AveragePooling1D,
  GlobalAveragePooling1D,
  GlobalMaxPooling1D,
  type GlobalPooling1DOptions,
  MaxPooling1D,
  type Pooling1DOptions,
} from './pooling1d.js';
import { AveragePooling2D, L2Pooling2D, MaxPooling2D, type Pooling2DOptions } from './pooling2d.js';
import {
  AveragePooling3D,
  GlobalAveragePooling3D,
  GlobalMaxPooling3D,
  MaxPooling3D,
} from './pooling3d.js';
import {
  RandomBrightness,
  type RandomBrightnessOptions,
  RandomContrast,
  type RandomContrastOptions,
} from './random_colors.js';
import {
  RandomFlip,
  type RandomFlipOptions,
  RandomRotation,
  type RandomRotationOptions,
  RandomShear,
  type RandomShearOptions,
  RandomTranslation,
  type RandomTranslationOptions,
  RandomZoom,
  type RandomZoomOptions,
} from './random_warps.js';
import {
  ELU,
  type ELUOptions,
  LeakyReLU,
  type LeakyReLUOptions,
  PReLU,
  type PReLUOptions,
  ReLU,
  type ReLUOptions,
} from './rectifiers.js';
import { registry } from './registry.js';
import { Rescaling, type RescalingOptions } from './rescaling.js';
import { Flatten, type FlattenOptions, Reshape, type ReshapeOptions } from './reshaping.js';
import { SeparableConv1D, type SeparableConv1DOptions } from './separable_conv1d.js';
import { SeparableConv2D, type SeparableConv2DOptions } from './separable_conv2d.js';
import {
  Permute,
  type PermuteOptions,
  RepeatVector,
  type RepeatVectorOptions,
} from './sequence_shapes.js';
import { SimpleRNN, type SimpleRNNOptions } from './simple_rnn.js';
import { Softmax, type SoftmaxOptions } from './softmax.js';
import { TimeDistributed, type TimeDistributedOptions } from './time_distributed.js';
import {
  UpSampling1D,
  type UpSampling1DOptions,
  UpSampling2D,
  type UpSampling2DOptions,
  UpSampling3D,
} from './up_sampling.js';
import {
  ZeroPadding1D,
  type ZeroPadding1DOptions,
  ZeroPadding2D,
  type ZeroPadding2DOptions,
  ZeroPadding3D,
} from './zero_padding.js';

export type { ActivationFunction, ActivationLike } from './activations.js';
export type { AttentionCallOptions } from './attention.js';
export type { BatchNormalizationCallOptions } from './batch_normalization.js';
export type { CallOptions } from './call_options.js';
export { InputLayer, type InputOptions, input } from './input_layer.js';
export { Layer, type LayerOptions, type WeightOptions } from './layer.js';
export type { Masks } from './masks.js';
export type { MultiHeadAttentionCallOptions } from './multi_head_attention_options.js';
export type { RecurrentCallOptions } from './recurrent_options.js';
export * from './volumes.js';
export type {
  ActivationOptions,
  ActivityRegularizationOptions,
  AdditiveAttentionOptions,
  AlphaDropoutOptions,
  AttentionOptions,
  BatchNormalizationOptions,
  BidirectionalOptions,
  ConcatenateOptions,
  Conv1DOptions,
  Conv1DTransposeOptions,
  Conv2DOptions,
  Conv2DTransposeOptions,
  Cropping1DOptions,
  Cropping2DOptions,
  DenseOptions,
  DepthwiseConv1DOptions,
  DepthwiseConv2DOptions,
  DotOptions,
  DropoutOptions,
  ELUOptions,
  EmbeddingOptions,
  FlattenOptions,
  GaussianDropoutOptions,
  GaussianNoiseOptions,
  GlobalPooling1DOptions,
  GlobalPooling2DOptions,
  GRUOptions,
  GroupNormalizationOptions,
  LambdaOptions,
  LayerNormalizationOptions,
  LeakyReLUOptions,
  LSTMOptions,
  MaskingOptions,
  MultiHeadAttentionOptions,
  PermuteOptions,
  Pooling1DOptions,
  Pooling2DOptions,
  PReLUOptions,
  RandomBrightnessOptions,
  RandomContrastOptions,
  RandomFlipOptions,
  RandomRotationOptions,
  RandomShearOptions,
  RandomTranslationOptions,
  RandomZoomOptions,
  ReLUOptions,
  RepeatVectorOptions,
  RescalingOptions,
  ReshapeOptions,
  RMSNormalizationOptions,
  SeparableConv1DOptions,
  SeparableConv2DOptions,
  SimpleRNNOptions,
  SoftmaxOptions,
  SpatialDropoutOptions,
  TimeDistributedOptions,
  UnitNormalizationOptions,
  UpSampling1DOptions,
  UpSampling2DOptions,
  ZeroPadding1DOptions,
  ZeroPadding2DOptions,
};

/**
 * Makes a class of your own known by its class name, so that configurations can hold it.
 *
 * @example
 * ```ts
 * class Twice extends Layer {
 *   static override className = 'Twice';
 *   override call(x: Value): Value {
 *     return ops.multiply(x, 2);
 *   }
 * }
 * layers.register(Twice); // files with it can be loaded from now on
 * modelFromJSON(sequential([new Twice({ inputShape: [2] })]).toJSON()).layers.length; // => 1
 * ```
 */
export const register = registry.add.bind(registry);

for (const type of [
  ...[InputLayer, Dense, Conv2D, MaxPooling2D, AveragePooling2D, L2Pooling2D],
  ...[GlobalAveragePooling2D, GlobalMaxPooling2D, Flatten, Reshape, Dropout, ActivationLayer],
  ...[BatchNormalization, Rescaling, Add, Subtract, Multiply, Average, Maximum, Minimum],
  ...[Concatenate, ZeroPadding2D, DepthwiseConv2D, SeparableConv2D, LSTM, GRU],
  ...[ReLU, LeakyReLU, PReLU, ELU, Softmax, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D],
  ...[GaussianNoise, GaussianDropout, AlphaDropout, Lambda, Permute, RepeatVector],
  ...[Cropping1D, Cropping2D, UpSampling1D, UpSampling2D, Conv1D, Conv2DTranspose],
  ...[Conv1DTranspose, DepthwiseConv1D, SeparableConv1D],
  ...[MaxPooling1D, AveragePooling1D, GlobalAveragePooling1D, GlobalMaxPooling1D],
  ...[LayerNormalization, GroupNormalization, UnitNormalization, RMSNormalization],
  ...[Dot, Embedding, ActivityRegularization, Masking, SimpleRNN],
  ...[ZeroPadding1D, ZeroPadding3D, Cropping3D],
  ...[Conv3D, Conv3DTranspose, UpSampling3D, MaxPooling3D, AveragePooling3D],
  ...[GlobalAveragePooling3D, GlobalMaxPooling3D],
  ...[RandomRotation, RandomTranslation, RandomZoom, RandomShear, RandomFlip],
  ...[RandomBrightness, RandomContrast],
  ...[Bidirectional, TimeDistributed],
  ...[Attention, AdditiveAttention, MultiHeadAttention],
]) {
  register(type);
}

/**
 * Whether a layer class of that name is known.
 *
 * @example
 * ```ts
 * layers.isRegistered('Dense'); // => true
 * layers.isRegistered('Denes'); // => false
 * ```
 */
export const isRegistered = registry.has.bind(registry);

/**
 * The layer of a configuration `{ class_name, config }`, or the layer itself. Throws UNKNOWN_NAME.
 *
 * @example
 * ```ts
 * layers.get({ class_name: 'Dense', config: { units: 10, name: 'last' } }).name; // => 'last'
 * ```
 */
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

/**
 * Zeros around sequences (1 step at each end by default): [batch, time, channels] to
 * [batch, first + time + last, channels]. Source: Keras.
 *
 * @throws LugeError BAD_ARGUMENT unless `padding` holds whole numbers of at least 0.
 *
 * @example
 * ```ts
 * const x = input({ shape: [10, 3] });
 * layers.zeroPadding1d({ padding: [2, 0] }).apply(x).shape; // => [null,12,3]
 * ```
 */
export const zeroPadding1d = (options?: ZeroPadding1DOptions): ZeroPadding1D =>
  new ZeroPadding1D(options);

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

/** Marks steps of a sequence that hold nothing but `maskValue` as to be skipped. */
export const masking = (options?: MaskingOptions): Masking => new Masking(options);

/** A layer fed back to itself over a sequence: [batch, time, n] to [batch, units]. */
export const simpleRNN = (options: SimpleRNNOptions): SimpleRNN => new SimpleRNN(options);

/** Long short-term memory over a sequence: [batch, time, n] to [batch, units]. */
export const lstm = (options: LSTMOptions): LSTM => new LSTM(options);

/** Gated recurrent unit over a sequence: [batch, time, n] to [batch, units]. */
export const gru = (options: GRUOptions): GRU => new GRU(options);

/** A recurrent layer both ways: [batch, time, n] to [batch, 2 units]. */
export const bidirectional = (options: BidirectionalOptions): Bidirectional =>
  new Bidirectional(options);

/** A layer for each step of a sequence: [batch, time, ...] to [batch, time, ...]. */
export const timeDistributed = (options: TimeDistributedOptions): TimeDistributed =>
  new TimeDistributed(options);

/** A mean of values for each query, by products of query and key: `apply([query, value])`. */
export const attention = (options?: AttentionOptions): Attention => new Attention(options);

/** A mean of values for each query, by tanh(query + key): `apply([query, value])`. */
export const additiveAttention = (options?: AdditiveAttentionOptions): AdditiveAttention =>
  new AdditiveAttention(options);

/** Attention with several heads, each over projections of its own: `apply([query, value])`. */
export const multiHeadAttention = (options: MultiHeadAttentionOptions): MultiHeadAttention =>
  new MultiHeadAttention(options);

/** x above 0, else 0; with a largest output, a slope below or another threshold if given. */
export const reLU = (options?: ReLUOptions): ReLU => new ReLU(options);

/** x above 0, a small slope (0.3 by default) below. */
export const leakyReLU = (options?: LeakyReLUOptions): LeakyReLU => new LeakyReLU(options);

/** x above 0, a trained slope below. */
export const prelu = (options?: PReLUOptions): PReLU => new PReLU(options);

/** x above 0, alpha * (e^x - 1) below. */
export const elu = (options?: ELUOptions): ELU => new ELU(options);

/** e^x / sum(e^x) along an axis (the last by default). */
export const softmax = (options?: SoftmaxOptions): Softmax => new Softmax(options);

/** Drops whole channels of sequences [batch, time, channels] in training. */
export const spatialDropout1d = (options: SpatialDropoutOptions): SpatialDropout1D =>
  new SpatialDropout1D(options);

/** Drops whole channels of images [batch, rows, columns, channels] in training. */
export const spatialDropout2d = (options: SpatialDropoutOptions): SpatialDropout2D =>
  new SpatialDropout2D(options);

/** Drops whole channels of volumes [batch, depth, rows, columns, channels] in training. */
export const spatialDropout3d = (options: SpatialDropoutOptions): SpatialDropout3D =>
  new SpatialDropout3D(options);

/** Adds normal noise in training. */
export const gaussianNoise = (options: GaussianNoiseOptions): GaussianNoise =>
  new GaussianNoise(options);

/** Multiplies by normal noise of mean 1 in training. */
export const gaussianDropout = (options: GaussianDropoutOptions): GaussianDropout =>
  new GaussianDropout(options);

/** Drops elements at random in training so that selu's mean 0 and variance 1 stay. */
export const alphaDropout = (options: AlphaDropoutOptions): AlphaDropout =>
  new AlphaDropout(options);

/** A function written with `ops` as a layer: `lambda({ function: (x) => ops.square(x) })`. */
export const lambda = (options: LambdaOptions): Lambda => new Lambda(options);

/** The axes of each sample in another order: `permute({ dims: [2, 1] })`. */
export const permute = (options: PermuteOptions): Permute => new Permute(options);

/** Each sample n times: [batch, features] to [batch, n, features]. */
export const repeatVector = (options: RepeatVectorOptions): RepeatVector =>
  new RepeatVector(options);

/** Sequences [batch, time, channels] without their ends. */
export const cropping1d = (options?: Cropping1DOptions): Cropping1D => new Cropping1D(options);

/** Images [batch, rows, columns, channels] without their edges. */
export const cropping2d = (options?: Cropping2DOptions): Cropping2D => new Cropping2D(options);

/** Each step of a sequence several times (2 by default). */
export const upSampling1d = (options?: UpSampling1DOptions): UpSampling1D =>
  new UpSampling1D(options);

/** Images with several times as many rows and columns (2 by default). */
export const upSampling2d = (options?: UpSampling2DOptions): UpSampling2D =>
  new UpSampling2D(options);

/** Convolution of sequences: [batch, time, channels] to [batch, ., filters]. */
export const conv1d = (options: Conv1DOptions): Conv1D => new Conv1D(options);

/** Convolution of each channel of a sequence alone. */
export const depthwiseConv1d = (options: DepthwiseConv1DOptions): DepthwiseConv1D =>
  new DepthwiseConv1D(options);

/** Convolution of each channel of a sequence alone, and a mixing of the channels. */
export const separableConv1d = (options: SeparableConv1DOptions): SeparableConv1D =>
  new SeparableConv1D(options);

/** Transposed convolution of sequences. */
export const conv1dTranspose = (options: Conv1DTransposeOptions): Conv1DTranspose =>
  new Conv1DTranspose(options);

/** A convolution turned around: [batch, rows, columns, channels] to larger [batch, ., ., filters]. */
export const conv2dTranspose = (options: Conv2DTransposeOptions): Conv2DTranspose =>
  new Conv2DTranspose(options);

/** The largest number of each window (2 by default) of sequences [batch, time, channels]. */
export const maxPooling1d = (options?: Pooling1DOptions): MaxPooling1D => new MaxPooling1D(options);

/** The mean of each window (2 by default) of sequences [batch, time, channels]. */
export const averagePooling1d = (options?: Pooling1DOptions): AveragePooling1D =>
  new AveragePooling1D(options);

/** The mean of each channel of sequences: [batch, time, channels] to [batch, channels]. */
export const globalAveragePooling1d = (options?: GlobalPooling1DOptions): GlobalAveragePooling1D =>
  new GlobalAveragePooling1D(options);

/** The largest number of each channel of sequences: [batch, time, channels] to [batch, channels]. */
export const globalMaxPooling1d = (options?: GlobalPooling1DOptions): GlobalMaxPooling1D =>
  new GlobalMaxPooling1D(options);

/** Normalizes each sample over its last axis (or others), with a trained factor and offset. */
export const layerNormalization = (options?: LayerNormalizationOptions): LayerNormalization =>
  new LayerNormalization(options);

/** Normalizes each sample over groups of its channels, with a trained factor and offset. */
export const groupNormalization = (options?: GroupNormalizationOptions): GroupNormalization =>
  new GroupNormalization(options);

/** Scales each sample to length 1 along its last axis (or others). */
export const unitNormalization = (options?: UnitNormalizationOptions): UnitNormalization =>
  new UnitNormalization(options);

/** Scales each sample to mean square 1 along its last axis (or others), times a trained factor. */
export const rmsNormalization = (options?: RMSNormalizationOptions): RMSNormalization =>
  new RMSNormalization(options);

/** Products of two inputs added up along an axis: `dot({ axes: 1 }).apply([a, b])`. */
export const dot = (options: DotOptions): Dot => new Dot(options);

/** A trained vector for each whole number: [batch, ...] to [batch, ..., outputDim]. */
export const embedding = (options: EmbeddingOptions): Embedding => new Embedding(options);

/**
 * Its input as it is, of any shape, whose size is added to the loss: l1 * sum(|x|) + l2 * sum(x^2),
 * divided by the batch size, in training and in `evaluate`. Both factors are 0 by default.
 *
 * Source: Keras. Any layer does the same for its output by `activityRegularizer`.
 *
 * @throws LugeError BAD_ARGUMENT for a factor below 0.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.dense({ units: 32, activation: 'relu', inputShape: [784] }),
 *   layers.activityRegularization({ l1: 1e-4 }), // most units are to be silent
 *   layers.dense({ units: 784 }),
 * ]);
 * ```
 */
export const activityRegularization = (
  options?: ActivityRegularizationOptions,
): ActivityRegularization => new ActivityRegularization(options);
/** In training, turns images: `randomRotation({ factor: 0.1 })` by up to a tenth of a turn. */
export const randomRotation = (options: RandomRotationOptions): RandomRotation =>
  new RandomRotation(options);

/** In training, moves images: `randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 })`. */
export const randomTranslation = (options: RandomTranslationOptions): RandomTranslation =>
  new RandomTranslation(options);

/** In training, makes images larger or smaller: `randomZoom({ heightFactor: 0.1 })`. */
export const randomZoom = (options: RandomZoomOptions): RandomZoom => new RandomZoom(options);

/** In training, slants images: `randomShear({ xFactor: 0.2 })`. */
export const randomShear = (options?: RandomShearOptions): RandomShear => new RandomShear(options);

/** In training, mirrors half of the images: `randomFlip({ mode: 'horizontal' })`. */
export const randomFlip = (options?: RandomFlipOptions): RandomFlip => new RandomFlip(options);

/** In training, makes images brighter or darker: `randomBrightness({ factor: 0.2 })`. */
export const randomBrightness = (options: RandomBrightnessOptions): RandomBrightness =>
  new RandomBrightness(options);

/** In training, changes the contrast of images: `randomContrast({ factor: 0.2 })`. */
export const randomContrast = (options: RandomContrastOptions): RandomContrast =>
  new RandomContrast(options);
