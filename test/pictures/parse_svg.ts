import type { Picture } from '../../lib/plots/index.js';

export interface SvgNode {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: SvgNode[];
  /** The text directly inside, with entities resolved. */
  text: string;
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** A strict reader for the XML that pictures are made of: throws for anything not well-formed. */
export function parseSvg(picture: string | Picture): SvgNode {
  const svg = `${picture}`;
  const root: SvgNode = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const token = /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  while (token.lastIndex < svg.length) {
    const at = token.lastIndex;
    const [match, closing, name = '', list = '', empty, text] = token.exec(svg) ?? [];
    if (match === undefined) throw new Error(`Not well-formed: ${svg.slice(at, at + 60)}`);
    const parent = open.at(-1) as SvgNode;
    if (text !== undefined) {
      parent.text += resolve(text);
    } else if (closing) {
      if (parent.name !== name) throw new Error(`</${name}> closes <${parent.name}>`);
      open.pop();
    } else {
      const attributes: Record<string, string> = {};
      for (const [, key, value] of list.matchAll(/ ([\w:-]+)="([^"]*)"/g)) {
        if ((key as string) in attributes) throw new Error(`<${name}> has ${key} twice`);
        attributes[key as string] = resolve(value as string);
      }
      const node: SvgNode = { name, attributes, children: [], text: '' };
      parent.children.push(node);
      if (!empty) open.push(node);
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.name}> is not closed`);
  if (root.children.length !== 1) throw new Error('There must be one root element');
  return root.children[0] as SvgNode;
}

/** Every node of one name, in the order of the text. */
export function find(node: SvgNode, name: string): SvgNode[] {
  return node.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...find(child, name),
  ]);
}

export function texts(node: SvgNode): string[] {
  return find(node, 'text').map((child) => child.text);
}

function resolve(text: string): string {
  return text.replace(/&(\w*);?/g, (whole, name: string) => {
    const letter = entities[name];
    if (letter === undefined || whole !== `&${name};`) throw new Error(`Bad entity ${whole}`);
    return letter;
  });
}
