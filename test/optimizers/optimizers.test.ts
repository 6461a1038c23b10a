import { describe, expect, it } from 'vitest';
import { Tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph } from '../../lib/graph/ir.js';
import { multiply, subtract } from '../../lib/ops/binary.js';
import { withGraph } from '../../lib/ops/define.js';
import { square } from '../../lib/ops/unary.js';
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamW,
  get,
  lion,
  nadam,
  type Optimizer,
  rmsprop,
  sgd,
} from '../../lib/optimizers/index.js';
import { Program } from '../../lib/runtime/program.js';
import { floats } from '../support/check_op.js';

const size = 37;
const steps = 5;

/** One parameter's way in float64: `step` gives its change, from the gradient and the step's number. */
type Rule = () => (g: number, t: number) => number;

/** Runs the optimizer on vectors of parameters and gradients, as a program does. */
function train(optimizer: Optimizer, start: Tensor, gradients: Tensor): Float32Array {
  const graph = new Graph();
  const p = new Variable(start);
  const slots = Object.fromEntries(
    optimizer.slotNames.map((name) => {
      const first = new Float32Array(size).fill(optimizer.slotInitial(name));
      return [name, new Variable(new Tensor(first, [size]))];
    }),
  );
  const rows = Array.from({ length: steps }, (_, step) => optimizer.scalars(step));
  const names = Object.keys(rows[0] as object);
  withGraph(graph, () => {
    const g = graph.feed({ shape: [size], dtype: 'float32' });
    const scalars = names.map((name) => [name, graph.feed({ shape: [], dtype: 'float32' })]);
    const held = Object.entries(slots).map(([name, slot]) => [name, graph.read(slot)]);
    const next = optimizer.update(
      graph.read(p),
      g,
      Object.fromEntries(held),
      Object.fromEntries(scalars),
    );
    graph.update(p, next.p);
    expect(Object.keys(next.slots).sort()).toEqual([...optimizer.slotNames].sort());
    for (const [name, slot] of Object.entries(slots)) graph.update(slot, next.slots[name] as never);
  });
  const feeds = [
    gradients.data,
    ...names.map((name) => Float32Array.from(rows, (row) => row[name] as number)),
  ];
  const program = new Program(graph);
  expect(program.print(), 'one pass over the parameters').toMatch(/^1 instructions/);
  program.runSync({ steps, feeds });
  return p.value.data as Float32Array;
}

