// Prints what the machine reaches at most on one and on all threads, as JSON: limits.js THREADS
import { setThreads } from '../../lib/runtime/backend.js';
import { measureLimits } from '../../lib/runtime/limits.js';

for (const threads of new Set([1, Number(process.argv[2])])) {
  setThreads(threads);
  console.log(JSON.stringify({ threads, ...measureLimits(600) }));
}
