// Every public operation, a member of `ops`. Second names are those of Keras and tfjs.
export {
  celu,
  elu,
  gelu,
  glu,
  hardShrink,
  hardSigmoid,
  hardSilu,
  hardSilu as hardSwish,
  hardTanh,
  leakyRelu,
  logSigmoid,
  mish,
  relu6,
  selu,
  silu,
  silu as swish,
  softShrink,
  softsign,
  sparsePlus,
  sparseSigmoid,
  squareplus,
  tanhShrink,
  threshold,
} from './activations.js';
export { augment } from './augment.js';
export type { AugmentOptions, Range } from './augment_options.js';
export { batchNormalization, moments } from './batch_normalization.js';
export {
  add,
  divide,
  divide as div,
  equal,
  floorDivide,
  floorDivide as floorDiv,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  mod,
  multiply,
  multiply as mul,
  notEqual,
  power,
  power as pow,
  subtract,
  subtract as sub,
} from './binary.js';
export { broadcastTo } from './broadcast.js';
export { cast } from './cast.js';
export { clip, clip as clipByValue } from './clip.js';
export { concat, concat as concatenate, stack } from './concat.js';
export { type Conv2dOptions, conv2d } from './conv2d.js';
export { type Conv2dTransposeOptions, conv2dTranspose } from './conv2d_transpose.js';
export { type Conv3dOptions, conv3d } from './conv3d.js';
export { type Conv3dTransposeOptions, conv3dTranspose } from './conv3d_transpose.js';
export { sigmoidCrossEntropy, softmaxCrossEntropy } from './cross_entropy.js';
export type { Operand, Out } from './define.js';
export {
  type DepthwiseConv2dOptions,
  depthwiseConv2d,
  separableConv2d,
} from './depthwise_conv2d.js';
export { dropout } from './dropout.js';
export { gather, gather as take, oneHot } from './gather.js';
export { type GruOptions, gru } from './gru.js';
export { lstm } from './lstm.js';
export { matmul, matmul as matMul } from './matmul.js';
export { pad } from './pad.js';
export { averagePool2d, l2Pool2d, maxPool2d, type Pool2dOptions } from './pool2d.js';
export { averagePool3d, maxPool3d, type Pool3dOptions } from './pool3d.js';
export {
  type RandomNormalOptions,
  type RandomUniformOptions,
  randomNormal,
  randomUniform,
  type SeedOptions,
  truncatedNormal,
} from './random.js';
export { expandDims, flatten, squeeze } from './rank.js';
export {
  type Axes,
  argmax,
  argmax as argMax,
  argmin,
  argmin as argMin,
  max,
  mean,
  min,
  prod,
  sum,
  variance,
} from './reduce.js';
export { reshape } from './reshape.js';
export { slice, split } from './slice.js';
export { logSoftmax, softmax } from './softmax.js';
export { stopGradient } from './stop_gradient.js';
export { transpose } from './transpose.js';
export {
  abs,
  ceil,
  cos,
  erf,
  exp,
  exp as exponential,
  expm1,
  floor,
  log,
  log1p,
  negative,
  negative as neg,
  reciprocal,
  relu,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  tanh,
} from './unary.js';
export { type UpSample2dOptions, upSample2d } from './up_sample2d.js';
export { type UpSample3dOptions, upSample3d } from './up_sample3d.js';
export { type FillMode, type WarpImagesOptions, warpImages } from './warp_images.js';
export { where } from './where.js';
export type { Padding, Pair, Triple } from './window.js';
