// Writes the documentation as HTML: npm run docs
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './library.js';
import { buildSite } from './site.js';

const folder = join(root, 'build/docs');
rmSync(folder, { recursive: true, force: true });
const files = buildSite();
for (const [name, content] of files) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}
console.log(`${files.size} files in build/docs; open build/docs/index.html`);
