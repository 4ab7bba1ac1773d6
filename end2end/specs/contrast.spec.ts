// The colours of style/tokens.css in light and dark: text has a contrast of 4.5:1 or more on every ground it stands
// on, edges of controls and marks 3:1 (WCAG 2.2, 1.4.3 and 1.4.11). Computed, so that no page has to show each pair.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';

const tokens = readFileSync(new URL('../../style/tokens.css', import.meta.url), 'utf8');

const texts = ['text', 'muted', 'accent', 'accent-strong'];
const grounds = ['ground', 'surface', 'raised', 'sunken', 'hover'];
const families = ['good', 'wait', 'held', 'bad', 'none'];

const readable: [string, string][] = [
  ...texts.flatMap((text) => grounds.map((ground): [string, string] => [text, ground])),
  ...families.map((family): [string, string] => [`${family}-ink`, `${family}-wash`]),
  ...families.flatMap((family) => ['ground', 'surface'].map((ground): [string, string] => [`${family}-ink`, ground])),
  ...families.map((family): [string, string] => ['text', `${family}-wash`]),
  ['accent-text', 'accent'],
  ['accent-text', 'accent-strong'],
  ['text', 'accent-wash'],
  ['accent', 'accent-wash'],
];

const visible: [string, string][] = [
  ...['ground', 'surface', 'raised'].map((ground): [string, string] => ['control', ground]),
  ...grounds.map((ground): [string, string] => ['focus', ground]),
];

for (const [index, scheme] of ['light', 'dark'].entries()) {
  test(`${scheme} colours can be told apart`, () => {
    const tooWeak = [
      ...readable.filter(([ink, ground]) => contrast(ink, ground, index) < 4.5),
      ...visible.filter(([ink, ground]) => contrast(ink, ground, index) < 3),
    ].map(([ink, ground]) => `${ink} on ${ground}: ${contrast(ink, ground, index).toFixed(2)}`);
    expect(tooWeak).toEqual([]);
  });
}

function contrast(ink: string, ground: string, index: number): number {
  const [lighter, darker] = [luminance(colour(ink, index)), luminance(colour(ground, index))].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** A token's colour in the light (0) or the dark (1) scheme. */
function colour(token: string, index: number): string {
  const found = tokens.match(new RegExp(`--${token}: light-dark\\(#([0-9a-f]{6}), #([0-9a-f]{6})\\);`));
  if (!found) throw new Error(`style/tokens.css has no colour --${token}`);
  return found[1 + index];
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [red, green, blue] = [0, 2, 4].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
