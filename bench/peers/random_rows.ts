import type { Workload } from '../workloads.js';

/** Random rows: inputs in [0, 1) and the label of each row. */
export function randomRows(workload: Workload): { x: Float32Array; y: Float32Array } {
  const width = workload.input.reduce((product, dim) => product * dim, 1);
  const x = new Float32Array(workload.samples * width).map(Math.random);
  const y = new Float32Array(workload.samples * workload.classes);
  for (let row = 0; row < workload.samples; row++) {
    y[row * workload.classes + Math.floor(Math.random() * workload.classes)] = 1;
  }
  return { x, y };
}
