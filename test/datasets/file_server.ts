import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServer {
  readonly url: string;
  /** 'GET /path' or 'GET /path bytes=10-' of every request, in order. */
  readonly requests: string[];
  close(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on this machine whose answers the test decides. */
export async function serve(answer: Answer): Promise<FileServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(
      [request.method, request.url, request.headers.range].filter((part) => part).join(' '),
    );
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

/** Sends `content`, or the range of it that is asked for. */
export function send(content: Uint8Array): Answer {
  return (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0) {
      response.writeHead(206, {
        'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
        'content-length': content.length - from,
      });
    } else {
      response.writeHead(200, { 'content-length': content.length });
    }
    response.end(content.subarray(from));
  };
}

/** Promises the rest of `content`, sends `count` bytes of it, then cuts the connection. */
export function cutAfter(content: Uint8Array, count: number): Answer {
  return (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers: Record<string, string | number> = { 'content-length': content.length - from };
    if (from > 0) {
      headers['content-range'] = `bytes ${from}-${content.length - 1}/${content.length}`;
    }
    response.writeHead(from > 0 ? 206 : 200, headers);
    response.write(content.subarray(from, from + count), () => {
      // Time for the bytes to arrive before the reset that would drop them.
      setTimeout(() => response.destroy(), 50);
    });
  };
}

export function refuse(status: number): Answer {
  return (_, response) => {
    response.writeHead(status);
    response.end('<html>no</html>');
  };
}

/** Answers the first request in one way and all others in another. */
export function once(first: Answer, then: Answer): Answer {
  let answer = first;
  return (request, response) => {
    answer(request, response);
    answer = then;
  };
}
