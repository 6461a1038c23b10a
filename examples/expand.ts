import { type Tensor, tensor } from 'luge';

/** Each image and its copies one pixel up, down, left and right, zeros at the border: 5 times the data. */
export function expandByShifts({ x, y }: { x: Tensor; y: Tensor }): { x: Tensor; y: Tensor } {
  const [count = 0, rows = 0, columns = 0] = x.shape;
  const shifts = [
    [0, 0],
    [-1, 0],
    [1, 0],
    [0, -1],
    [0, 1],
  ] as const;
  const images = new Uint8Array(shifts.length * x.size);
  const labels = new Int32Array(shifts.length * count);
  shifts.forEach(([down, right], copy) => {
    for (let i = 0; i < count; i++) {
      for (let row = Math.max(0, down); row < rows + Math.min(0, down); row++) {
        const from = (i * rows + row - down) * columns - Math.min(0, right);
        const to = ((copy * count + i) * rows + row) * columns + Math.max(0, right);
        images.set(x.data.subarray(from, from + columns - Math.abs(right)), to);
      }
    }
    labels.set(y.data, copy * count);
  });
  return { x: tensor(images, [labels.length, rows, columns, 1]), y: tensor(labels) };
}
