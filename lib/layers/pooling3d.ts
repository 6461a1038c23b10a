import type { Value } from '../graph/ir.js';
import { averagePool3d, maxPool3d, type Pool3dOptions } from '../ops/pool3d.js';
import { max, mean } from '../ops/reduce.js';
import { type ImageOptions, type Triple, volumeAxes } from './image_options.js';
import type { LayerOptions } from './layer.js';
import {
  GlobalPoolingLayer,
  type GlobalPoolingOptions,
  PoolingLayer,
  type PoolingWindow,
} from './pooling_layer.js';

export interface Pooling3DOptions extends LayerOptions, ImageOptions {
  /** Depth, rows and columns of the window. Default 2. */
  poolSize?: Triple;
  /** Default: the window's size. */
  strides?: Triple;
}

/**
 * Input [batch, depth, rows, columns, channels], output [batch, newDepth, newRows, newColumns,
 * channels].
 */
abstract class Pooling3D extends PoolingLayer {
  constructor(options: Pooling3DOptions = {}) {
    super(options, volumeAxes);
  }
}

/**
 * The largest number of each window.
 *
 * Source: Keras's MaxPooling3D.
 */
export class MaxPooling3D extends Pooling3D {
  static override className = 'MaxPooling3D';

  protected override pool(x: Value, window: PoolingWindow): Value {
    return maxPool3d(x, window as Pool3dOptions);
  }
}

/**
 * The mean of each window.
 *
 * Source: Keras's AveragePooling3D.
 */
export class AveragePooling3D extends Pooling3D {
  static override className = 'AveragePooling3D';

  protected override pool(x: Value, window: PoolingWindow): Value {
    return averagePool3d(x, window as Pool3dOptions);
  }
}

export type GlobalPooling3DOptions = GlobalPoolingOptions;

/**
 * Input [batch, depth, rows, columns, channels], output [batch, channels], or
 * [batch, 1, 1, 1, channels] with `keepdims`.
 */
abstract class GlobalPooling3D extends GlobalPoolingLayer {
  constructor(options: GlobalPooling3DOptions = {}) {
    super(options, volumeAxes);
  }
}

/**
 * The mean of each channel.
 *
 * Source: Keras's GlobalAveragePooling3D.
 */
export class GlobalAveragePooling3D extends GlobalPooling3D {
  static override className = 'GlobalAveragePooling3D';

  protected override pool(x: Value, axes: readonly number[], keepDims: boolean): Value {
    return mean(x, axes, keepDims);
  }
}

/**
 * The largest number of each channel.
 *
 * Source: Keras's GlobalMaxPooling3D.
 */
export class GlobalMaxPooling3D extends GlobalPooling3D {
  static override className = 'GlobalMaxPooling3D';

  protected override pool(x: Value, axes: readonly number[], keepDims: boolean): Value {
    return max(x, axes, keepDims);
  }
}
