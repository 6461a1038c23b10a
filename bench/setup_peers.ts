// Sets up the libraries that luge is compared with, in bench/.peers, each at its first use:
// `npm run bench` does it by itself, `tsx bench/setup_peers.ts [name...]` ahead of time.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { withoutOpenblas } from './environment.js';
import { errorLine, type PeerCommand } from './peer_process.js';
import { script } from './script.js';
import type { Workload } from './workloads.js';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('.peers', import.meta.url));
const python = join(cache, 'python');
const interpreter = join(python, 'bin', 'python');
const tfjs = join(cache, 'tfjs');
const onnxruntime = join(cache, 'onnxruntime');
const onlyCpu = process.platform === 'linux' && process.arch === 'x64' ? '-cpu' : '';
const tensorflow = `tensorflow${onlyCpu}==2.21.*`;

interface Peer {
  /** Installs what the peer needs; throws when it cannot be had. */
  setUp?: () => Promise<void>;
  command: () => PeerCommand;
  /** Rows that it has no part in are left out without a word. Default: it takes all. */
  kinds?: readonly Workload['kind'][];
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
  jax: {
    setUp: () => pipInstall('jax', 'keras==3.*'),
    command: () => pythonScript('keras_peer', { KERAS_BACKEND: 'jax' }),
  },
  onnxruntime: {
    setUp: setUpOnnxruntime,
    command: () => ({
      ...script('onnxruntime'),
      env: {
        LUGE_BENCH_ONNXRUNTIME: onnxruntime,
        LUGE_BENCH_ONNX_EXPORT: [interpreter, peerFile('onnx_export.py')].join('\n'),
      },
    }),
    kinds: ['predict'],
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

const peerFile = (name: string) => fileURLToPath(new URL(`peers/${name}`, import.meta.url));

function pythonScript(name: string, env: Record<string, string> = {}): PeerCommand {
  const args = [peerFile(`${name}.py`)];
  return { command: interpreter, args, env: { ...withoutOpenblas(), ...env } };
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

/** The package holds the library for the CPU; its install script would fetch one for a GPU. */
async function setUpOnnxruntime(): Promise<void> {
  await pipInstall('torch==2.13.*', 'numpy', 'onnx'); // these write the models
  await npmInstall(onnxruntime, 'onnxruntime-node@1');
}

/** Installs a package without its install script. */
async function npmInstall(folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private": true}\n');
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', name], {
    cwd: folder,
  });
}

/**
 * tfjs-node 4.22, built against the TensorFlow of the Python wheel: the library that its own
 * installer downloads is from 2021 and not to be had for every machine.
 */
async function setUpTfjs(): Promise<void> {
  if (process.platform !== 'linux') throw new Error('its set-up is scripted for Linux only');
  await pipInstall(tensorflow);
  await npmInstall(tfjs, '@tensorflow/tfjs-node@4.22.0');

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
