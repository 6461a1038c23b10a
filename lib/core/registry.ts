import { LugeError, unknownName } from './errors.js';

/** The settings of an object as Keras writes them: snake_case keys, plain values. */
export type Config = Record<string, unknown>;

/** An object in a configuration file: its class and its settings. */
export interface ClassConfig {
  readonly class_name: string;
  readonly config?: Config;
}

/** What can be written to a configuration file. */
export interface Configurable {
  readonly className: string;
  getConfig(): Config;
}

/** A class that can be made again from its settings. */
export interface ConfigurableClass<T> {
  readonly className: string;
  fromConfig(config: Config): T;
}

/** The class's own `className`, or the name of the JavaScript class when it declares none. */
export function classNameOf(type: object): string {
  const { className, name } = type as { className: string; name: string };
  return Object.hasOwn(type, 'className') ? className : name;
}

/** `{ class_name, config }` of an object; null of nothing. */
export function serialize(object: Configurable | undefined): ClassConfig | null {
  return object === undefined ? null : { class_name: object.className, config: object.getConfig() };
}

/** Options from settings: camelCase keys; null stands for an option that is not given. */
export function optionsFromConfig(config: Config): Config {
  const options: Config = {};
  for (const [key, value] of Object.entries(config)) {
    const name = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    if (value !== null && value !== undefined) options[name] = value;
  }
  return options;
}

/**
 * The classes of one kind by name. Case and underscores do not count, so that 'glorotUniform',
 * 'glorot_uniform' and 'GlorotUniform' are the same.
 */
export class Registry<T extends Configurable> {
  private readonly kind: string;
  private readonly made: new (
    ...args: never[]
  ) => T;
  private readonly classes = new Map<string, ConfigurableClass<T>>();
  private readonly shown: string[] = [];

  /**
   * @param kind how errors call it, such as 'initializer'.
   * @param made the class that all of them extend.
   */
  constructor(kind: string, made: abstract new (...args: never[]) => T) {
    this.kind = kind;
    this.made = made as new (...args: never[]) => T;
  }

  /** Makes a class known by its class name and any aliases. */
  add(type: ConfigurableClass<T>, ...aliases: string[]): void {
    const className = classNameOf(type);
    this.shown.push(camelCase(className), ...aliases);
    for (const name of [className, ...aliases]) this.classes.set(plain(name), type);
  }

  /** Whether there is a class of that name. */
  has(name: string): boolean {
    return this.classes.has(plain(name));
  }

  /** The object itself, or one made from a name or a configuration. */
  get(identifier: string | ClassConfig | T): T {
    if (identifier instanceof this.made) return identifier;
    if (typeof identifier === 'string') return this.find(identifier).fromConfig({});
    if (isClassConfig(identifier)) {
      return this.find(identifier.class_name).fromConfig(identifier.config ?? {});
    }
    throw new LugeError(
      'BAD_ARGUMENT',
      `${this.kind} must be a name, a configuration { class_name, config } or an object made by luge, ` +
        `but got ${show(identifier)}.`,
    );
  }

  private find(name: string): ConfigurableClass<T> {
    const found = this.classes.get(plain(name));
    if (found === undefined) throw unknownName(this.kind, name, this.shown);
    return found;
  }
}

export function isClassConfig(value: unknown): value is ClassConfig {
  return typeof value === 'object' && value !== null && 'class_name' in value;
}

/** As users write it: 'heNormal' for HeNormal, 'rmsprop' for RMSprop. */
function camelCase(className: string): string {
  if (/[A-Z]{2}/.test(className)) return className.toLowerCase();
  return className.charAt(0).toLowerCase() + className.slice(1);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function (call it to make the object)';
  return typeof value === 'object' ? 'another object' : String(value);
}
