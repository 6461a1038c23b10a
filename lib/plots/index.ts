export { type ConfusionMatrixOptions, confusionMatrix } from './confusion_matrix.js';
export { confusionMatrixText } from './confusion_matrix_text.js';
export { type HistoryLike, history } from './history.js';
