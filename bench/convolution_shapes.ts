/** A convolution with as much padding as keeps the size (over the stride), channels last. */
export interface Convolution {
  name: string;
  batch: number;
  /** Rows, columns, channels. */
  input: [number, number, number];
  kernel: number;
  filters: number;
  stride: number;
  groups: number;
}

type Options = Partial<Pick<Convolution, 'stride' | 'groups' | 'batch'>>;

function convolution(
  name: string,
  size: number,
  channels: number,
  filters: number,
  kernel: number,
  options: Options = {},
): Convolution {
  const input: Convolution['input'] = [size, size, channels];
  return { name, batch: 8, input, kernel, filters, stride: 1, groups: 1, ...options };
}

const depthwise = (name: string, size: number, channels: number, kernel: number, stride: number) =>
  convolution(name, size, channels, channels, kernel, { stride, groups: channels });

/** Convolutions of well-known networks: stems, bottlenecks, depthwise, grouped, and odd sizes. */
export const convolutions: readonly Convolution[] = [
  convolution('7x7s2-3-64', 224, 3, 64, 7, { stride: 2 }),
  convolution('3x3s2-3-32', 224, 3, 32, 3, { stride: 2 }),
  convolution('3x3-64-64', 56, 64, 64, 3),
  convolution('3x3-128-128', 28, 128, 128, 3),
  convolution('3x3-512-512', 7, 512, 512, 3),
  convolution('3x3-17-33', 31, 17, 33, 3, { batch: 7 }),
  convolution('3x3s2-64-128', 56, 64, 128, 3, { stride: 2 }),
  convolution('3x3s2-128-256', 56, 128, 256, 3, { stride: 2 }),
  convolution('1x1-64-256', 56, 64, 256, 1),
  convolution('1x1-256-64', 56, 256, 64, 1),
  convolution('1x1-1024-256', 14, 1024, 256, 1),
  convolution('1x1s2-256-512', 56, 256, 512, 1, { stride: 2 }),
  convolution('5x5-32-64', 28, 32, 64, 5),
  convolution('5x5s2-32-64', 56, 32, 64, 5, { stride: 2 }),
  depthwise('depthwise-3x3-64', 112, 64, 3, 1),
  depthwise('depthwise-3x3-128', 56, 128, 3, 1),
  depthwise('depthwise-3x3-512', 14, 512, 3, 1),
  depthwise('depthwise-3x3s2-64', 112, 64, 3, 2),
  depthwise('depthwise-3x3s2-128', 56, 128, 3, 2),
  depthwise('depthwise-5x5s2-96', 56, 96, 5, 2),
  convolution('3x3-groups-32x4', 56, 128, 128, 3, { groups: 32 }),
  convolution('3x3-groups-32x8', 28, 256, 256, 3, { groups: 32 }),
  convolution('3x3-groups-32x16', 14, 512, 512, 3, { groups: 32 }),
  convolution('3x3-groups-16x16', 28, 256, 256, 3, { groups: 16 }),
  convolution('3x3-groups-8x32', 28, 256, 256, 3, { groups: 8 }),
];

/** Rows and columns of the output. */
export function outputSize({ input, stride }: Convolution): [number, number] {
  return [Math.ceil(input[0] / stride), Math.ceil(input[1] / stride)];
}

/** Multiplications with an addition each, of each direction. */
export function multiplyAdds(shape: Convolution): number {
  const [rows, columns] = outputSize(shape);
  const { batch, input, kernel, filters, groups } = shape;
  return (batch * rows * columns * filters * kernel * kernel * input[2]) / groups;
}
