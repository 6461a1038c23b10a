/** The part of a writable stream that a progress bar needs. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface ProgressOptions {
  /** Stands at the front of the line, such as 'Epoch 3/12'. Default: nothing. */
  label?: string | undefined;
  /** How many steps or bytes there are in all. Default: not known, so no bar and no time left. */
  total?: number | undefined;
  /** How many were done before this bar began (a resumed download); they don't count in the rate. */
  start?: number | undefined;
  /** What is counted. Default 'step'. */
  unit?: 'step' | 'byte' | undefined;
  /** Where to write. Default: the process's standard output, as Keras does. */
  stream?: ProgressStream | undefined;
}

const kRedrawMs = 100;
const kWidestBar = 30;
const kNarrowestBar = 6;

/**
 * A progress bar: on a terminal one line that is rewritten in place (at most ten times a second and
 * never wider than the window), elsewhere one line when the stage is finished.
 *
 *     Epoch 3/12 235/469 ━━━━━━━━━━━━━━━─────────────── 2s 6ms/step - loss: 0.1234
 *     Epoch 3/12 - 469/469 - 3s - 6ms/step - loss: 0.1187 - val_loss: 0.0912
 */
export class Progress {
  private readonly label: string;
  private readonly total: number | undefined;
  private readonly start: number;
  private readonly unit: 'step' | 'byte';
  private readonly stream: ProgressStream;
  private readonly live: boolean;
  private readonly began = performance.now();
  private done: number;
  private drawnAt = Number.NEGATIVE_INFINITY;

  constructor(options: ProgressOptions = {}) {
    this.label = options.label ?? '';
    this.total = options.total;
    this.start = options.start ?? 0;
    this.done = this.start;
    this.unit = options.unit ?? 'step';
    this.stream = options.stream ?? process.stdout;
    this.live = this.stream.isTTY === true && process.env.TERM !== 'dumb';
  }

  /** Tells how many are done by now; `text` stands at the end, such as 'loss: 0.1234'. */
  update(done: number, text = ''): void {
    this.done = done;
    const now = performance.now();
    if (!this.live || now - this.drawnAt < kRedrawMs) return;
    this.drawnAt = now;
    this.stream.write(`\r${this.draw(text, now)}\x1b[K`);
  }

  /** Replaces the bar with the closing line: count, time taken, rate and `text`. */
  finish(text = ''): void {
    const seconds = (performance.now() - this.began) / 1000;
    const count =
      this.unit === 'byte'
        ? formatBytes(this.done)
        : this.total === undefined
          ? `${this.done}`
          : `${this.done}/${this.total}`;
    const parts = [this.label, count, formatDuration(seconds), this.rate(seconds), text];
    const line = parts.filter((part) => part !== '').join(' - ');
    this.stream.write(this.live ? `\r${line}\x1b[K\n` : `${line}\n`);
  }

  /** Wipes the bar, so that other text can be written; the next update draws it again. */
  clear(): void {
    if (this.live && this.drawnAt > Number.NEGATIVE_INFINITY) this.stream.write('\r\x1b[K');
    this.drawnAt = Number.NEGATIVE_INFINITY;
  }

  private draw(text: string, now: number): string {
    const seconds = (now - this.began) / 1000;
    const share = this.total === undefined ? undefined : Math.min(1, this.done / this.total || 0);
    const moved = this.done - this.start;
    const left =
      this.total !== undefined && moved > 0
        ? formatDuration(Math.ceil((seconds / moved) * Math.max(0, this.total - this.done)))
        : '';
    const front = [this.label, this.count(share)].filter((part) => part !== '').join(' ');
    const timing = [left, this.rate(seconds)].filter((part) => part !== '').join(' ');
    const back = (timing === '' ? '' : ` ${timing}`) + (text === '' ? '' : ` - ${text}`);
    // A line that reaches the last column makes some terminals wrap.
    const width = (this.stream.columns || 80) - 1;
    const room = Math.min(kWidestBar, width - lengthOf(front) - lengthOf(back) - 1);
    const bar = share === undefined || room < kNarrowestBar ? '' : ` ${drawBar(share, room)}`;
    return cut(front + bar + back, width);
  }

  private count(share: number | undefined): string {
    if (share === undefined) return this.unit === 'byte' ? formatBytes(this.done) : `${this.done}`;
    if (this.unit === 'byte') return `${Math.floor(share * 100)}%`.padStart(4);
    const total = `${this.total}`;
    return `${`${this.done}`.padStart(total.length)}/${total}`;
  }

  private rate(seconds: number): string {
    const moved = this.done - this.start;
    if (moved <= 0 || seconds <= 0) return '';
    if (this.unit === 'byte') return `${formatBytes(moved / seconds)}/s`;
    return `${formatDuration(seconds / moved)}/step`;
  }
}

function drawBar(share: number, width: number): string {
  const full = Math.floor(share * width);
  return '━'.repeat(full) + '─'.repeat(width - full);
}

function lengthOf(text: string): number {
  return [...text].length;
}

function cut(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** A time in one or two units: '0s', '320us', '45ms', '3s', '2:05', '1:02:03'. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds === 0) return '0s';
  if (seconds < 0.0009995) return `${Math.round(seconds * 1e6)}us`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1e3)}ms`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const two = (value: number) => `${value}`.padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** A number of bytes in decimal units: '512 B', '28.9 kB', '9.9 MB'. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
