// The layers of volumes [batch, depth, rows, columns, channels], all after Keras.
import { Conv3D, type Conv3DOptions } from './conv3d.js';
import { Conv3DTranspose, type Conv3DTransposeOptions } from './conv3d_transpose.js';
import { Cropping3D, type Cropping3DOptions } from './cropping.js';
import {
  AveragePooling3D,
  GlobalAveragePooling3D,
  GlobalMaxPooling3D,
  type GlobalPooling3DOptions,
  MaxPooling3D,
  type Pooling3DOptions,
} from './pooling3d.js';
import { UpSampling3D, type UpSampling3DOptions } from './up_sampling.js';
import { ZeroPadding3D, type ZeroPadding3DOptions } from './zero_padding.js';

export type {
  Conv3DOptions,
  Conv3DTransposeOptions,
  Cropping3DOptions,
  GlobalPooling3DOptions,
  Pooling3DOptions,
  UpSampling3DOptions,
  ZeroPadding3DOptions,
};

/**
 * Convolution of volumes: [batch, depth, rows, columns, channels] to [batch, ., ., ., filters], with
 * 'valid' padding of size floor((size - dilation * (kernel - 1) - 1) / stride) + 1 on each axis, with
 * 'same' ceil(size / stride). Weights: kernel [depth, rows, columns, channels / groups, filters], bias
 * [filters].
 *
 * @throws LugeError BAD_ARGUMENT for options that are no whole numbers of at least 1, UNSUPPORTED for
 *   channels first, BAD_SHAPE for other inputs.
 *
 * @example
 * ```ts
 * const scan = input({ shape: [16, 64, 64, 1] });
 * const layer = layers.conv3d({ filters: 8, kernelSize: 3, strides: [1, 2, 2], padding: 'same' });
 * layer.apply(scan).shape; // => [null,16,32,32,8]
 * ```
 */
export const conv3d = (options: Conv3DOptions): Conv3D => new Conv3D(options);

/**
 * A convolution turned around: [batch, depth, rows, columns, channels] to larger
 * [batch, ., ., ., filters]; with 'valid' padding of size size * stride + max(dilation * (kernel - 1) +
 * 1 - stride, 0) on each axis, with 'same' size * stride. Weights: kernel [depth, rows, columns,
 * filters, channels], bias [filters].
 *
 * @throws LugeError BAD_ARGUMENT, UNSUPPORTED or BAD_SHAPE as `conv3d` does, and BAD_ARGUMENT for an
 *   `outputPadding` that is not less than the strides.
 *
 * @example
 * ```ts
 * const code = input({ shape: [4, 8, 8, 16] });
 * const layer = layers.conv3dTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: 'same' });
 * layer.apply(code).shape; // => [null,8,16,16,8]
 * ```
 */
export const conv3dTranspose = (options: Conv3DTransposeOptions): Conv3DTranspose =>
  new Conv3DTranspose(options);

/**
 * The largest number of each window (2 x 2 x 2 by default) of each channel of volumes
 * [batch, depth, rows, columns, channels]. Padding never counts.
 *
 * @throws LugeError BAD_ARGUMENT, UNSUPPORTED or BAD_SHAPE as `conv3d` does.
 *
 * @example
 * ```ts
 * const scan = input({ shape: [16, 64, 64, 8] });
 * layers.maxPooling3d({ poolSize: [1, 2, 2] }).apply(scan).shape; // => [null,16,32,32,8]
 * ```
 */
export const maxPooling3d = (options?: Pooling3DOptions): MaxPooling3D => new MaxPooling3D(options);

/**
 * The mean of each window (2 x 2 x 2 by default) of each channel of volumes
 * [batch, depth, rows, columns, channels]. Padding never counts.
 *
 * @throws LugeError BAD_ARGUMENT, UNSUPPORTED or BAD_SHAPE as `conv3d` does.
 *
 * @example
 * ```ts
 * const scan = input({ shape: [16, 64, 64, 8] });
 * layers.averagePooling3d().apply(scan).shape; // => [null,8,32,32,8]
 * ```
 */
export const averagePooling3d = (options?: Pooling3DOptions): AveragePooling3D =>
  new AveragePooling3D(options);

/**
 * The mean of each channel of volumes: [batch, depth, rows, columns, channels] to [batch, channels], or
 * [batch, 1, 1, 1, channels] with `keepdims`.
 *
 * @throws LugeError UNSUPPORTED for channels first, BAD_SHAPE for other inputs.
 *
 * @example
 * ```ts
 * layers.globalAveragePooling3d().apply(input({ shape: [4, 8, 8, 3] })).shape; // => [null,3]
 * ```
 */
export const globalAveragePooling3d = (options?: GlobalPooling3DOptions): GlobalAveragePooling3D =>
  new GlobalAveragePooling3D(options);

/**
 * The largest number of each channel of volumes: [batch, depth, rows, columns, channels] to
 * [batch, channels], or [batch, 1, 1, 1, channels] with `keepdims`.
 *
 * @throws LugeError UNSUPPORTED for channels first, BAD_SHAPE for other inputs.
 *
 * @example
 * ```ts
 * layers.globalMaxPooling3d({ keepdims: true }).apply(input({ shape: [4, 8, 8, 3] })).shape; // => [null,1,1,1,3]
 * ```
 */
export const globalMaxPooling3d = (options?: GlobalPooling3DOptions): GlobalMaxPooling3D =>
  new GlobalMaxPooling3D(options);

/**
 * Volumes with each element repeated `size` times (2 by default) along depth, rows and columns.
 *
 * @throws LugeError BAD_ARGUMENT unless `size` holds whole numbers of at least 1.
 *
 * @example
 * ```ts
 * const scan = input({ shape: [4, 8, 8, 3] });
 * layers.upSampling3d({ size: [1, 2, 2] }).apply(scan).shape; // => [null,4,16,16,3]
 * ```
 */
export const upSampling3d = (options?: UpSampling3DOptions): UpSampling3D =>
  new UpSampling3D(options);

/**
 * Zeros around volumes (1 on each side by default) [batch, depth, rows, columns, channels].
 *
 * @throws LugeError BAD_ARGUMENT unless `padding` holds whole numbers of at least 0.
 *
 * @example
 * ```ts
 * const scan = input({ shape: [4, 8, 8, 3] });
 * layers.zeroPadding3d({ padding: [0, 1, [1, 2]] }).apply(scan).shape; // => [null,4,10,11,3]
 * ```
 */
export const zeroPadding3d = (options?: ZeroPadding3DOptions): ZeroPadding3D =>
  new ZeroPadding3D(options);

/**
 * Volumes [batch, depth, rows, columns, channels] without their edges (1 on each side by default).
 *
 * @throws LugeError BAD_ARGUMENT unless `cropping` holds whole numbers of at least 0, BAD_SHAPE when
 *   nothing is left.
 *
 * @example
 * ```ts
 * const scan = input({ shape: [4, 8, 8, 3] });
 * layers.cropping3d({ cropping: [1, 2, [0, 3]] }).apply(scan).shape; // => [null,2,4,5,3]
 * ```
 */
export const cropping3d = (options?: Cropping3DOptions): Cropping3D => new Cropping3D(options);
