import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatBytes, formatDuration, Progress } from '../../lib/core/progress.js';

/** A stream that remembers; a terminal when it has columns. */
class Screen {
  text = '';
  readonly isTTY: boolean;
  columns: number | undefined;

  constructor(columns?: number) {
    this.isTTY = columns !== undefined;
    this.columns = columns;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  /** What stood on the line each time that it was drawn. */
  get drawn(): string[] {
    return this.text
      .split('\r')
      .slice(1)
      .map((line) => line.replace('\x1b[K', ''));
  }

  get last(): string {
    return this.drawn.at(-1) ?? '';
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.stubEnv('TERM', 'xterm');
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('Progress on a terminal', () => {
  it('shows label, count, bar, time left, rate and text', () => {
    const stream = new Screen(100);
    const progress = new Progress({ label: 'Epoch 3/12', total: 400, stream });
    vi.advanceTimersByTime(1000);
    progress.update(100, 'loss: 0.1234 - accuracy: 0.9876');
    const bar = `${'━'.repeat(7)}${'─'.repeat(23)}`;
    expect(stream.last).toBe(
      `Epoch 3/12 100/400 ${bar} 3s 10ms/step - loss: 0.1234 - accuracy: 0.9876`,
    );
    vi.advanceTimersByTime(2950);
    progress.update(395);
    expect(stream.last).toMatch(/─ 1s 10ms\/step$/);
  });

  it('draws at most ten times a second', () => {
    const stream = new Screen(100);
    const progress = new Progress({ total: 1000, stream });
    for (let i = 1; i <= 1000; i++) {
      vi.advanceTimersByTime(1);
      progress.update(i);
    }
    expect(stream.drawn).toHaveLength(10);
  });

  it('ends with the closing line on a line of its own', () => {
    const stream = new Screen(100);
    const progress = new Progress({ total: 469, stream });
    vi.advanceTimersByTime(3000);
    progress.update(469, 'loss: 0.5');
    progress.finish('loss: 0.4 - val_loss: 0.3');
    expect(stream.last).toBe('469/469 - 3s - 6ms/step - loss: 0.4 - val_loss: 0.3\n');
    expect(stream.text.match(/\n/g)).toHaveLength(1);
    expect(stream.text).toContain('\x1b[K\n');
  });

  it.each([20, 30, 40, 60, 79, 80, 120])('never reaches the last of %i columns', (columns) => {
    const stream = new Screen(columns);
    const progress = new Progress({ label: 'Epoch 3/12', total: 469, stream });
    for (const done of [0, 1, 234, 468, 469]) {
      vi.advanceTimersByTime(150);
      progress.update(done, 'loss: 0.1234 - accuracy: 0.9876');
    }
    expect(stream.drawn).toHaveLength(5);
    for (const line of stream.drawn) expect(line.length).toBeLessThan(columns);
    expect(stream.last.startsWith('Epoch 3/12')).toBe(true);
  });

  it('follows a window that is made narrower', () => {
    const stream = new Screen(100);
    const progress = new Progress({ total: 10, stream });
    progress.update(1);
    stream.columns = 30;
    vi.advanceTimersByTime(200);
    progress.update(5);
    expect(stream.drawn[0]?.length).toBeGreaterThan(30);
    expect(stream.last.length).toBeLessThan(30);
  });

  it('has neither bar nor time left when the total is not known', () => {
    const stream = new Screen(80);
    const progress = new Progress({ stream });
    vi.advanceTimersByTime(1000);
    progress.update(500, 'loss: 1');
    expect(stream.last).toBe('500 2ms/step - loss: 1');
    progress.finish();
    expect(stream.last).toBe('500 - 1s - 2ms/step\n');
  });

  it('counts bytes, and a resumed download at the rate of what came now', () => {
    const stream = new Screen(80);
    const progress = new Progress({ total: 10e6, start: 4e6, unit: 'byte', label: 'x.gz', stream });
    vi.advanceTimersByTime(1000);
    progress.update(5e6);
    expect(stream.last).toBe(`x.gz  50% ${'━'.repeat(15)}${'─'.repeat(15)} 5s 1.0 MB/s`);
    progress.update(10e6);
    progress.finish();
    expect(stream.last).toBe('x.gz - 10.0 MB - 1s - 6.0 MB/s\n');
  });

  it('can be wiped for other text, and comes back', () => {
    const stream = new Screen(80);
    const progress = new Progress({ total: 10, stream });
    progress.clear();
    expect(stream.text).toBe('');
    progress.update(1);
    progress.clear();
    expect(stream.text.endsWith('\r\x1b[K')).toBe(true);
    progress.update(2);
    expect(stream.last).toMatch(/^ 2\/10/);
  });

  it('survives a total of 0 and more than the total', () => {
    const stream = new Screen(80);
    new Progress({ total: 0, stream }).update(0);
    expect(stream.last).not.toMatch(/NaN|Infinity/);
    vi.advanceTimersByTime(500);
    const progress = new Progress({ total: 4, stream });
    vi.advanceTimersByTime(500);
    progress.update(9);
    expect(stream.last).toMatch(/^9\/4 ━{30} 0s /);
  });
});

describe('Progress elsewhere', () => {
  it('writes one line when the stage is finished and no control characters', () => {
    const stream = new Screen();
    const progress = new Progress({ label: 'Epoch 1/2', total: 2, stream });
    progress.update(1, 'loss: 2');
    vi.advanceTimersByTime(400);
    progress.update(2, 'loss: 1');
    progress.clear();
    expect(stream.text).toBe('');
    progress.finish('loss: 1');
    expect(stream.text).toBe('Epoch 1/2 - 2/2 - 400ms - 200ms/step - loss: 1\n');
  });

  it('does so on a dumb terminal too', () => {
    vi.stubEnv('TERM', 'dumb');
    const stream = new Screen(80);
    const progress = new Progress({ total: 2, stream });
    progress.update(1);
    progress.finish();
    expect(stream.text).toBe('1/2 - 0s\n');
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [0.00032, '320us'],
    [0.00099949, '999us'],
    [0.0009996, '1ms'],
    [0.045, '45ms'],
    [0.9996, '1s'],
    [3.4, '3s'],
    [59.4, '59s'],
    [59.6, '1:00'],
    [125, '2:05'],
    [3599.6, '1:00:00'],
    [3723, '1:02:03'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('%f s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [28881, '28.9 kB'],
    [9912422, '9.9 MB'],
    [99_960, '100 kB'],
    [999_600, '1.0 MB'],
    [2.5e12, '2.5 TB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
