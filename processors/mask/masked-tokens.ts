/** Kinds of token in a masked text, which holds no literals and no comments. */
export type MaskedKind = 'word' | 'quoted' | 'variable' | 'mark' | 'open' | 'close' | 'punct' | 'end';

const IS_WORD: readonly boolean[] = Array.from({ length: 128 }, (_, c) => /[A-Za-z0-9_$]/.test(String.fromCharCode(c)));

/** Steps through a masked text token by token, in linear time. `text.slice(start, end)` is the token as written. */
export class MaskedTokens {
  kind: MaskedKind = 'end';
  start = 0;
  end = 0;
  readonly text: string;
  private isInside = false;

  constructor(text: string) {
    this.text = text;
  }

  get value(): string {
    return this.text.slice(this.start, this.end);
  }

  next(): MaskedKind {
    const text = this.text;
    let at = this.end;
    while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
    this.start = at;
    if (at >= text.length) return this.take('end', at);
    const c = text.charCodeAt(at);
    if (isWord(c)) return this.take('word', wordEnd(text, at));
    if (c === 0x3f) return this.take('mark', at + 1);
    if (c === 0x60 || c === 0x22) return this.take('quoted', quotedEnd(text, at, c));
    if (c === 0x2f && text.charCodeAt(at + 1) === 0x2a) {
      this.isInside = true;
      let end = at + 2;
      while (end < text.length && text.charCodeAt(end) > 0x20 && text.charCodeAt(end) !== 0x2a) end++;
      return this.take('open', end);
    }
    if (this.isInside && c === 0x2a && text.charCodeAt(at + 1) === 0x2f) {
      this.isInside = false;
      return this.take('close', at + 2);
    }
    if (c === 0x40) {
      if (text.charCodeAt(at + 1) === 0x40) return this.take('punct', at + 2);
      const end = variableEnd(text, at + 1);
      return this.take(end > at + 1 ? 'variable' : 'punct', end);
    }
    return this.take('punct', at + 1);
  }

  private take(kind: MaskedKind, end: number): MaskedKind {
    this.kind = kind;
    this.end = end;
    return kind;
  }
}

function isWord(c: number): boolean {
  return c < 128 ? IS_WORD[c]! : true;
}

function wordEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && isWord(text.charCodeAt(at))) at++;
  return at;
}

function variableEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && (isWord(text.charCodeAt(at)) || text.charCodeAt(at) === 0x2e)) at++;
  return at;
}

function quotedEnd(text: string, start: number, quote: number): number {
  let at = start + 1;
  while (at < text.length) {
    if (text.charCodeAt(at++) !== quote) continue;
    if (text.charCodeAt(at) !== quote) return at;
    at++;
  }
  return at;
}
