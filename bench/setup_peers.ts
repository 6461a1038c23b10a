// Sets up the libraries that luge is compared with, in bench/.peers, each at its first use:
// `npm run bench` does it by itself, `tsx bench/setup_peers.ts [name...]` ahead of time.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { errorLine, type PeerCommand } from './peer_process.js';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('.peers', import.meta.url));
const python = join(cache, 'python');
const interpreter = join(python, 'bin', 'python');
const tfjs = join(cache, 'tfjs');
const onlyCpu = process.platform === 'linux' && process.arch === 'x64' ? '-cpu' : '';
const tensorflow = `tensorflow${onlyCpu}==2.21.*`;

interface Peer {
  /** Installs what the peer needs; throws when it cannot be had. */
  setUp?: () => Promise<void>;
  command: () => PeerCommand;
}

/** Peers by the names that `--peers` takes; the first is the one that the others are set against. */
export const peers: Record<string, Peer> = {
  luge: { command: () => script('luge') },
  'tfjs-node': {
    setUp: setUpTfjs,
    command: () => ({ ...script('tfjs_node'), env: { LUGE_BENCH_TFJS: tfjs } }),
  },
  torch: {
    setUp: () => pipInstall('torch==2.13.*', 'numpy'),
    command: () => pythonScript('torch_peer'),
  },
  keras: {
    setUp: () => pipInstall(tensorflow, 'keras==3.*'),
    command: () => pythonScript('keras_peer', { KERAS_BACKEND: 'tensorflow' }),
  },
};

/** Sets a peer up unless that is done already. Throws an Error of one line when it cannot be had. */
export async function preparePeer(name: string): Promise<PeerCommand> {
  const peer = peers[name];
  if (peer === undefined) {
    throw new Error(`unknown peer; there are ${Object.keys(peers).join(', ')}`);
  }
  const done = join(cache, `${name}.ready`);
  if (peer.setUp !== undefined && !existsSync(done)) {
    console.error(`Setting up ${name} in ${cache} (once; this takes minutes) ...`);
    await mkdir(cache, { recursive: true });
    await peer.setUp().catch((error: Error & { stderr?: string }) => {
      throw new Error(errorLine(error.stderr || error.message));
    });
    await writeFile(done, '');
  }
  return peer.command();
}

/** A TypeScript peer, run as this file is: through the same loader, or compiled. */
function script(name: string): PeerCommand {
  const file = fileURLToPath(new URL(`peers/${name}${extname(import.meta.url)}`, import.meta.url));
  return { command: process.execPath, args: [...process.execArgv, file] };
}

function pythonScript(name: string, env: Record<string, string> = {}): PeerCommand {
  const file = fileURLToPath(new URL(`peers/${name}.py`, import.meta.url));
  return { command: interpreter, args: [file], env };
}

/** Installs into the cache's own Python. LUGE_BENCH_PIP_ARGS can name another package index. */
async function pipInstall(...packages: string[]): Promise<void> {
  if (!existsSync(interpreter)) {
    await run(process.env.PYTHON ?? 'python3', ['-m', 'venv', python]);
  }
  const extra = process.env.LUGE_BENCH_PIP_ARGS?.split(/\s+/).filter(Boolean) ?? [];
  const options = { maxBuffer: 2 ** 26 };
  await run(interpreter, ['-m', 'pip', 'install', '--quiet', ...extra, ...packages], options);
}

/**
 * tfjs-node 4.22, built against the TensorFlow of the Python wheel: the library that its own
 * installer downloads is from 2021 and not to be had for every machine.
 */
async function setUpTfjs(): Promise<void> {
  if (process.platform !== 'linux') throw new Error('its set-up is scripted for Linux only');
  await pipInstall(tensorflow);
  await mkdir(tfjs, { recursive: true });
  await writeFile(join(tfjs, 'package.json'), '{"private": true}\n');
  const install = ['install', '--ignore-scripts', '@tensorflow/tfjs-node@4.22.0'];
  await run('npm', install, { cwd: tfjs });

  const find = 'import importlib.util as u; print(u.find_spec("tensorflow").origin)';
  const wheel = dirname((await run(interpreter, ['-c', find])).stdout.trim());
  const addon = join(tfjs, 'node_modules', '@tensorflow', 'tfjs-node');
  const deps = join(addon, 'deps');
  await rm(deps, { recursive: true, force: true });
  await mkdir(join(deps, 'lib'), { recursive: true });
  await symlink(join(wheel, 'include'), join(deps, 'include'));
  const [library, framework] = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  for (const [name, target] of [
    [library, join(wheel, library)],
    [framework, join(wheel, framework)],
    ['libtensorflow.so', library],
    ['libtensorflow.so.2.9.1', library],
    ['libtensorflow_framework.so', framework],
  ] as const) {
    await symlink(target, join(deps, 'lib', name));
  }

  // Headers of the Node that runs, where its installation has them; node-gyp downloads them if not.
  const prefix = dirname(dirname(await realpath(process.execPath)));
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  await run('npx', ['--no-install', 'node-pre-gyp', 'install', '--build-from-source'], {
    cwd: addon,
    maxBuffer: 2 ** 26,
    env: { ...process.env, ...(headers ? { npm_config_nodedir: prefix } : {}) },
  });
}

if (process.argv[1] !== undefined && pathToFileURL(process.argv[1]).href === import.meta.url) {
  const asked = process.argv.slice(2);
  for (const name of asked.length > 0 ? asked : Object.keys(peers)) {
    await preparePeer(name).then(
      () => console.log(`${name}: ready`),
      (error: Error) => {
        console.error(`${name}: ${error.message}`);
        process.exitCode = 1;
      },
    );
  }
}
