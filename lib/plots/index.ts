export { type HistoryLike, type HistoryOptions, history } from '../pictures/history.js';
export { Picture } from '../pictures/picture.js';
export { type ConfusionMatrixOptions, confusionMatrix } from './confusion_matrix.js';
export { confusionMatrixText } from './confusion_matrix_text.js';
