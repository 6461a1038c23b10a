import { createRequire } from 'node:module';
import { LugeError } from '../core/errors.js';

interface Resvg {
  render(): { asPng(): Uint8Array };
}

type ResvgClass = new (
  svg: string,
  options: { fitTo: { mode: 'zoom'; value: number }; font: { loadSystemFonts: boolean } },
) => Resvg;

const kPackage = '@resvg/resvg-js';

/**
 * SVG as the bytes of a PNG file, `scale` dots for each pixel. The rasterizer is an optional package
 * and loaded when first used.
 */
export function rasterize(svg: string, scale: number): Uint8Array {
  const Resvg = load();
  const options = {
    fitTo: { mode: 'zoom', value: scale },
    font: { loadSystemFonts: true },
  } as const;
  return new Resvg(svg, options).render().asPng();
}

function load(): ResvgClass {
  try {
    return (createRequire(import.meta.url)(kPackage) as { Resvg: ResvgClass }).Resvg;
  } catch (error) {
    throw new LugeError(
      'UNSUPPORTED',
      `A PNG needs the package ${kPackage}, which cannot be loaded. Install it with ` +
        `\`npm install ${kPackage}\`, or save the picture as '.svg'.`,
      { cause: error },
    );
  }
}