const epsilon = 1e-7;
const cases: [title: string, optimizer: Optimizer, rule: Rule][] = [
  ['sgd', sgd({ learningRate: 0.1 }), () => (g) => -0.1 * g],
  ['sgd, decaying', sgd({ decay: 0.5 }), () => (g, t) => (-0.01 * g) / (1 + 0.5 * (t - 1))],
  [
    'sgd with momentum',
    sgd({ learningRate: 0.1, momentum: 0.9 }),
    () => {
      let v = 0;
      return (g) => {
        v = 0.9 * v - 0.1 * g;
        return v;
      };
    },
  ],
  [
    "sgd with Nesterov's momentum",
    sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
    () => {
      let v = 0;
      return (g) => {
        v = 0.9 * v - 0.1 * g;
        return 0.9 * v - 0.1 * g;
      };
    },
  ],
  [
    'adagrad',
    adagrad({ learningRate: 0.1 }),
    () => {
      let s = 0.1;
      return (g) => {
        s += g * g;
        return (-0.1 * g) / Math.sqrt(s + epsilon);
      };
    },
  ],
  [
    'rmsprop',
    rmsprop({ learningRate: 0.1 }),
    () => {
      let v = 0;
      return (g) => {
        v = 0.9 * v + 0.1 * g * g;
        return (-0.1 * g) / Math.sqrt(v + epsilon);
      };
    },
  ],
  [
    'rmsprop, centered, with momentum',
    rmsprop({ learningRate: 0.1, rho: 0.75, momentum: 0.5, centered: true }),
    () => {
      let [v, mean, momentum] = [0, 0, 0];
      return (g) => {
        v = 0.75 * v + 0.25 * g * g;
        mean = 0.75 * mean + 0.25 * g;
        momentum = 0.5 * momentum + (0.1 * g) / Math.sqrt(v - mean * mean + epsilon);
        return -momentum;
      };
    },
  ],
  [
    'adadelta',
    adadelta({ learningRate: 1 }),
    () => {
      let [s, u] = [0, 0];
      return (g) => {
        s = 0.95 * s + 0.05 * g * g;
        const d = (g * Math.sqrt(u + epsilon)) / Math.sqrt(s + epsilon);
        u = 0.95 * u + 0.05 * d * d;
        return -d;
      };
    },
  ],
  ['adam', adam({ learningRate: 0.1 }), () => adamRule(0.9, 0.999, false)],
  [
    'adam with amsgrad',
    adam({ learningRate: 0.1, beta1: 0.75, beta2: 0.5, amsgrad: true }),
    () => adamRule(0.75, 0.5, true),
  ],
  [
    'adamax',
    adamax({ learningRate: 0.1, beta1: 0.75, beta2: 0.5 }),
    () => {
      let [m, u] = [0, 0];
      return (g, t) => {
        m = 0.75 * m + 0.25 * g;
        u = Math.max(0.5 * u, Math.abs(g));
        return (-0.1 * m) / ((1 - 0.75 ** t) * (u + epsilon));
      };
    },
  ],
  [
    'nadam',
    nadam({ learningRate: 0.1, beta1: 0.75, beta2: 0.5 }),
    () => {
      let [m, v, product] = [0, 0, 1];
      return (g, t) => {
        m = 0.75 * m + 0.25 * g;
        v = 0.5 * v + 0.5 * g * g;
        const [now, next] = [t, t + 1].map((k) => 0.75 * (1 - 0.5 * 0.96 ** k)) as [number, number];
        product *= now;
        const mean = (next * m) / (1 - product * next) + ((1 - now) * g) / (1 - product);
        return (-0.1 * mean) / (Math.sqrt(v / (1 - 0.5 ** t)) + epsilon);
      };
    },
  ],
  [
    'lion',
    lion({ learningRate: 0.1, beta1: 0.75, beta2: 0.5 }),
    () => {
      let m = 0;
      return (g) => {
        const direction = Math.sign(0.75 * m + 0.25 * g);
        m = 0.5 * m + 0.5 * g;
        return -0.1 * direction;
      };
    },
  ],
];

/** With the corrected means of the paper's Algorithm 1; its epsilon is scaled as Keras has it. */
function adamRule(beta1: number, beta2: number, amsgrad: boolean): ReturnType<Rule> {
  let [m, v, largest] = [0, 0, 0];
  return (g, t) => {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    largest = amsgrad ? Math.max(largest, v) : v;
    const correction = Math.sqrt(1 - beta2 ** t);
    const mean = m / (1 - beta1 ** t);
    return (-0.1 * mean) / (Math.sqrt(largest) / correction + epsilon / correction);
  };
}

