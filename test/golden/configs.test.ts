import { describe, expect, it } from 'vitest';
import type { ClassConfig } from '../../lib/core/registry.js';
import * as luge from '../../lib/index.js';
import { readGolden } from './golden.js';

type Entry = ClassConfig & { config: Record<string, unknown> };

const golden = readGolden<Record<keyof typeof kinds, Entry[]>>('configs');
const kinds = {
  layers: luge.layers,
  initializers: luge.initializers,
  regularizers: luge.regularizers,
  constraints: luge.constraints,
  losses: luge.losses,
  metrics: luge.metrics,
  optimizers: luge.optimizers,
  schedules: luge.schedules,
};

/** What luge writes for every axis or as a range, where Keras keeps the number that it was given. */
const spelledOut = [
  'Dot.axes',
  'RandomTranslation.height_factor',
  'RandomTranslation.width_factor',
];
spelledOut.push('RandomZoom.height_factor');

/** Factories of what Keras has not, or of what holds others; and functions that make nothing. */
const without = {
  layers: [
    ...['bidirectional', 'get', 'input', 'inputLayer', 'isRegistered', 'l2Pooling2d', 'lambda'],
    ...['register', 'timeDistributed'],
  ],
  initializers: ['get', 'register'],
  regularizers: ['get', 'register'],
  constraints: ['get', 'register'],
  losses: ['fromFunction', 'get', 'register'],
  metrics: [
    ...['binaryFocalCrossentropy', 'categoricalFocalCrossentropy', 'confusionMatrix'],
    ...['fromFunction', 'fromMeans', 'get', 'huber', 'logCosh', 'register'],
  ],
  optimizers: ['get', 'register'],
  schedules: ['get', 'oneCycle', 'register'],
};

/** `wanted` with those entries alone, at any depth, that `found` has, too. */
function shared(wanted: unknown, found: unknown): unknown {
  if (wanted === 0) return 0; // Python has a -0 in one place
  if (wanted === null || found === null || typeof wanted !== 'object' || Array.isArray(wanted)) {
    return Array.isArray(wanted) ? wanted.map((item) => shared(item, item)) : wanted;
  }
  const both = Object.entries(wanted).filter(([key]) => key in (found as object));
  return Object.fromEntries(
    both.map(([key, value]) => [key, shared(value, (found as Record<string, unknown>)[key])]),
  );
}

describe.each(Object.entries(kinds))('%s', (kind, { get }) => {
  const entries = golden[kind as keyof typeof kinds].map((entry) => [entry.class_name, entry]);

  it.each(entries as [string, Entry][])('%s is read, and written as Keras does', (name, entry) => {
    const made = (get as (entry: Entry) => { getConfig(): object })(entry);
    const found = JSON.parse(JSON.stringify(made.getConfig()));
    const wanted = { ...entry.config };
    delete wanted.dtype; // a policy there, a name here
    for (const key of Object.keys(wanted)) {
      if (spelledOut.includes(`${name}.${key}`)) delete wanted[key];
    }
    expect(found).toMatchObject(shared(wanted, found) as object);
  });

  it('has every class that there is a factory of, but for those that Keras lacks or nests', () => {
    const known = entries.map(([name]) => (name as string).toLowerCase());
    const names = Object.keys(kinds[kind as keyof typeof kinds]);
    const factories = names.filter((name) => /^[a-z]/.test(name));
    const others = factories.filter((name) => !known.includes(name.toLowerCase()));
    expect(others.sort()).toEqual(without[kind as keyof typeof kinds]);
  });
});

describe('layers', () => {
  it('say what to do where Keras has a feature that is switched on and not here', () => {
    const read = (config: object) =>
      luge.layers.get({ class_name: 'LayerNormalization', config: { name: 'norm', ...config } });
    expect(() => read({ rms_scaling: true })).toThrow(
      "Layer 'norm' (LayerNormalization): 'rms_scaling' is not supported. Use rmsNormalization instead.",
    );
  });
});
