const used = new Map<string, number>();

/** A name for an object of that class, as Keras counts: dense, dense_1, dense_2, ... */
export function uniqueName(className: string): string {
  const base = snakeCase(className);
  const count = used.get(base) ?? 0;
  used.set(base, count + 1);
  return count === 0 ? base : `${base}_${count}`;
}

/** 'MaxPooling2D' as 'max_pooling2d'. */
export function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z0-9]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
