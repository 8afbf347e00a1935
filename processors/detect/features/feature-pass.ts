import type { FeatureSet } from '../../../schemas/feature-set.ts';
import type { ClientCharset } from '../../mask/client-charset.ts';
import { clientCharset } from '../../mask/client-charset.ts';
import { findAdministration } from './administration.ts';
import { ATTACK_FEATURES, DEED_FEATURES } from './attack-features.ts';
import { findCalls } from './calls.ts';
import { findCatalogue } from './catalogue.ts';
import { findComments } from './comments.ts';
import { findConditions } from './conditions.ts';
import { findDynamicSql } from './dynamic-sql.ts';
import { FoundFeatures, featureOf } from './found-features.ts';
import { findInertAttempts } from './inert-attempt.ts';
import { findProbes } from './probes.ts';
import { findSettings } from './settings.ts';
import { findStacked } from './stacked.ts';
import { TokenBuffer } from './token-buffer.ts';
import { findUnions } from './unions.ts';
import { id, ids } from './words.ts';
import { findWrites } from './writes.ts';

const BROKEN_QUOTES = featureOf('broken_quotes');
/** How a text is written, not what it does. */
const OF_WRITING = [featureOf('random_case'), featureOf('glued_keyword')];
const INNER_ATTACK = featureOf('inner_attack');
/** First words of statements that hide no more than literals from their masked text; those of others may be secrets. */
const PLAIN = ids('select insert update delete replace with commit rollback begin start show use');
const PASSWORD = id('password');

/** Bytes of a text within a statement that are looked into. */
const LONGEST_INNER = 64 * 1024;

/**
 * Finds the features of one statement in its tokens. Linear in its length, for any bytes; never throws. Texts within it that are SQL are
 * looked into once, texts within those not.
 */
export class FeaturePass {
  private readonly tokens: TokenBuffer;
  private readonly found = new FoundFeatures();
  /** For texts within statements; null in the pass that looks at these. */
  private readonly inner: FeaturePass | null;
  /** Whether what the last run found follows from the masked text: it holds for all statements with the same one. */
  isOfShape = true;

  constructor(isInner = false) {
    this.tokens = new TokenBuffer(clientCharset('utf8mb4'));
    this.inner = isInner ? null : new FeaturePass(true);
  }

  run(
    bytes: Uint8Array,
    start: number,
    end: number,
    set: ClientCharset,
    noBackslashEscapes: boolean | null,
    ansiQuotes: boolean | null,
    isWhole = true,
    isOrdinary = false,
  ): FeatureSet {
    const { tokens, found, inner } = this;
    found.clear();
    tokens.begin(bytes, start, end, set, noBackslashEscapes, ansiQuotes);
    let hasLooked = false;
    while (tokens.fill()) {
      findConditions(tokens, found);
      findUnions(tokens, found);
      findCalls(tokens, found);
      findProbes(tokens, found);
      findComments(tokens, found);
      findStacked(tokens, found);
      findAdministration(tokens, found);
      findSettings(tokens, found);
      findWrites(tokens, found);
      findCatalogue(tokens, found);
      if (inner !== null) findDynamicSql(tokens, found, (text, isWhole) => this.lookInto(text, isWhole));
      if (inner !== null && !isOrdinary) {
        findInertAttempts(tokens, found, (text, quote) => this.isAttack(text, quote));
      }
      hasLooked ||= tokens.hasLooked;
      if (tokens.isLast && isWhole && tokens.lexer.isUnclosed && !tokens.isInHint) found.add(BROKEN_QUOTES);
    }
    if (!isPlain(tokens)) hasLooked = true;
    if (tokens.lexer.isOutOfPhase || tokens.lexer.isUnclosed || tokens.lexer.isUnsure) hasLooked = true;
    this.isOfShape = !hasLooked && !tokens.hasLooked;
    // These show only in the text itself: an ordinary one without literals that matter is taken for its masked form.
    if (isOrdinary && this.isOfShape) for (const feature of OF_WRITING) found.remove(feature);
    return found.set();
  }

  private lookInto(text: string, isWhole: boolean): void {
    const features = this.innerFeatures(text);
    if (features === null) return;
    if (ATTACK_FEATURES.some((feature) => features.has(feature))) this.found.add(INNER_ATTACK);
    if (!isWhole) return;
    for (const feature of DEED_FEATURES) if (features.has(feature)) this.found.add(feature);
  }

  private isAttack(text: string, quote: string): boolean {
    const features = this.innerFeatures(`SELECT a FROM t WHERE b=${quote}${text}${quote} AND c=${quote}d${quote}`);
    return features !== null && ATTACK_FEATURES.some((feature) => features.has(feature));
  }

  private innerFeatures(text: string): FeatureSet | null {
    if (this.inner === null) return null;
    const bytes = Buffer.from(text.slice(0, LONGEST_INNER), 'latin1');
    return this.inner.run(bytes, 0, bytes.length, clientCharset('latin1'), false, false);
  }
}

function isPlain({ code, length }: TokenBuffer): boolean {
  return length > 0 && PLAIN.has(code[0]!) && code[1] !== PASSWORD;
}
