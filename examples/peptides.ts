// How strongly peptides bind to HLA-A*02:01 (Jessen 2018): npx tsx examples/peptides.ts peptides.tsv
// The file, 'ran_peps_netMHCpan40_predicted_A0201_reduced_cleaned_balanced.tsv', comes with the article
// https://blogs.rstudio.com/ai/posts/2018-01-29-dl-for-cancer-immunotherapy
import { readFileSync } from 'node:fs';
import { layers, optimizers, sequential, tensor } from 'luge';
import { aminoAcids, blosum62 } from './blosum62.js';
import { readOptions } from './options.js';
import { overSeeds, printTest, savePicture } from './results.js';

const { epochs, seeds, samples, names } = readOptions({ epochs: 150, seeds: '1,2,3' });
const [file = `${process.env.LUGE_DATA ?? '.'}/peptides/peptides.tsv`] = names;

/** Columns: peptide, label_chr, label_num (0: no binder, 1: weak, 2: strong), data_type. */
const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);

/** Peptides of nine amino acids as 9 x 20 numbers, and their classes. */
function load(part: 'train' | 'test') {
  const rows = lines
    .map((line) => line.split('\t'))
    .filter(([, , , type]) => type?.trim() === part);
  const chosen = rows.slice(0, samples);
  return {
    x: tensor(chosen.map(([peptide = '']) => [...peptide].flatMap(encode))),
    y: tensor(Int32Array.from(chosen, ([, , label]) => Number(label))),
  };
}

function encode(acid: string): number[] {
  const row = blosum62[aminoAcids.indexOf(acid)];
  if (row === undefined) throw new Error(`${file} has '${acid}', which is no amino acid.`);
  return row.map((score) => (score + 4) / 15); // to 0 to 1, as the article does
}

const [train, test] = [load('train'), load('test')];

await overSeeds('Peptides', seeds, async () => {
  const model = sequential([
    layers.dense({ units: 180, activation: 'relu', inputShape: [180] }),
    layers.dropout({ rate: 0.4 }),
    layers.dense({ units: 90, activation: 'relu' }),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({
    optimizer: optimizers.rmsprop(),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const history = await model.fit(train.x, train.y, {
    batchSize: 50,
    epochs,
    validationSplit: 0.2,
  });
  savePicture(history, 'peptides');
  return printTest(model, test, ['no binder', 'weak', 'strong']);
});