describe('optimizers', () => {
  it.each(cases)('%s follows its formula', (_, optimizer, rule) => {
    const start = floats([size]);
    const gradients = floats([steps, size], { seed: 2, low: -1, high: 1 });
    const found = train(optimizer, start, gradients);
    for (let i = 0; i < size; i++) {
      const change = rule();
      let expected = start.data[i] as number;
      let way = 0;
      for (let t = 1; t <= steps; t++) {
        const move = change(gradients.data[(t - 1) * size + i] as number, t);
        expected += move;
        way += Math.abs(move);
      }
      // 24 roundings for each step's change (a centered mean square cancels digits), 1 for its sum.
      const tolerance = 2 ** -24 * steps * (24 * way + Math.abs(expected) + way);
      expect(Math.abs((found[i] as number) - expected), `parameter ${i}`).toBeLessThan(tolerance);
    }
  });

  it.each(cases)('%s is made again from its settings', (_, optimizer) => {
    const config = JSON.parse(JSON.stringify(optimizer.getConfig()));
    const copy = get({ class_name: optimizer.className, config });
    expect(copy).not.toBe(optimizer);
    expect(copy.getConfig()).toEqual(optimizer.getConfig());
    expect(copy.slotNames).toEqual(optimizer.slotNames);
    expect(copy.scalars(3)).toEqual(optimizer.scalars(3));
  });

  it("Nesterov's momentum is that of gradients taken ahead, at other points", () => {
    // Sutskever et al. 2013: v = momentum * v - rate * grad(w + momentum * v), w += v. What is kept here
    // is p = w + momentum * v, at which the gradient is taken. The loss: sum(w^4 / 4 - w).
    const [rate, momentum] = [0.05, 0.75];
    const gradient = (w: number) => w ** 3 - 1;
    const optimizer = sgd({ learningRate: rate, momentum, nesterov: true });
    const start = floats([size], { seed: 3, low: -1, high: 1 });
    const graph = new Graph();
    const p = new Variable(start);
    const v = new Variable(new Tensor(new Float32Array(size), [size]));
    withGraph(graph, () => {
      const at = graph.read(p);
      const g = subtract(multiply(square(at), at), 1);
      const slots = { momentum: graph.read(v) };
      const next = optimizer.update(at, g, slots, { learningRate: graph.constant(rate) });
      graph.update(p, next.p);
      graph.update(v, next.slots.momentum as never);
    });
    const many = 6;
    let moving = 0;
    new Program(graph).runSync({ steps: many, feeds: [] });
    for (let i = 0; i < size; i++) {
      let [w, velocity] = [start.data[i] as number, 0];
      for (let step = 0; step < many; step++) {
        velocity = momentum * velocity - rate * gradient(w + momentum * velocity);
        w += velocity;
      }
      // 8 roundings a step of numbers below 2, of which momentum keeps 1 / (1 - momentum) at most.
      const tolerance = (2 ** -24 * 8 * 2 * many) / (1 - momentum);
      const found = p.value.data[i] as number;
      expect(Math.abs(found - (w + momentum * velocity)), `parameter ${i}`).toBeLessThan(tolerance);
      if (Math.abs(velocity) > 100 * tolerance) moving += 1;
    }
    expect(moving, 'parameters that momentum still moves').toBeGreaterThan(size / 2);
  });

  it('decay weights in AdamW by default', () => {
    expect(adamW().settings.weightDecay).toBe(0.004);
    expect(get('adamw').getConfig()).toEqual({
      ...adam().getConfig(),
      name: 'adamw',
      weight_decay: 0.004,
    });
    const without = adamW({ weightDecay: 0 });
    expect(get({ class_name: 'AdamW', config: without.getConfig() }).settings.weightDecay).toBe(
      undefined,
    );
    expect(() => adamW({ beta1: 1 })).toThrow(/^AdamW: beta1/);
    expect(() => lion({ beta1: 0 })).toThrow(/Lion: beta1 must be above 0/);
  });

  it('give the same numbers in whatever order they are asked for', () => {
    const [forwards, backwards] = [nadam(), nadam()];
    const steps = [0, 1, 2, 3, 4];
    const found = steps.map((step) => forwards.scalars(step));
    expect(steps.toReversed().map((step) => backwards.scalars(step))).toEqual(found.toReversed());
  });

  it('stay finite when the gradient does not change', () => {
    // Then the mean square becomes the square of the mean, and rounding decides which is larger.
    const optimizer = rmsprop({ centered: true, rho: 0.01 });
    const { data } = floats([size], { low: 100, high: 1000 });
    const gradients = Float32Array.from(
      { length: steps * size },
      (_, i) => data[i % size] as number,
    );
    const found = train(optimizer, floats([size]), new Tensor(gradients, [steps, size]));
    expect(found.every(Number.isFinite)).toBe(true);
  });

  it("have Keras's defaults", () => {
    expect(
      ['sgd', 'adagrad', 'RMSprop', 'adadelta', 'Adam'].map((name) => get(name).getConfig()),
    ).toEqual([
      { name: 'sgd', learning_rate: 0.01, momentum: 0, nesterov: false },
      {
        name: 'adagrad',
        learning_rate: 0.001,
        initial_accumulator_value: 0.1,
        epsilon: 1e-7,
      },
      {
        name: 'rmsprop',
        learning_rate: 0.001,
        rho: 0.9,
        momentum: 0,
        epsilon: 1e-7,
        centered: false,
      },
      { name: 'adadelta', learning_rate: 0.001, rho: 0.95, epsilon: 1e-7 },
      {
        name: 'adam',
        learning_rate: 0.001,
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-7,
        amsgrad: false,
      },
    ]);
  });

  it('read what Keras writes', () => {
    const config = {
      name: 'adam',
      learning_rate: 0.5,
      weight_decay: null,
      clipnorm: null,
      use_ema: false,
      ema_momentum: 0.99,
      loss_scale_factor: null,
      beta_1: 0.8,
    };
    expect(get({ class_name: 'Adam', config })).toMatchObject({ learningRate: 0.5, beta1: 0.8 });
    const scaled = get({ class_name: 'Adam', config: { loss_scale_factor: 8 } });
    expect(scaled.settings.lossScale).toBe(8);
    expect(() => get({ class_name: 'Adam', config: { loss_scaling: 8 } })).toThrow(
      "Unknown Adam option 'lossScaling'",
    );
  });

  it('keep the options around their rule in their settings', () => {
    const options = {
      weightDecay: 0.5,
      globalClipnorm: 2,
      useEma: true,
      emaMomentum: 0.75,
      emaOverwriteFrequency: 3,
      gradientAccumulationSteps: 2,
    };
    const config = adam(options).getConfig();
    expect(config).toMatchObject({
      weight_decay: 0.5,
      global_clipnorm: 2,
      use_ema: true,
      ema_momentum: 0.75,
      ema_overwrite_frequency: 3,
      gradient_accumulation_steps: 2,
    });
    expect(get({ class_name: 'Adam', config }).settings).toEqual(adam(options).settings);
    expect(sgd({ clipnorm: 2 }).getConfig()).toMatchObject({ clipnorm: 2 });
    expect(sgd({ clipvalue: 2 }).getConfig()).toMatchObject({ clipvalue: 2 });
  });

  it('count updates, not steps, when gradients are accumulated', () => {
    const optimizer = adam({ gradientAccumulationSteps: 3 });
    expect([0, 1, 2, 3].map((step) => optimizer.stepScalars(step).due)).toEqual([0, 0, 1, 0]);
    expect(optimizer.stepScalars(5).alpha).toBe(adam().scalars(1).alpha);
  });

  it('refuse options around their rule that make no sense', () => {
    expect(() => sgd({ clipnorm: 1, clipvalue: 1 })).toThrow(
      /SGD: gradients are clipped in one way only, but got clipnorm and clipvalue/,
    );
    expect(() => sgd({ clipnorm: 0 })).toThrow(/clipnorm must be a finite number above 0/);
    expect(() => sgd({ weightDecay: -1 })).toThrow(/weightDecay must be a finite number of at/);
    expect(() => sgd({ emaMomentum: 2 })).toThrow(/emaMomentum must be a number in \[0, 1\]/);
    expect(() => sgd({ useEma: true, emaOverwriteFrequency: 0.5 })).toThrow(
      /emaOverwriteFrequency must be a whole number of at least 1, but got 0.5/,
    );
    expect(() => sgd({ gradientAccumulationSteps: 1 })).toThrow(
      /gradientAccumulationSteps must be a whole number of at least 2, but got 1/,
    );
  });

  it('can change the learning rate', () => {
    const optimizer = adam();
    optimizer.learningRate = 0.25;
    expect(optimizer.scalars(0).alpha).toBeCloseTo(0.25 * Math.sqrt(0.001) * 10, 12);
    expect(() => {
      optimizer.learningRate = Number.NaN;
    }).toThrow(/learningRate must be a finite number of at least 0, but got NaN/);
    expect(optimizer.learningRate).toBe(0.25);
  });

  it('refuse names and options that make no sense', () => {
    expect(() => get('adem')).toThrow("Unknown optimizer 'adem'. Did you mean 'adam'?");
    expect(() => sgd({ momentun: 1 } as never)).toThrow("Did you mean 'momentum'?");
    expect(() => sgd({ momentum: 2 })).toThrow(/momentum must be a number in \[0, 1\], but got 2/);
    expect(() => adam({ beta1: 1 })).toThrow(/beta1 must be a number in \[0, 1\), but got 1/);
    expect(() => sgd(0.1 as never)).toThrow(/SGD takes one object of options/);
    expect(() => get(sgd as never)).toThrow(/a function \(call it to make the object\)/);
  });
});
