import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Reply, Request } from './protocol.js';

export interface PeerCommand {
  command: string;
  args: string[];
  /** Added to the environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>;
}

/** The line of a program's error output that says what went wrong: the last that names an error. */
export function errorLine(output: string): string {
  const lines = output.trim().split('\n');
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '').trim();
}

/** A peer in a process of its own, which answers one request at a time. */
export class PeerProcess {
  /** In ms since 1970. */
  readonly started = Date.now();
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<unknown>;
  #errors = '';
  #settle: ((reply: Reply) => void) | undefined;

  constructor({ command, args, env }: PeerCommand) {
    this.#child = spawn(command, args, { env: { ...process.env, ...env } });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4000);
    });
    this.#child.stdin.on('error', () => {}); // its end is reported by 'close' below
    // Libraries print notices on standard output too: only JSON objects are replies.
    createInterface(this.#child.stdout).on('line', (line) => {
      if (line.startsWith('{"type":')) this.#answer(JSON.parse(line) as Reply);
    });
    this.#closed = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#answer({ type: 'error', message: error.message });
        resolve(undefined);
      });
      this.#child.on('close', (code, signal) => {
        const reason = errorLine(this.#errors);
        this.#answer({ type: 'error', message: `it ended (${signal ?? code}): ${reason}` });
        resolve(undefined);
      });
    });
  }

  #answer(reply: Reply): void {
    this.#settle?.(reply);
    this.#settle = undefined;
  }

  /** Sends a request and waits for its reply; rejects on an error or after `timeout` seconds. */
  async ask<T extends Reply['type']>(
    request: Request,
    expected: T,
    timeout: number,
  ): Promise<Extract<Reply, { type: T }>> {
    if (this.#child.exitCode !== null) throw new Error('the process has ended');
    const replied = new Promise<Reply>((resolve) => {
      this.#settle = resolve;
    });
    const timer = setTimeout(() => {
      this.#answer({ type: 'error', message: `no answer in ${timeout} s` });
    }, timeout * 1000);
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const reply = await replied;
    clearTimeout(timer);
    if (reply.type === 'error') throw new Error(reply.message);
    if (reply.type !== expected) throw new Error(`expected ${expected}, but got ${reply.type}`);
    return reply as Extract<Reply, { type: T }>;
  }

  /** Ends the process by closing its input, or by force when it does not listen. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2000);
    await this.#closed;
    clearTimeout(timer);
  }
}
