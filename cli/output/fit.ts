import { cutText, textWidth, visibleText } from './visible-text.ts';

/** Text in exactly `width` columns of a terminal: made visible, white space folded, cut with `…` or padded. */
export function fit(text: string, width: number, alignRight: boolean): string {
  const cut = cutText(visibleText(text.replace(/\s+/g, ' ')), width);
  const padding = ' '.repeat(Math.max(0, width - textWidth(cut)));
  return alignRight ? padding + cut : cut + padding;
}
