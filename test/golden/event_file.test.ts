import { describe, expect, it } from 'vitest';
import { record } from '../../lib/callbacks/event_file.js';
import {
  histogramValue,
  modelValue,
  scalarValue,
  summaryEvent,
  versionEvent,
} from '../../lib/callbacks/event_messages.js';
import { readGolden } from './golden.js';

interface Written {
  kind: 'version' | 'model' | 'scalar' | 'histogram';
  tag: string;
  step: number;
  /** Seconds since 1970. */
  time: number;
  /** null stands for NaN. */
  data: (number | null)[];
  text: string;
  /** The whole record in base64. */
  record: string;
}

function eventOf({ kind, tag, step, time, data, text }: Written): Uint8Array {
  if (kind === 'version') return versionEvent(time);
  const numbers = Float32Array.from(data, (value) => value ?? Number.NaN);
  const values = {
    model: () => modelValue(tag, text),
    scalar: () => scalarValue(tag, numbers[0] as number),
    histogram: () => histogramValue(tag, numbers),
  };
  return summaryEvent(time, step, [values[kind]()]);
}

describe('a record of an event file', () => {
  it.each(readGolden<Written[]>('event_file'))(
    'is TensorFlow’s: $kind at step $step',
    (written) => {
      const found = Buffer.from(record(eventOf(written)));
      expect(found.toString('hex')).toBe(Buffer.from(written.record, 'base64').toString('hex'));
    },
  );
});
