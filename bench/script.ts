import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { PeerCommand } from './peer_process.js';

const checkout = fileURLToPath(new URL('..', import.meta.url));

/**
 * The command that runs bench/peers/<name>.ts on plain Node, with no loader that would add to its
 * memory or its start. The program is bundled into `root`, whose built `luge` it imports.
 */
export function script(name: string, root = checkout): PeerCommand {
  const outfile = join(root, 'build', 'bench', `${name}.js`);
  buildSync({
    entryPoints: [join(checkout, 'bench', 'peers', `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    external: ['luge'], // which tsconfig.json would take from lib, and of this checkout
    logLevel: 'warning',
  });
  return { command: process.execPath, args: [outfile] };
}
